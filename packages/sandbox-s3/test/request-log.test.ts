import {
  CopyObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bucket, local, makeClient, type Sandbox, startSandbox } from './sandbox.ts';

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

it('a store counts requests by operation and bucket', async () => {
  const { s3, store } = sandbox;
  store.requests.reset();
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'k', Body: 'x' }));
  await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  await s3.send(new HeadObjectCommand({ Bucket: 'elsewhere', Key: 'k' })).catch(() => undefined);
  expect(store.requests.counts()).toEqual({ PutObject: 1, ListObjectsV2: 2, HeadObject: 1 });
  expect(store.requests.count({ operation: ['ListObjectsV2', 'HeadObject'], bucket })).toBe(2);
  expect(store.requests.count()).toBe(4);
});

it('a recording contains the principal, operation, object and outcome of each request', async () => {
  const { s3, store } = sandbox;
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'ü +', Body: 'x' }));
  const recording = store.requests.record();
  await s3.send(new CopyObjectCommand({ Bucket: bucket, Key: 'to', CopySource: `${bucket}/%C3%BC%20%2B` }));
  await makeClient(store.url, { ...local, secretAccessKey: 'wrong' })
    .send(new HeadObjectCommand({ Bucket: bucket, Key: 'to' }))
    .catch(() => undefined);
  recording.stop();
  await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'to' }));
  expect(recording.requests).toHaveLength(2);
  expect(recording.requests[0]).toMatchObject({
    operation: 'CopyObject',
    bucket,
    key: 'to',
    copySource: `${bucket}/ü +`,
    principal: 'local',
    status: 200,
    error: undefined,
  });
  expect(recording.requests[1]).toMatchObject({
    operation: 'HeadObject',
    principal: '',
    status: 403,
    error: 'SignatureDoesNotMatch',
  });
});

it('a store counts how many requests were in progress at the same time', async () => {
  const { s3, store } = sandbox;
  store.requests.reset();
  const slow = store.rules.add({ kind: 'latency', milliseconds: 100 });
  await Promise.all(
    [1, 2, 3].map((n) => s3.send(new PutObjectCommand({ Bucket: bucket, Key: `p${n}`, Body: 'x' }))),
  );
  slow.remove();
  expect(store.requests.peakInFlight).toBe(3);
});
