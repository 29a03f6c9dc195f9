import { GetObjectCommand, ListMultipartUploadsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { copyObject } from '../../../core/copy/copy-object.ts';
import { Deadline } from '../../../core/rules/deadline.ts';
import { copyContext, type OutcomeOrLater } from '../../../core/run/copy-context.ts';
import { RequestLimiter } from '../../../core/s3/request-limiter.ts';
import { Place } from '../copy/store-harness.ts';

describe('a copy that is denied', () => {
  let place: Place;
  let count = 0;

  beforeAll(async () => {
    place = await Place.open();
    await place.bucket('source');
    const source = { Bucket: 'source', Body: 'x' };
    await place.s3.send(new PutObjectCommand({ ...source, Key: 'tagged', Tagging: 'a=b' }));
    await place.s3.send(new PutObjectCommand({ ...source, Key: 'archived', StorageClass: 'GLACIER' }));
  });
  afterEach(() => place.store.rules.clear());
  afterAll(() => place.close());

  /** Copies with requests that are repeated, as a worker's are. */
  async function copy(key: string): Promise<{ outcome: OutcomeOrLater; destination: string }> {
    count += 1;
    const destination = await place.bucket(`destination-${count}`);
    const requests = new RequestLimiter(1, { attempts: 3, firstMillis: 0, maxMillis: 0 });
    const context = copyContext(await place.run(destination), requests, new Deadline(600_000, 0));
    return { outcome: await copyObject(context, await place.planned(key)), destination };
  }

  const uploadsOf = async (Bucket: string) =>
    (await place.s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? [];

  it.each([
    { operation: 'CreateMultipartUpload', when: 'after' },
    { operation: 'AbortMultipartUpload', when: 'before' },
    { operation: 'AbortMultipartUpload', when: 'after' },
  ] as const)(
    'names the right, and leaves no upload that it was found with when an answer is lost ($when $operation)',
    async ({ operation, when }) => {
      place.store.rules.add({ kind: 'deny', action: 's3:PutObjectTagging' });
      const lost = place.store.rules.add({ kind: 'reset', operation, when, times: 1 });
      const { outcome, destination } = await copy('tagged');
      expect(outcome).toMatchObject({ status: 'failed', error: 'AccessDenied' });
      expect(outcome).toMatchObject({ message: expect.stringContaining('s3:PutObjectTagging on') });
      expect(lost.hits).toBe(1);
      expect(await uploadsOf(destination)).toEqual([]);
    },
  );

  it('is not looked into when the source is archived, which lacks no right', async () => {
    const read = place.s3.send(new GetObjectCommand({ Bucket: 'source', Key: 'archived' }));
    await expect(read).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
    place.store.requests.reset();
    expect((await copy('archived')).outcome).toMatchObject({ status: 'archived' });
    expect(place.store.requests.count({ operation: 'CreateMultipartUpload' })).toBe(0);
  });
});
