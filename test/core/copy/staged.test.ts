import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { SandboxStore } from 'sandbox-s3/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyObject } from '../../../core/copy/copy-object.ts';
import type { PlannedObject } from '../../../core/model/batches.ts';
import { MiB } from '../../../core/model/limits.ts';
import { Deadline } from '../../../core/rules/deadline.ts';
import { copyContext } from '../../../core/run/copy-context.ts';
import { openRun } from '../../../core/run/open-run.ts';
import { ObjectStores } from '../../../core/s3/clients.ts';
import { RequestLimiter } from '../../../core/s3/request-limiter.ts';
import { prepare } from '../../../lambdas/prepare/prepare.ts';
import { startLocalStore, withoutChecksums, workBucket } from '../../support/local-store.ts';
import { uploadInParts } from '../../support/uploads.ts';

const parts = 3;
const once = { attempts: 1, firstMillis: 0, maxMillis: 0 };
const writes = [
  'PutObject',
  'CreateMultipartUpload',
  'UploadPartCopy',
  'CompleteMultipartUpload',
  'CopyObject',
];

describe('a staged copy, interrupted at each of its steps', () => {
  let store: SandboxStore;
  let s3: S3Client;
  let reader: S3Client;
  let stop: () => Promise<void>;
  let etag: string;
  let count = 0;

  beforeAll(async () => {
    ({ store, s3, stop } = await startLocalStore());
    reader = new S3Client({ region: 'us-east-1', forcePathStyle: true, ...withoutChecksums });
    await s3.send(new CreateBucketCommand({ Bucket: 'source' }));
    etag = await upload();
  });
  afterAll(() => stop());

  async function upload(): Promise<string> {
    const at = { Bucket: 'source', Key: 'big' };
    const bodies = Array.from({ length: parts }, (_, n) =>
      Buffer.alloc(n + 1 === parts ? 77 : 5 * MiB, `part ${n + 1}`),
    );
    await uploadInParts(s3, { ...at, ContentType: 'text/x' }, bodies);
    return ((await s3.send(new HeadObjectCommand(at))).ETag ?? '').replaceAll('"', '');
  }

  /** A run of its own destination, as a worker opens it. */
  async function world(request: Record<string, unknown> = {}) {
    count += 1;
    const destination = `destination-${count}`;
    await s3.send(new CreateBucketCommand({ Bucket: destination }));
    const place = { stores: new ObjectStores(), region: 'us-east-1', name: workBucket };
    const execution = { arn: `arn:${count}`, name: `run-${count}`, startTime: '2026-11-22T00:00:00Z' };
    const input = {
      logLevel: 'ERROR',
      src: 's3://source',
      dest: `s3://${destination}`,
      partSize: '5MiB',
      concurrency: 1,
      ...request,
    };
    const allowed = { source: ['*'], destination: ['*'], lists: [] };
    const invocation = { requestId: 'request', deadline: new Deadline(600_000, 0) };
    await prepare({ request: input, execution }, { workBucket: place, allowed }, invocation);
    const run = await openRun(execution.name, place);
    const size = (parts - 1) * 5 * MiB + 77;
    const object: PlannedObject = { key: 'big', target: 'big', size, etag, reason: 'new' };
    const copy = () =>
      copyObject(copyContext(run, new RequestLimiter(1, once), new Deadline(600_000, 0)), object);
    return { destination, copy };
  }

  const recorded = async (work: () => Promise<unknown>) => {
    const recording = store.requests.record();
    const result = await work();
    recording.stop();
    return { result, requests: recording.requests.filter(({ operation }) => writes.includes(operation)) };
  };

  async function expectRight(destination: string): Promise<void> {
    const [wanted, got] = await Promise.all(
      ['source', destination].map(async (Bucket) => {
        const { Body, ContentType } = await reader.send(new GetObjectCommand({ Bucket, Key: 'big' }));
        return { ContentType, bytes: (await Body?.transformToByteArray()) ?? new Uint8Array() };
      }),
    );
    expect(got?.ContentType).toBe('text/x');
    expect(Buffer.compare(wanted?.bytes as Uint8Array, got?.bytes as Uint8Array)).toBe(0);
    const { Uploads } = await s3.send(new ListMultipartUploadsCommand({ Bucket: destination }));
    expect(Uploads ?? []).toEqual([]);
  }

  const keysOf = async (bucket: string): Promise<string[]> => {
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
    return (Contents ?? []).map(({ Key = '' }) => Key);
  };

  // layout, three times (create, copy, complete), three copies, create, three copies, complete, target: 19 writes at the
  // destination, and two of the upload's record in the work bucket.
  const steps = 1 + 3 * parts + parts + 1 + parts + 1 + 1;

  it(`makes ${steps} writes at the destination when nothing happens`, async () => {
    const { destination, copy } = await world();
    const { result, requests } = await recorded(copy);
    expect(result).toMatchObject({
      status: 'copied',
      proof: 'checksum',
      checksum: { algorithm: 'CRC64NVME' },
    });
    expect(requests.filter(({ bucket }) => bucket === destination)).toHaveLength(steps);
    await expectRight(destination);
  });

  it.each(
    Array.from({ length: steps }, (_, step) => step).flatMap((step) => [
      { step, when: 'before' as const },
      { step, when: 'after' as const },
    ]),
  )(
    'goes on from the files that are there when write $step is lost $when its effect',
    async ({ step, when }) => {
      const { destination, copy } = await world();
      const rule = { kind: 'reset', operation: writes, bucket: destination, when } as const;
      const cut = store.rules.add({ ...rule, skip: step, times: 1 });
      const first = await recorded(async () => {
        const broken = store.rules.hook({ operation: writes, bucket: destination, skip: step + 1 }, () => {
          throw new Error('the invocation is dead');
        });
        const result = await copy().catch((error: Error) => error);
        broken.remove();
        return result;
      });
      cut.remove();
      const there = new Set(await keysOf(destination));

      const second = await recorded(copy);
      expect(second.result).toMatchObject({ status: 'copied' });
      await expectRight(destination);
      const again = second.requests.filter(
        ({ bucket, key }) => bucket === destination && there.has(key ?? ''),
      );
      expect(again.filter(({ key }) => /\/(?:temp|part)-\d{5}$/.test(key ?? ''))).toEqual([]);
      expect(first.requests.length).toBeLessThanOrEqual(steps + 2);
    },
  );

  it('makes a removed and a damaged part file again, and nothing else', async () => {
    const { destination, copy } = await world();
    await copy();
    const keys = await keysOf(destination);
    const temp = keys.find((key) => key.endsWith('temp-00002')) as string;
    const part = keys.find((key) => key.endsWith('part-00001')) as string;
    await s3.send(new DeleteObjectCommand({ Bucket: destination, Key: temp }));
    await s3.send(new PutObjectCommand({ Bucket: destination, Key: part, Body: 'damaged' }));
    await s3.send(new DeleteObjectCommand({ Bucket: destination, Key: 'big' }));
    const { result, requests } = await recorded(copy);
    expect(result).toMatchObject({ status: 'copied' });
    const files = requests.filter(({ key, status }) => status === 200 && /-\d{5}$/.test(key ?? ''));
    expect([...new Set(files.map(({ key }) => key?.slice(-10)))].toSorted()).toEqual([
      'part-00001',
      'temp-00002',
    ]);
    await expectRight(destination);
  });

  it('removes part files that agree with each other and not with the source, and makes them again', async () => {
    const { destination, copy } = await world();
    const hook = { operation: 'CreateMultipartUpload', bucket: destination, key: 'big', times: 1 };
    const wrong = Buffer.alloc(5 * MiB, 'wrong');
    store.rules.hook(hook, async () => {
      const keys = await keysOf(destination);
      const [temp, part] = ['temp', 'part'].map((name) => keys.find((key) => key.endsWith(`${name}-00001`)));
      const at = { Bucket: destination, Key: temp };
      await uploadInParts(s3, at, [wrong]);
      await s3.send(new PutObjectCommand({ Bucket: destination, Key: part, Body: wrong }));
    });
    const dead = store.rules.hook({ operation: 'UploadPartCopy', bucket: destination, key: 'big' }, () => {
      throw new Error('the invocation is dead');
    });
    await copy().catch((error: Error) => error);
    dead.remove();
    const first = await copy();
    expect(first).toMatchObject({ status: 'failed', error: 'BadDigest' });
    expect(first).toMatchObject({
      message: expect.stringContaining('were removed: the next attempt makes them'),
    });
    expect((await keysOf(destination)).filter((key) => /-\d{5}$|^big$/.test(key))).toEqual([]);
    expect(await copy()).toMatchObject({ status: 'copied', proof: 'checksum' });
    await expectRight(destination);
  });

  it('never shares a folder with another layout of an ETag that begins alike', async () => {
    const { destination, copy } = await world();
    const foreign = `temp/big/${etag.slice(0, 7)}/layout.json`;
    await s3.send(new PutObjectCommand({ Bucket: destination, Key: foreign, Body: '{}' }));
    expect(await copy()).toMatchObject({ status: 'copied' });
    const folders = (await keysOf(destination))
      .filter((key) => key.includes('/parts/'))
      .map((key) => key.split('/')[2]);
    expect([...new Set(folders)]).toEqual([
      expect.stringMatching(new RegExp(`^${etag.slice(0, 7)}-[0-9a-f]{8}$`)),
    ]);
    await expectRight(destination);
  });

  it('removes its part files and does not copy again when it dies before saying so', async () => {
    const { destination, copy } = await world({ keepParts: false });
    expect(await copy()).toMatchObject({ status: 'copied' });
    expect((await keysOf(destination)).filter((key) => key.includes('/parts/'))).toEqual([]);
    const { result, requests } = await recorded(copy);
    expect(result).toMatchObject({ status: 'copied' });
    expect(requests).toEqual([]);
    await expectRight(destination);
  });

  it.each(['changes', 'vanishes'])('leaves no upload of part files open when its source %s', async (how) => {
    const { destination, copy } = await world();
    const folder = `temp/big/${etag.slice(0, 7)}`;
    const ours = [`${folder}/parts/temp-00002`, `${folder}-01234567/parts/temp-00001`];
    const others = [`${folder}/0123456/parts/temp-00001`, `${folder}/parts/temp-00002/x`];
    for (const Key of [...ours, ...others])
      await s3.send(new CreateMultipartUploadCommand({ Bucket: destination, Key }));
    const at = { Bucket: 'source', Key: 'big' };
    if (how === 'changes') await s3.send(new PutObjectCommand({ ...at, Body: 'small now' }));
    else await s3.send(new DeleteObjectCommand(at));
    expect(await copy()).toMatchObject({ status: how === 'changes' ? 'copied' : 'vanished' });
    const { Uploads } = await s3.send(new ListMultipartUploadsCommand({ Bucket: destination }));
    expect((Uploads ?? []).map(({ Key }) => Key)).toEqual(others);
    expect(await upload()).toBe(etag);
  });
});
