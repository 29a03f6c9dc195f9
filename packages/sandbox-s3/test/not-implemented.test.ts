import {
  CreateBucketCommand,
  GetBucketPolicyCommand,
  RenameObjectCommand,
  SelectObjectContentCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sendRaw } from './conformance/raw-request.ts';
import { bucket, local, type Sandbox, startSandbox } from './sandbox.ts';

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

it('the store names an operation that it does not implement', async () => {
  const { s3 } = sandbox;
  const refused = { name: 'NotImplemented', $metadata: { httpStatusCode: 501 } };
  await expect(s3.send(new GetBucketPolicyCommand({ Bucket: bucket }))).rejects.toMatchObject({
    ...refused,
    message: 'GetBucketPolicy is not implemented',
  });
  const rename = new RenameObjectCommand({ Bucket: bucket, Key: 'b', RenameSource: `/${bucket}/a` });
  await expect(s3.send(rename)).rejects.toMatchObject({
    ...refused,
    message: 'RenameObject is not implemented',
  });
  const select = new SelectObjectContentCommand({
    Bucket: bucket,
    Key: 'a',
    Expression: 'select 1',
    ExpressionType: 'SQL',
    InputSerialization: { CSV: {} },
    OutputSerialization: { CSV: {} },
  });
  await expect(s3.send(select)).rejects.toMatchObject({ message: 'SelectObjectContent is not implemented' });
});

it.each([
  { method: 'DELETE', query: 'lifecycle=', name: 'DeleteBucketLifecycle' },
  { method: 'GET', query: 'inventory=', name: 'ListBucketInventoryConfigurations' },
  { method: 'GET', query: 'id=a&inventory=', name: 'GetBucketInventoryConfiguration' },
  { method: 'PUT', query: 'notification=', name: 'PutBucketNotificationConfiguration' },
])('the store calls $method ?$query $name, as S3 does', async ({ method, query, name }) => {
  const target = { ...local, endpoint: sandbox.store.url };
  const answer = await sendRaw(target, { method, path: `/${bucket}`, query });
  expect(answer.text).toContain(`<Message>${name} is not implemented</Message>`);
});

it('the store names an element of a CreateBucket document that it does not implement', async () => {
  const create = new CreateBucketCommand({
    Bucket: 'tagged-bucket',
    CreateBucketConfiguration: { Tags: [{ Key: 'a', Value: 'b' }] },
  });
  await expect(sandbox.s3.send(create)).rejects.toMatchObject({
    name: 'NotImplemented',
    message: 'CreateBucket with Tags is not implemented',
  });
});

it('the store names a header or parameter that it does not implement', async () => {
  const target = { ...local, endpoint: sandbox.store.url };
  const header = await sendRaw(target, {
    method: 'PUT',
    path: `/${bucket}/k`,
    headers: { 'x-amz-write-offset-bytes': '0' },
    body: 'x',
  });
  expect(header.status).toBe(501);
  expect(header.text).toContain(
    '<Message>PutObject with the header x-amz-write-offset-bytes is not implemented</Message>',
  );
  const parameter = await sendRaw(target, { method: 'GET', path: `/${bucket}/k`, query: 'color=red' });
  expect(parameter.status).toBe(501);
  expect(parameter.text).toContain(
    '<Message>GetObject with the parameter color is not implemented</Message>',
  );
});
