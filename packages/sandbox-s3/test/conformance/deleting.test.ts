import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { md5, sha256 } from './bodies.ts';
import { errorCode, expectError } from './expectations.ts';
import { fact, startJudge, type World } from './fact.ts';
import { sources } from './sources.ts';

startJudge();

fact(
  'DeleteObjects deletes up to 1,000 keys, and reports each, whether or not it exists',
  sources.deleteMany,
  async ({ s3, newBucket }) => {
    const bucket = await newBucket();
    for (const key of ['a', 'b', '<&"\'>', '\u00e9 +'])
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: 'x' }));
    const keys = ['a', '<&"\'>', '\u00e9 +', 'never there'];
    const answer = await s3.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: keys.map((Key) => ({ Key })) } }),
    );
    expect(answer.Deleted?.map(({ Key }) => Key).sort()).toEqual([...keys].sort());
    expect(answer.Errors).toBeUndefined();
    const left = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
    expect(left.Contents?.map(({ Key }) => Key)).toEqual(['b']);
  },
);

fact(
  'a bypass of governance in a bucket without Object Lock is answered InvalidArgument',
  sources.recordedRequests,
  async ({ s3, bucket }) => {
    const address = { Bucket: bucket, Key: 'unlocked' };
    await s3.send(new PutObjectCommand({ ...address, Body: 'x' }));
    await expectError(
      s3.send(new DeleteObjectCommand({ ...address, BypassGovernanceRetention: true })),
      'InvalidArgument',
      400,
    );
    await s3.send(new HeadObjectCommand(address));
  },
);

fact('a quiet DeleteObjects reports only errors', sources.deleteMany, async ({ s3, bucket }) => {
  const answer = await s3.send(
    new DeleteObjectsCommand({ Bucket: bucket, Delete: { Quiet: true, Objects: [{ Key: 'x' }] } }),
  );
  expect(answer.Deleted).toBeUndefined();
});

fact(
  'a DeleteObjects with more than 1,000 keys is answered MalformedXML',
  sources.deleteMany,
  async ({ s3, bucket }) => {
    const objects = Array.from({ length: 1001 }, (_, index) => ({ Key: `k${index}` }));
    await expectError(
      s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: objects } })),
      'MalformedXML',
      400,
    );
  },
);

fact(
  'a DeleteObjects with a key that XML 1.0 cannot contain is answered MalformedXML',
  sources.xmlKeys,
  async ({ s3, bucket }) => {
    const remove = new DeleteObjectsCommand({
      Bucket: bucket,
      Delete: { Objects: [{ Key: 'control-\u0001' }] },
    });
    await expectError(s3.send(remove), 'MalformedXML', 400);
  },
);

fact(
  'a DeleteObjects with a wrong Content-MD5 deletes nothing',
  sources.deleteMany,
  async ({ s3, bucket, raw }) => {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'kept', Body: 'x' }));
    const body = '<Delete><Object><Key>kept</Key></Object></Delete>';
    const headers = { 'content-md5': 'XrY7u+Ae7tCTyyK7j1rNww==' };
    const answer = await raw({ method: 'POST', path: `/${bucket}`, query: 'delete=', headers, body });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('<Code>BadDigest</Code>');
  },
);

const oneKey = '<Delete><Object><Key>kept</Key></Object></Delete>';

async function deleteKept({ raw, s3, bucket }: World, headers: Record<string, string>) {
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'kept', Body: 'x' }));
  const request = { method: 'POST', path: `/${bucket}`, query: 'delete=', body: oneKey, headers };
  const answer = await raw(request);
  const left = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: 'kept' }));
  return { status: answer.status, code: errorCode(answer.text), kept: left.KeyCount };
}

fact('a DeleteObjects with a wrong checksum deletes nothing', sources.checksums, async (world) => {
  const answer = await deleteKept(world, { 'x-amz-checksum-sha256': sha256('something else') });
  expect(answer).toEqual({ status: 400, code: 'BadDigest', kept: 1 });
});

fact(
  'a DeleteObjects without a Content-MD5 or a checksum is answered InvalidRequest',
  sources.deleteMany,
  async (world) => {
    expect(await deleteKept(world, {})).toEqual({ status: 400, code: 'InvalidRequest', kept: 1 });
  },
);

fact('a DeleteObjects succeeds with a checksum or a Content-MD5', sources.deleteMany, async (world) => {
  const proofs: Record<string, string>[] = [
    { 'x-amz-checksum-sha256': sha256(oneKey) },
    { 'content-md5': Buffer.from(md5(oneKey), 'hex').toString('base64') },
  ];
  for (const headers of proofs)
    expect(await deleteKept(world, headers)).toEqual({ status: 200, code: undefined, kept: 0 });
});
