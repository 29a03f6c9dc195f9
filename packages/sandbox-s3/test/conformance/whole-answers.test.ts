import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, expect, it } from 'vitest';
import { readWholeAnswers } from './whole-answers.ts';

const object = { Bucket: 'bucket', Key: 'key' };
// When an answer has a checksum, the SDK wraps the body in another stream.
const headers = { 'content-length': '5', 'x-amz-checksum-crc32': 'NhCmhg==' };
let server: Server;
let client: S3Client;

afterEach(() => {
  client.destroy();
  server.close();
});

async function serve(listener: RequestListener): Promise<void> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const options = { endpoint, region: 'us-east-1', forcePathStyle: true, maxAttempts: 1, credentials };
  client = readWholeAnswers(new S3Client(options));
}

it('a request fails when its answer is cut off, even if its body is not read', async () => {
  await serve((_request, response) => {
    response.writeHead(200, headers).write('h', () => response.destroy());
  });
  await expect(client.send(new GetObjectCommand(object))).rejects.toMatchObject({ code: 'ECONNRESET' });
});

it('a connection that closes after an answer is not an error, even if its body is not read', async () => {
  await serve((_request, response) => {
    response.writeHead(200, headers).flushHeaders();
    setTimeout(() => response.end('hello'), 20);
  });
  await client.send(new GetObjectCommand(object));
  client.destroy();
  await new Promise((resolve) => setTimeout(resolve, 50));
});

it('a complete answer is returned unchanged', async () => {
  await serve((_request, response) => response.writeHead(200, headers).end('hello'));
  const answer = await client.send(new GetObjectCommand(object));
  expect(await answer.Body?.transformToString()).toBe('hello');
});
