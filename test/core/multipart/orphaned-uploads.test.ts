import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { abandon } from '../../../core/copy/clean-up.ts';
import { copyObject } from '../../../core/copy/copy-object.ts';
import { MiB } from '../../../core/model/limits.ts';
import { runPaths } from '../../../core/model/run-paths.ts';
import { probeUpload } from '../../../core/multipart/probe-upload.ts';
import { Deadline } from '../../../core/rules/deadline.ts';
import { hashes } from '../../../core/rules/hashes.ts';
import { copyContext } from '../../../core/run/copy-context.ts';
import type { Run } from '../../../core/run/open-run.ts';
import { RequestLimiter } from '../../../core/s3/request-limiter.ts';
import { uploadInParts } from '../../support/uploads.ts';
import { Place } from '../copy/store-harness.ts';

describe('uploads of a target that nobody has recorded', () => {
  let place: Place;
  let count = 0;

  beforeAll(async () => {
    place = await Place.open();
    await place.bucket('source');
    await place.s3.send(new PutObjectCommand({ Bucket: 'source', Key: 'small', Body: 'x' }));
    await uploadInParts(place.s3, { Bucket: 'source', Key: 'big' }, [Buffer.alloc(5 * MiB), Buffer.alloc(1)]);
  });
  afterEach(() => place.store.rules.clear());
  afterAll(() => place.close());

  const uploadsOf = async (Bucket: string): Promise<(string | undefined)[]> =>
    ((await place.s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? []).map(
      ({ UploadId }) => UploadId,
    );

  /** Somebody with the same role opens an upload. */
  const openAnother = async (Bucket: string, Key = 'big'): Promise<string | undefined> =>
    (await place.s3.send(new CreateMultipartUploadCommand({ Bucket, Key }))).UploadId;

  async function start(): Promise<{ run: Run; destination: string }> {
    count += 1;
    const destination = await place.bucket(`destination-${count}`);
    return { run: await place.run(destination, { strategy: 'direct' }), destination };
  }

  /** With requests that are repeated, as a worker's are. */
  const contextOf = (run: Run) =>
    copyContext(
      run,
      new RequestLimiter(4, { attempts: 3, firstMillis: 0, maxMillis: 0 }),
      new Deadline(600_000, 0),
    );
  const copy = async (run: Run, key = 'big') => copyObject(contextOf(run), await place.planned(key));

  const loseAnswer = () =>
    place.store.rules.add({
      kind: 'reset',
      operation: 'CreateMultipartUpload',
      when: 'after',
      times: 1,
    });

  /** Does something while an upload is being opened. */
  const meanwhile = (bucket: string, work: () => Promise<void>) =>
    place.store.rules.hook({ operation: 'CreateMultipartUpload', bucket, times: 1 }, work);

  /** The files of a run about its uploads. */
  async function filesOf({ files }: Run): Promise<string[]> {
    const texts: string[] = [];
    for await (const path of files.list('uploads/')) texts.push((await files.text(path))?.text ?? '');
    return texts;
  }

  /** The invocation dies between the opening of an upload and its record. */
  async function die(work: () => Promise<unknown>, destination: string): Promise<void> {
    const opens = { operation: 'CreateMultipartUpload', bucket: destination };
    let isDead = false;
    const answer = place.store.rules.add({ kind: 'reset', ...opens, when: 'after' });
    const dead = place.store.rules.hook({}, ({ operation }) => {
      if (isDead) throw new Error('the invocation is dead');
      isDead = operation === 'CreateMultipartUpload';
    });
    await work().catch((error: Error) => error);
    answer.remove();
    dead.remove();
  }

  /** Uploads tell the second in which they were opened. */
  const nextSecond = () => sleep(1_000);

  /** Another run writes down something about its uploads of the same target. */
  async function another(file: Record<string, unknown>): Promise<void> {
    const { run } = await start();
    const path = runPaths.upload(hashes.sha256('big'), 'layout');
    await run.files.write(path, { v: 1, key: 'big', source: 'etag', ...file });
  }

  it('are not even looked for when no answer of ours is lost', async () => {
    const { run, destination } = await start();
    const theirs = await openAnother(destination);
    const recording = place.store.requests.record();
    expect(await copy(run)).toMatchObject({ status: 'copied' });
    recording.stop();
    expect(recording.requests.some(({ operation }) => operation === 'ListMultipartUploads')).toBe(false);
    expect(await uploadsOf(destination)).toEqual([theirs]);
  });

  it.each([
    { how: 'an answer was lost', answer: { kind: 'reset' } },
    { how: 'S3 answered SlowDown behind it', answer: { kind: 'fail', code: 'SlowDown' } },
    { how: 'S3 answered InternalError behind it', answer: { kind: 'fail', code: 'InternalError' } },
  ] as const)('are ended when $how, but not what was open before', async ({ answer }) => {
    const { run, destination } = await start();
    const theirs = await openAnother(destination);
    await nextSecond();
    const created = { operation: 'CreateMultipartUpload', when: 'after', times: 1 } as const;
    const lost = place.store.rules.add({ ...answer, ...created });
    expect(await copy(run)).toMatchObject({ status: 'copied' });
    expect(lost.hits).toBe(1);
    expect(await uploadsOf(destination)).toEqual([theirs]);
  });

  it('are left when they were opened behind the one that is kept', async () => {
    const { run, destination } = await start();
    let theirs: string | undefined;
    place.store.rules.hook({ operation: 'ListMultipartUploads', times: 1 }, async () => {
      await nextSecond();
      theirs = await openAnother(destination);
    });
    loseAnswer();
    expect(await copy(run)).toMatchObject({ status: 'copied' });
    expect(theirs).toBeDefined();
    expect(await uploadsOf(destination)).toEqual([theirs]);
  });

  it('are ended when the invocation died before it could record its own', async () => {
    const { run, destination } = await start();
    const theirs = await openAnother(destination);
    await nextSecond();
    await die(() => copy(run), destination);
    expect(await uploadsOf(destination)).toHaveLength(2);
    expect(await copy(run)).toMatchObject({ status: 'copied' });
    expect(await uploadsOf(destination)).toEqual([theirs]);
  });

  it('are ended when the version is given up', async () => {
    const { run, destination } = await start();
    await die(() => copy(run), destination);
    expect(await uploadsOf(destination)).toHaveLength(1);
    await abandon(contextOf(run), await place.planned('big'));
    expect(await uploadsOf(destination)).toEqual([]);
    for (const file of await filesOf(run)) expect(file).toContain('"isOpen":false');
  });

  it('are left when they are of another key', async () => {
    const { run, destination } = await start();
    let theirs: string | undefined;
    meanwhile(destination, async () => {
      theirs = await openAnother(destination, 'bigger');
    });
    const lost = loseAnswer();
    expect(await copy(run)).toMatchObject({ status: 'copied' });
    expect(lost.hits).toBe(1);
    expect(await uploadsOf(destination)).toEqual([theirs]);
  });

  it.each([true, false])(
    'are left if another run has recorded them, and ended if none has (recorded: %s)',
    async (isRecorded) => {
      const { run, destination } = await start();
      let theirs: string | undefined;
      meanwhile(destination, async () => {
        theirs = await openAnother(destination);
        if (isRecorded) await another({ uploadId: theirs });
      });
      const lost = loseAnswer();
      expect(await copy(run)).toMatchObject({ status: 'copied' });
      expect(lost.hits).toBe(1);
      expect(await uploadsOf(destination)).toEqual(isRecorded ? [theirs] : []);
    },
  );

  it('are left while another run is opening one, and the doubt stays on record', async () => {
    const { run, destination } = await start();
    await another({ by: 'another', isOpen: true, bucket: destination });
    loseAnswer();
    expect(await copy(run)).toMatchObject({ status: 'copied' });
    expect(await uploadsOf(destination)).toHaveLength(1);
    expect(await filesOf(run)).toEqual([expect.stringContaining('"orphansSince":')]);
  });

  it('leave no doubt on record once they are ended', async () => {
    const { run } = await start();
    loseAnswer();
    await copy(run);
    expect(await filesOf(run)).toEqual([expect.not.stringContaining('orphansSince')]);
  });

  it('leave no doubt when S3 refuses to open one', async () => {
    const { run } = await start();
    place.store.rules.add({ kind: 'fail', operation: 'CreateMultipartUpload', code: 'AccessDenied' });
    expect(await copy(run)).toMatchObject({ status: 'failed' });
    const files = await filesOf(run);
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) expect(file).toContain('"isOpen":false');
  });

  it.each(['lost', 'dead'])('are ended when they were opened to ask a question (%s)', async (how) => {
    const { run, destination } = await start();
    const theirs = await openAnother(destination, 'small');
    await nextSecond();
    const planned = await place.planned('small');
    const ask = () => probeUpload(contextOf(run), planned, {});
    if (how === 'lost') loseAnswer();
    else {
      await die(ask, destination);
      expect(await uploadsOf(destination)).toHaveLength(2);
    }
    await ask();
    expect(await uploadsOf(destination)).toEqual([theirs]);
    await nextSecond();
    const later = await openAnother(destination, 'small');
    await ask();
    expect(await uploadsOf(destination)).toEqual([theirs, later]);
  });
});
