import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Rule } from '../src/rules/rule.ts';
import { startSandboxStore } from '../src/server.ts';
import { startChildStore } from './child-store.ts';
import { bytes, MiB, md5 } from './conformance/bodies.ts';
import { bucket, local, makeClient } from './sandbox.ts';

let dataDirectory: string;

beforeAll(() => {
  dataDirectory = mkdtempSync(join(tmpdir(), 'sandbox-crash-'));
});
afterAll(() => rmSync(dataDirectory, { recursive: true, force: true }));

interface Child {
  readonly s3: S3Client;
  /** Kills the process with SIGKILL. */
  kill(): Promise<void>;
}

/** Starts the store in another process. */
async function startChild(faults: readonly Rule[] = []): Promise<Child> {
  const { url, stop } = await startChildStore(dataDirectory, faults);
  return { s3: makeClient(url, local), kill: stop };
}

function blobFiles(): string[] {
  return readdirSync(join(dataDirectory, 'blobs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
}

/** Compares the size and the MD5 of every object with the listing. @returns the number of objects */
async function checkAllObjects(s3: S3Client): Promise<number> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  for (const { Key, ETag, Size } of Contents) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
    const body = Buffer.from((await Body?.transformToByteArray()) ?? []);
    expect([Key, body.length, `"${md5(body)}"`]).toEqual([Key, Size, ETag]);
  }
  return Contents.length;
}

describe('a store whose process is killed', () => {
  it('has every object that it had confirmed, and no incomplete objects, after it restarts', async () => {
    const answered: string[] = [];
    for (const wait of [30, 60, 110, 170]) {
      const { s3, kill } = await startChild();
      await s3.send(new CreateBucketCommand({ Bucket: bucket }));
      const writers = Promise.allSettled(
        [0, 1, 2, 3].map(async (writer) => {
          for (let n = 0; ; n++) {
            const key = `${wait}-${writer}-${n}`;
            await s3.send(
              new PutObjectCommand({
                Bucket: bucket,
                Key: key,
                Body: bytes(n % 2 === 0 ? 3 * MiB : 2000, n + 1),
              }),
            );
            answered.push(key);
          }
        }),
      );
      await new Promise((resolve) => setTimeout(resolve, wait));
      await kill();
      await writers;
    }
    const { s3, kill } = await startChild();
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
    expect(Contents.map(({ Key }) => Key)).toEqual(expect.arrayContaining(answered));
    expect(await checkAllObjects(s3)).toBeGreaterThanOrEqual(answered.length);
    const large = Contents.filter(({ Size = 0 }) => Size > MiB).length;
    expect(blobFiles()).toHaveLength(large); // The files of incomplete objects are removed.
    await kill();
  });

  it('has the old object if it was killed before an overwrite took effect, and otherwise the new one', async () => {
    const key = { Bucket: bucket, Key: 'overwritten' };
    for (const when of ['before', 'after'] as const) {
      const first = await startChild([
        { kind: 'reset', operation: 'PutObject', key: 'overwritten', when, skip: 1 },
      ]);
      await first.s3.send(new PutObjectCommand({ ...key, Body: 'old' }));
      await expect(first.s3.send(new PutObjectCommand({ ...key, Body: 'new' }))).rejects.toThrow();
      await first.kill();
      const second = await startChild();
      const { Body } = await second.s3.send(new GetObjectCommand(key));
      expect(await Body?.transformToString()).toBe(when === 'before' ? 'old' : 'new');
      await second.kill();
    }
  });

  it('continues a multipart upload with the parts that it had received', async () => {
    const address = { Bucket: bucket, Key: 'resumed' };
    const first = await startChild();
    const { UploadId } = await first.s3.send(new CreateMultipartUploadCommand(address));
    const big = bytes(5 * MiB);
    await first.s3.send(new UploadPartCommand({ ...address, UploadId, PartNumber: 1, Body: big }));
    await first.kill();
    const second = await startChild();
    await second.s3.send(new UploadPartCommand({ ...address, UploadId, PartNumber: 2, Body: 'end' }));
    const { Parts } = await second.s3.send(new ListPartsCommand({ ...address, UploadId }));
    await second.s3.send(
      new CompleteMultipartUploadCommand({ ...address, UploadId, MultipartUpload: { Parts } }),
    );
    await second.s3.send(
      new CopyObjectCommand({ Bucket: bucket, Key: 'resumed-copy', CopySource: `${bucket}/resumed` }),
    );
    await second.kill();
    const third = await startChild();
    const { ETag } = await third.s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'resumed-copy' }));
    expect(ETag).toBe(`"${md5(Buffer.concat([big, Buffer.from('end')]))}"`);
    await third.kill();
  });
});

it('a second store cannot start with a data directory that is in use', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'sandbox-twice-'));
  const store = await startSandboxStore({ dataDirectory: directory });
  await expect(startSandboxStore({ dataDirectory: directory })).rejects.toThrow(/in use/);
  await store.close();
  const again = await startSandboxStore({ dataDirectory: directory });
  await again.close();
  rmSync(directory, { recursive: true });
});
