import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Answer, httpDate } from './answer.ts';

/** Says where to close the connection in the middle of an answer. */
export interface Truncation {
  /** Bytes of the body to send first; half of the body when undefined. */
  readonly bytes?: number | undefined;
}

function writeHead(outgoing: ServerResponse, answer: Answer, ids: Readonly<Record<string, string>>): void {
  outgoing.statusCode = answer.status;
  for (const [name, value] of Object.entries({ ...ids, ...answer.headers })) {
    if (value !== undefined) outgoing.setHeader(name, value);
  }
  outgoing.setHeader('server', 'AmazonS3');
  // Signatures and sessions are checked against this clock. Clients use the header to correct their own.
  outgoing.setHeader('date', httpDate(Date.now()));
}

async function truncate(
  outgoing: ServerResponse,
  body: Buffer | Readable | undefined,
  { bytes }: Truncation,
): Promise<void> {
  const announced = Number(outgoing.getHeader('content-length') ?? 0);
  let left = bytes ?? Math.floor(announced / 2);
  outgoing.flushHeaders();
  for await (const chunk of body instanceof Readable
    ? body
    : Readable.from(body === undefined ? [] : [body])) {
    if (left <= 0) break;
    await new Promise((resolve) => outgoing.write((chunk as Buffer).subarray(0, left), resolve));
    left -= (chunk as Buffer).length;
  }
  outgoing.destroy();
}

function toBody(answer: Answer): Buffer | Readable | undefined {
  return typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body;
}

/** Sends an answer. A HEAD request gets only the headers. A client that closed the connection does not cause an error. */
export async function sendAnswer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  answer: Answer,
  ids: Readonly<Record<string, string>>,
  truncation: Truncation | undefined,
): Promise<void> {
  writeHead(outgoing, answer, ids);
  const body = toBody(answer);
  if (!incoming.complete) incoming.resume();
  if (incoming.method === 'HEAD') return void outgoing.end();
  if (!(body instanceof Readable) && answer.status !== 204 && answer.status !== 304) {
    outgoing.setHeader('content-length', body?.length ?? 0);
  }
  if (truncation !== undefined) return truncate(outgoing, body, truncation);
  if (!(body instanceof Readable)) return void outgoing.end(body);
  await pipeline(body, outgoing).catch(() => outgoing.destroy());
}
