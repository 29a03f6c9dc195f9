import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';

/**
 * Makes a client read each answer to its end before it hands it over. The SDK streams bodies and holds them to their
 * checksums as they pass; the stream of a body that a test does not read reports a connection closed meanwhile as an
 * error that nobody can catch. Read at once, an answer cut off fails its own request.
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
