import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeniedBatches } from '../../../core/copy/denied-batches.ts';
import { runPaths } from '../../../core/model/run-paths.ts';
import type { RunFiles } from '../../../core/run/run-files.ts';
import { Place } from './store-harness.ts';

describe('the denials that the batches of a pass share', () => {
  let place: Place;
  let count = 0;
  beforeAll(async () => {
    place = await Place.open();
    await place.bucket('source');
  });
  afterAll(() => place.close());

  const run = async () => {
    count += 1;
    return (await place.run(await place.bucket(`denied-${count}`))).files;
  };
  const message = (words: string) =>
    `CopyObject of s3://denied/key: AccessDenied (${words}); add one of the statements ReadSource, WriteDestination that "s3copy policy" prints`;
  const denied = (words = 'Access Denied') =>
    ({ status: 'failed', error: 'AccessDenied', message: message(words), passing: false }) as const;
  const copied = { status: 'copied' } as const;

  const open = (files: RunFiles, batch: number, map: 'objects' | 'multipart' = 'objects', pass = 1) =>
    DeniedBatches.open(files, { pass, map, batch: String(batch).padStart(6, '0') });

  /** Denies so many objects of so many batches. */
  async function deny(files: RunFiles, batches: number, objects: number, words?: string) {
    for (let batch = 1; batch <= batches; batch += 1) {
      const batchId = await open(files, batch);
      for (let n = 0; n < objects; n += 1) await batchId.saw(denied(words));
      await batchId.share();
    }
    return open(files, batches + 1);
  }

  it('stop the pass after 10 objects of three batches each, and say which statement is missing', async () => {
    const { refusal } = await deny(
      await run(),
      3,
      10,
      's3:PutObject on arn:aws:s3:::denied/key is denied: allow it',
    );

    expect(refusal).toEqual({
      status: 'failed',
      error: 'NotTried',
      message:
        'not tried: the first objects of 3 batches were all denied, and the run had copied nothing: CopyObject of ' +
        's3://denied/key: AccessDenied (s3:PutObject on arn:aws:s3:::denied/key is denied: allow it); add the ' +
        'statement WriteDestination that "s3copy policy" prints, then redrive',
      passing: false,
    });
  });

  it('do not stop a batch when another one has copied something before its last copies ended', async () => {
    const files = await run();
    const batchId = await deny(files, 3, 10);
    expect(batchId.refusal).toBeDefined();

    await (await open(files, 9)).saw(copied);

    expect(await batchId.confirm()).toBeUndefined();
    expect(batchId.refusal).toBeUndefined();
  });

  it.each([
    { why: 'only two batches were denied', batches: 2, objects: 100 },
    { why: 'each of three batches was denied nine objects', batches: 3, objects: 9 },
  ])('do not stop the pass when $why', async ({ batches, objects }) => {
    expect((await deny(await run(), batches, objects)).refusal).toBeUndefined();
  });

  it('do not stop a run that has copied something, nor the next pass', async () => {
    const files = await run();
    await (await open(files, 9)).saw(copied);
    expect((await deny(files, 3, 10)).refusal).toBeUndefined();

    const other = await run();
    await deny(other, 3, 10);
    expect((await open(other, 1, 'objects', 2)).refusal).toBeUndefined();
  });

  it('do not count a batch to which something else happened', async () => {
    const files = await run();
    await deny(files, 2, 20);
    const mixed = await open(files, 3);
    await mixed.saw({ status: 'vanished' });
    for (let n = 0; n < 20; n += 1) await mixed.saw(denied());
    await mixed.share();

    expect(mixed.refusal).toBeUndefined();
  });

  it('do not count a batch that lacks another right', async () => {
    const files = await run();
    const writes = 's3:PutObject on arn:aws:s3:::denied/key is denied: allow it';
    await deny(files, 2, 20, writes);
    const other = await open(files, 3);
    for (let n = 0; n < 20; n += 1)
      await other.saw(denied('s3:GetObject on arn:aws:s3:::source/key is denied: allow it'));
    await other.share();

    expect(other.refusal).toEqual(undefined);
  });

  it('let all batches go on when a copy succeeds after all', async () => {
    const files = await run();
    const next = await deny(files, 3, 10);
    expect(next.refusal).toBeDefined();

    await next.saw(copied);

    expect(next.refusal).toBeUndefined();
    expect((await open(files, 5)).refusal).toBeUndefined();
  });

  it('stop large objects, each a batch of its own, after thirty, but for one in fifty', async () => {
    const files = await run();
    for (let batch = 1; batch <= 30; batch += 1) {
      const large = await open(files, batch, 'multipart');
      expect(large.refusal).toBeUndefined();
      await large.saw(denied());
      await large.share();
    }

    expect(await open(files, 31, 'multipart')).toMatchObject({
      refusal: { error: 'NotTried' },
      isSample: false,
    });
    expect((await open(files, 50, 'multipart')).isSample).toBe(true);
  });

  it('keep their file small, however many batches are denied', async () => {
    const files = await run();
    await deny(files, 40, 10);

    const { text } = (await files.text(runPaths.denied(1))) ?? { text: '' };
    expect(Object.keys(JSON.parse(text).batches)).toHaveLength(3);
  });
});
