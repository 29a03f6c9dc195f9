import { createHash } from 'node:crypto';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PlannedObject } from '../../../core/model/batches.ts';
import { MiB } from '../../../core/model/limits.ts';
import type { Run } from '../../../core/run/open-run.ts';
import { uploadInParts } from '../../support/uploads.ts';
import { Place } from './store-harness.ts';

/** Every way that an object's bytes may take. */
const ways = [
  { way: 'simple', isBig: false, fansOut: false, request: {} },
  { way: 'staged', isBig: true, fansOut: false, request: {} },
  { way: 'direct', isBig: true, fansOut: false, request: { strategy: 'direct' } },
  { way: 'staged, fanned out', isBig: true, fansOut: true, request: {} },
  { way: 'direct, fanned out', isBig: true, fansOut: true, request: { strategy: 'direct' } },
] as const;
type Way = (typeof ways)[number];

let place: Place;
let count = 0;

beforeAll(async () => {
  place = await Place.open();
  await place.bucket('source');
});
afterEach(() => place.store.rules.clear());
afterAll(() => place.close());

/** A copy of one object, in the middle of which something happens. */
class Copying {
  readonly key: string;
  readonly destination: string;
  readonly #way: Way;
  #writes = 0;

  private constructor(way: Way) {
    count += 1;
    this.key = `key-${count}`;
    this.destination = `destination-${count}`;
    this.#way = way;
  }

  static async of(way: Way): Promise<Copying> {
    const copying = new Copying(way);
    await place.bucket(copying.destination);
    await copying.write();
    return copying;
  }

  /** Writes another version of the source, of another size. */
  async write(bucket = 'source'): Promise<void> {
    this.#writes += 1;
    const at = { Bucket: bucket, Key: this.key };
    const text = `version ${this.#writes} of ${this.key}`;
    if (!this.#way.isBig) {
      await place.s3.send(new PutObjectCommand({ ...at, Body: text.padEnd(50 + this.#writes) }));
      return;
    }
    const bodies = [5 * MiB, 50 + this.#writes].map((size) => Buffer.alloc(size, text));
    await uploadInParts(place.s3, at, bodies);
  }

  /** Somebody else writes the target. */
  async writeTarget(): Promise<void> {
    this.#writes += 1;
    const Body = `of somebody else, ${this.#writes}`;
    await place.s3.send(new PutObjectCommand({ Bucket: this.destination, Key: this.key, Body }));
  }

  /** The requests that read the source: of a multipart object the second, when one part is copied already. */
  get reading() {
    const { isBig } = this.#way;
    const operation = isBig ? 'UploadPartCopy' : 'CopyObject';
    return { operation, copySource: `source/${this.key}`, skip: isBig ? 1 : 0 };
  }

  /** The request that publishes the target. */
  get publishing() {
    const operation = this.#way.isBig ? 'CompleteMultipartUpload' : 'CopyObject';
    return { operation, bucket: this.destination, key: this.key };
  }

  /** Copies in as many passes as a run would. */
  async end(request: Record<string, unknown> = {}) {
    const { fansOut, request: own } = this.#way;
    const run = await place.run(this.destination, { concurrency: 1, ...own, ...request });
    const planned = await place.planned(this.key);
    return fansOut ? this.#fanOut(run, planned) : place.copy(run, this.key);
  }

  async #fanOut(run: Run, planned: PlannedObject) {
    for (let pass = 1; ; pass += 1) {
      const result = await place.fanOut(run, this.key, pass, planned);
      if (result?.passing !== true || pass === 5) return result;
    }
  }

  /** What readers see: the digest of the target, if there is one, and uploads of it that are left. */
  async seen() {
    const Bucket = this.destination;
    const { Contents = [] } = await place.s3.send(new ListObjectsV2Command({ Bucket, Prefix: this.key }));
    const { Uploads = [] } = await place.s3.send(
      new ListMultipartUploadsCommand({ Bucket, Prefix: this.key }),
    );
    return {
      target: Contents.length === 0 ? undefined : await this.digest(Bucket),
      uploads: Uploads.length,
    };
  }

  async digest(Bucket: string): Promise<string> {
    const { Body } = await place.s3.send(new GetObjectCommand({ Bucket, Key: this.key }));
    return createHash('sha256')
      .update((await Body?.transformToByteArray()) ?? '')
      .digest('hex');
  }
}

describe.each(ways)('a copy that is $way', (way) => {
  const nothing = { target: undefined, uploads: 0 };
  const whole = async (copying: Copying) => ({ target: await copying.digest('source'), uploads: 0 });

  it('takes a source that changes once as it is now, never pieces of both', async () => {
    const copying = await Copying.of(way);
    place.store.rules.hook({ ...copying.reading, times: 1 }, () => copying.write());
    expect(await copying.end()).toMatchObject({ status: 'copied' });
    expect(await copying.seen()).toEqual(await whole(copying));
  });

  it('is changed when the source changes each time', async () => {
    const copying = await Copying.of(way);
    place.store.rules.hook({ ...copying.reading, skip: 0 }, () => copying.write());
    expect(await copying.end()).toMatchObject({ status: 'changed' });
    expect(await copying.seen()).toEqual(nothing);
  });

  it('is vanished when the source goes, and S3 says so', async () => {
    const copying = await Copying.of(way);
    place.store.rules.hook({ ...copying.reading, times: 1 }, async () => {
      await place.s3.send(new DeleteObjectCommand({ Bucket: 'source', Key: copying.key }));
    });
    expect(await copying.end()).toMatchObject({ status: 'vanished' });
    expect(await copying.seen()).toEqual(nothing);
  });

  it('is failed, not vanished, when S3 does not say whether the source is gone', async () => {
    const copying = await Copying.of(way);
    place.store.rules.hook({ ...copying.reading, times: 1 }, async () => {
      await place.s3.send(new DeleteObjectCommand({ Bucket: 'source', Key: copying.key }));
      place.store.rules.add({ kind: 'deny', action: 's3:ListBucket', bucket: 'source' });
    });
    const ended = await copying.end();
    expect(ended).toMatchObject({ status: 'failed' });
    expect((await copying.seen()).target).toBeUndefined();
  });

  it('is not vanished when a copy is told 404 of a source that is there', async () => {
    const copying = await Copying.of(way);
    place.store.rules.add({ kind: 'fail', code: 'NoSuchKey', ...copying.reading, times: 1 });
    expect(await copying.end()).toMatchObject({ status: 'copied' });
    expect(await copying.seen()).toEqual(await whole(copying));
  });

  it('is archived when the source goes into an archive meanwhile', async () => {
    const copying = await Copying.of(way);
    const change = { type: 'storage-class', storageClass: 'GLACIER' } as const;
    const target = { bucket: 'source', key: copying.key };
    place.store.rules.add({ kind: 'mutate', ...copying.reading, times: 1, target, change });
    expect(await copying.end()).toMatchObject({ status: 'archived', error: 'InvalidObjectState' });
    expect((await copying.seen()).target).toBeUndefined();
  });

  it('looks again at a destination that somebody else wrote once, and replaces what it saw then', async () => {
    const copying = await Copying.of(way);
    place.store.rules.hook({ ...copying.publishing, times: 1 }, () => copying.writeTarget());
    expect(await copying.end()).toMatchObject({ status: 'copied' });
    expect(await copying.seen()).toEqual(await whole(copying));
  });

  it('is a conflict when somebody else writes the destination each time', async () => {
    const copying = await Copying.of(way);
    place.store.rules.hook(copying.publishing, () => copying.writeTarget());
    expect(await copying.end()).toMatchObject({ status: 'conflict' });
    const { target, uploads } = await copying.seen();
    expect(target).toBe(await copying.digest(copying.destination));
    expect(target).not.toBe(await copying.digest('source'));
    expect(uploads).toBe(0);
  });

  it.each([
    { overwrite: 'never', status: 'conflict', isOurs: false },
    { overwrite: 'always', status: 'copied', isOurs: true },
  ])('may overwrite $overwrite, and does so to what appears meanwhile: $status', async (row) => {
    const copying = await Copying.of(way);
    place.store.rules.hook({ ...copying.publishing, times: 1 }, () => copying.writeTarget());
    expect(await copying.end({ overwrite: row.overwrite })).toMatchObject({ status: row.status });
    const { target, uploads } = await copying.seen();
    expect(target === (await copying.digest('source'))).toBe(row.isOurs);
    expect(uploads).toBe(0);
  });

  it('is copied when another run has written the same meanwhile', async () => {
    const copying = await Copying.of(way);
    place.store.rules.hook({ ...copying.publishing, times: 1 }, async () => {
      const CopySource = `source/${copying.key}`;
      const at = { Bucket: copying.destination, Key: copying.key };
      await place.s3.send(new CopyObjectCommand({ ...at, CopySource }));
    });
    expect(await copying.end()).toMatchObject({ status: 'copied' });
    expect(await copying.seen()).toEqual(await whole(copying));
  });
});
