import {
  AbortMultipartUploadCommand,
  CopyObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutBucketEncryptionCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MiB } from '../../../core/model/limits.ts';
import { checksumAlgorithms } from '../../../core/rules/checksums.ts';
import { uploadInParts } from '../../support/uploads.ts';
import { Place } from './store-harness.ts';

const foreign = 'of somebody else';

/**
 * What somebody else writes between plan and copy has the size of the source, so that only its bytes tell them apart. The
 * source has no checksum that a copy could have too.
 */
describe('an object of the size of its source that is written meanwhile', () => {
  let place: Place;
  let destination = '';
  let count = 0;

  beforeAll(async () => {
    place = await Place.open();
    await place.bucket('source');
  });
  afterEach(() => place.store.rules.clear());
  afterAll(() => place.close());

  /** Uploads in two parts with checksums of each, not of the whole. */
  async function put(bucket: string, key: string, fill: string, size = 5 * MiB): Promise<void> {
    const checksums = { ChecksumAlgorithm: 'SHA256', ChecksumType: 'COMPOSITE' } as const;
    const bodies = [Buffer.alloc(size, fill), Buffer.alloc(77, fill)];
    await uploadInParts(place.s3, { Bucket: bucket, Key: key, ...checksums }, bodies);
  }

  async function encrypt(Bucket: string): Promise<void> {
    const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' as const } }];
    const ServerSideEncryptionConfiguration = { Rules };
    await place.s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration }));
  }

  /** A source of each kind, whose target appears just before S3 is to publish it. */
  async function meets(
    request: Record<string, unknown>,
    write: (key: string) => Promise<unknown>,
    { isKms = false, size = 5 * MiB } = {},
  ) {
    count += 1;
    const key = `key-${count}`;
    destination = await place.bucket(`destination-${count}`);
    if (isKms) await encrypt(destination);
    await put('source', key, 'the source', size);
    const run = await place.run(destination, request);
    const operation = ['CopyObject', 'CompleteMultipartUpload'];
    place.store.rules.hook({ operation, bucket: destination, key, times: 1 }, async () => {
      await write(key);
    });
    return { key, ended: await place.copy(run, key) };
  }

  const simple = { partSize: '64MiB' };
  const ways = [
    { way: 'simple', request: simple },
    { way: 'staged', request: { partSize: '5MiB' } },
    { way: 'direct', request: { partSize: '5MiB', strategy: 'direct' } },
  ] as const;
  const rows = ways.flatMap(({ way, request }) =>
    (['size', 'newer'] as const).flatMap((compare) =>
      (['ifUnchanged', 'never'] as const).map((overwrite) => ({
        way,
        request: { ...request, compare, overwrite },
        compare,
        overwrite,
      })),
    ),
  );

  it.each(rows)('is a conflict and stays, $way, compare $compare, overwrite $overwrite', async (row) => {
    const { key, ended } = await meets(row.request, (target) => put(destination, target, foreign));
    expect(ended).toMatchObject({ status: 'conflict' });
    expect((await place.text(destination, key)).startsWith(foreign)).toBe(true);
    const { Uploads = [] } = await place.s3.send(new ListMultipartUploadsCommand({ Bucket: destination }));
    expect(Uploads).toEqual([]);
  });

  it('is a conflict when S3 has another checksum of it than of what it reads in the source', async () => {
    const { key, ended } = await meets({ ...simple, compare: 'size' }, (Key) =>
      place.s3.send(
        new PutObjectCommand({ Bucket: destination, Key, Body: Buffer.alloc(5 * MiB + 77, foreign) }),
      ),
    );
    expect(ended).toMatchObject({ status: 'conflict' });
    expect((await place.text(destination, key)).startsWith(foreign)).toBe(true);
  });

  it.each(['ifUnchanged', 'never'])(
    'is copied when S3 reads in the source what is there, overwrite %s',
    async (overwrite) => {
      const { ended } = await meets({ ...simple, compare: 'size', overwrite }, (Key) =>
        place.s3.send(new CopyObjectCommand({ Bucket: destination, Key, CopySource: `source/${Key}` })),
      );
      expect(ended).toMatchObject({ status: 'copied', proof: 'part-md5s' });
      const { Uploads = [] } = await place.s3.send(new ListMultipartUploadsCommand({ Bucket: destination }));
      expect(Uploads).toEqual([]);
    },
  );

  it.each(checksumAlgorithms)('is copied also where no ETag is an MD5 and S3 has a %s', async (algorithm) => {
    const copy = (Key: string) => {
      const to = { Bucket: destination, Key, ChecksumAlgorithm: algorithm };
      return place.s3.send(new CopyObjectCommand({ ...to, CopySource: `source/${Key}` }));
    };
    const { ended } = await meets({ ...simple, compare: 'size' }, copy, { isKms: true });
    expect(ended).toMatchObject({ status: 'copied', proof: 'part-md5s' });
  });

  it('is copied also when somebody takes the upload of the question for a lost one and ends it', async () => {
    const copy = (Key: string) =>
      place.s3.send(new CopyObjectCommand({ Bucket: destination, Key, CopySource: `source/${Key}` }));
    const { ended } = await meets({ ...simple, compare: 'size' }, async (key) => {
      await copy(key);
      place.store.rules.hook({ operation: 'UploadPartCopy', bucket: destination, times: 2 }, async () => {
        const at = { Bucket: destination, Key: key };
        const { Uploads = [] } = await place.s3.send(
          new ListMultipartUploadsCommand({ Bucket: destination }),
        );
        for (const { UploadId } of Uploads)
          await place.s3.send(new AbortMultipartUploadCommand({ ...at, UploadId }));
      });
    });
    expect(ended).toMatchObject({ status: 'copied', proof: 'part-md5s' });
  });

  it('is copied when another run has published it and removed the part files of both', async () => {
    count += 1;
    const key = `key-${count}`;
    destination = await place.bucket(`destination-${count}`);
    await put('source', key, 'the source', 7 * MiB);
    const request = { partSize: '5MiB', overwrite: 'never', keepParts: false };
    const run = await place.run(destination, request);
    const hook = { operation: 'UploadPartCopy', bucket: destination, key, times: 1 };
    place.store.rules.hook(hook, async () => {
      await place.copy(await place.run(destination, request), key);
    });
    expect(await place.copy(run, key)).toMatchObject({ status: 'copied', proof: 'part-md5s' });
    const { Contents = [] } = await place.s3.send(new ListObjectsV2Command({ Bucket: destination }));
    expect(Contents.filter(({ Key }) => Key?.includes('/parts/'))).toEqual([]);
  });

  it.each(['staged', 'direct'])(
    'is copied when it is of the same parts as the target would be, %s',
    async (strategy) => {
      const request = { partSize: '5MiB', strategy, overwrite: 'never' };
      const { key, ended } = await meets(request, async (target) => {
        const other = await place.run(destination, request);
        await place.copy(other, target);
      });
      expect(ended).toMatchObject({ status: 'copied', proof: 'etag' });
      expect((await place.text(destination, key)).startsWith('the source')).toBe(true);
    },
  );

  it('is copied when another run has put it together of other parts than the source has', async () => {
    const request = { partSize: '5242881', strategy: 'direct', overwrite: 'never' };
    const { ended } = await meets(request, async (target) => {
      const other = await place.run(destination, request);
      await place.copy(other, target);
    });
    expect(ended).toMatchObject({ status: 'copied', proof: 'part-md5s' });
  });

  it('is a conflict also when the source changes while S3 reads it once more', async () => {
    const { key, ended } = await meets({ ...simple, compare: 'size', overwrite: 'never' }, async (target) => {
      await put(destination, target, foreign);
      place.store.rules.hook({ operation: 'UploadPartCopy', bucket: destination, times: 1 }, async () => {
        await place.s3.send(new PutObjectCommand({ Bucket: 'source', Key: target, Body: 'another' }));
      });
    });
    expect(ended).toMatchObject({ status: 'conflict' });
    expect((await place.text(destination, key)).startsWith(foreign)).toBe(true);
  });
});
