import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';

/**
 * Makes a client read each answer completely before it returns it. The SDK returns bodies as streams and checks their
 * checksums while they are read. If a test does not read a body and the connection closes, the stream emits an error that
 * no test can catch. With this function, the request itself fails when its answer is cut off.
 */
export function readWholeAnswers(client: S3Client): S3Client {
  client.middlewareStack.add(
    (next) => async (request) => {
      const result = await next(request);
      const answer = result.response as { body?: unknown };
      if (answer.body instanceof Readable) {
        const chunks: Buffer[] = await answer.body.toArray();
        answer.body = Readable.from([Buffer.concat(chunks)]);
      }
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'readWholeAnswers' },
  );
  return client;
}
