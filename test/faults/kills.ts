import { buckets, type Scenario } from './scenario.ts';

/** What a run is killed in: each way to copy multipart objects, with and without what comes behind it. */
export const killed = ['staged', 'direct'] as const;
export type Killed = (typeof killed)[number];

/**
 * The scenario that is killed at every request: objects of all ways to be copied and keys to be deleted, and nothing
 * else goes wrong.
 *
 * @param at the request of a function in the middle of which the process is killed; none when left out
 */
export const killScenario = (strategy: Killed, at?: number): Scenario => ({
  seed: 0,
  objects: [
    { key: 'simple', parts: 0, before: 'other' },
    { key: 'in one worker', parts: 2, properties },
    { key: 'fanned/out', parts: 4, before: 'as-long' },
  ],
  extras: ['gone', 'gone\t'],
  isVersioned: at !== undefined && at % 4 > 1,
  request: {
    src: `s3://${buckets.source}`,
    dest: `s3://${buckets.destination}`,
    partSize: '5MiB',
    fanOutAbove: '15MiB',
    strategy,
    keepParts: at === undefined || at % 2 === 0,
    delete: true,
    maxDelete: { count: 1000, percent: 10 },
    preserve: ['metadata', 'tags', 'storageClass'],
    workers: 1,
    concurrency: 2,
  },
  faults: [],
  changes: [],
  invocations: [],
  kills: at === undefined ? [] : [at],
});

const properties = {
  metadata: { plain: 'a, b' },
  // More than the header of an upload may hold: written to the published version.
  tags: Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`tag ${n}`, 'v'.repeat(250)])),
  storageClass: 'STANDARD_IA',
} as const;
