import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MiB } from '../../../core/model/limits.ts';
import { uploadInParts } from '../../support/uploads.ts';
import { Place } from './store-harness.ts';

const writes = ['PutObject', 'CreateMultipartUpload', 'UploadPartCopy', 'CopyObject'];

describe('an object whose parts S3 would not take again, and that fits into one part', () => {
  let place: Place;
  let count = 0;

  beforeAll(async () => {
    place = await Place.open();
    await place.bucket('source');
  });
  afterAll(() => place.close());

  /** Uploads in parts of these sizes, with a type and tags. */
  async function upload(key: string, sizes: readonly number[]): Promise<void> {
    const object = { Bucket: 'source', Key: key, ContentType: 'text/x', Tagging: 'a=1&b=2' };
    await uploadInParts(
      place.s3,
      object,
      sizes.map((size) => Buffer.alloc(size, 'x')),
    );
  }

  const ends = async (request: Record<string, unknown>, sizes: readonly number[]) => {
    count += 1;
    const key = `key-${count}`;
    const destination = await place.bucket(`destination-${count}`);
    await upload(key, sizes);
    const run = await place.run(destination, { partSize: 'source', ...request });
    return { key, destination, run };
  };

  const rows = [
    { sizes: [5 * MiB, 0], why: '5 MiB and an empty last part, as streams are uploaded' },
    { sizes: [6 * MiB, 0], why: '6 MiB and an empty last part' },
    { sizes: [6 * MiB, 6 * MiB, 0], why: 'several parts and an empty last part' },
  ];

  it.each(
    rows.flatMap((row) =>
      ['staged', 'direct'].flatMap((strategy) =>
        (['objects', 'multipart'] as const).map((map) => ({ ...row, strategy, map })),
      ),
    ),
  )('is copied by one request, $strategy, in the map of $map: $why', async ({ sizes, strategy, map }) => {
    const { key, destination, run } = await ends({ strategy }, sizes);

    const recording = place.store.requests.record();
    const ended = map === 'objects' ? await place.copy(run, key) : await place.fanOut(run, key);
    recording.stop();

    expect(ended).toMatchObject({ status: 'copied' });
    const made = recording.requests.filter(({ bucket }) => bucket === destination);
    expect(made.flatMap(({ operation = '' }) => (writes.includes(operation) ? [operation] : []))).toEqual([
      'CopyObject',
    ]);
    const { Contents = [] } = await place.s3.send(new ListObjectsV2Command({ Bucket: destination }));
    expect(Contents.map(({ Key }) => Key)).toEqual([key]);
    const copy = await place.s3.send(new GetObjectCommand({ Bucket: destination, Key: key }));
    expect(copy).toMatchObject({ ContentType: 'text/x', TagCount: 2 });
    const bytes = (await copy.Body?.transformToByteArray()) ?? [];
    expect(
      Buffer.from(bytes).equals(
        Buffer.alloc(
          sizes.reduce((a, b) => a + b),
          'x',
        ),
      ),
    ).toBe(true);
  });

  it('is told from others without more looks at these than their parts need', async () => {
    const { key, run } = await ends({}, [5 * MiB, 77]);

    const recording = place.store.requests.record();
    expect(await place.copy(run, key)).toMatchObject({ status: 'copied' });
    recording.stop();

    const looks = recording.requests.filter(
      ({ operation, bucket }) => operation === 'HeadObject' && bucket === 'source',
    );
    // Of the plan that the test makes, the first and the last part, and the source once more before it is published.
    expect(looks).toHaveLength(4);
  });

  it('that is another one before its copy is the new one at the destination', async () => {
    const { key, destination, run } = await ends({}, [5 * MiB, 0]);
    place.store.rules.hook({ operation: 'HeadObject', bucket: 'source', key, skip: 1, times: 1 }, () =>
      upload(key, [5 * MiB, 5 * MiB, 3]),
    );

    expect(await place.copy(run, key)).toMatchObject({ status: 'copied', size: 10 * MiB + 3 });

    const copy = await place.s3.send(new HeadObjectCommand({ Bucket: destination, Key: key }));
    expect(copy.ContentLength).toBe(10 * MiB + 3);
  });
});
