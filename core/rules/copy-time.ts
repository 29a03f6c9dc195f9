import { MiB } from '../model/limits.ts';

/** Slowest server-side copy that is planned for. One request was seen at some 80 MB/s in one region. */
const slowestBytesPerMillisecond = (20 * MiB) / 1000;
const requestMillis = 500;

/**
 * Milliseconds to allow for one copy request, so that none is begun that cannot end before the deadline: half a
 * second, and 20 MiB/s. The largest, 5 GiB, gets 257 s of a Lambda's 900.
 *
 * @param bytes what the request copies
 */
export const copyMillis = (bytes: number): number => requestMillis + bytes / slowestBytesPerMillisecond;
