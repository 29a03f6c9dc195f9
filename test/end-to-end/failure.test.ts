import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { World } from './world.ts';

describe('a run in which something fails', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.stop());

  it('finishes all else when one object always fails and every other worker dies once, and a redrive attempts only that object', async () => {
    const { source, destination } = await world.buckets();
    for (let n = 0; n < 600; n += 1) await world.put(source, `key-${n}`, `${n}`);
    const denial = world.store.rules.add({
      kind: 'deny',
      action: 's3:GetObject',
      bucket: source,
      key: 'key-77',
    });
    for (const call of [1, 3, 5]) {
      world.local.engine.addFaults([
        {
          function: 's3copy-copy-objects',
          calls: call,
          fault: { kind: call === 1 ? 'die-before' : 'die-after' },
        },
      ]);
    }
    const failed = await world.run({ src: `s3://${source}`, dest: `s3://${destination}` });
    expect(failed).toMatchObject({ status: 'FAILED', error: 'ObjectsFailedError' });
    expect(failed.report).toMatchObject({ planned: 600, copied: 599, failed: 1 });
    expect(failed.cause).toContain('1 failed; 599 of 600 planned objects are copied; report: s3://');
    expect(failed.failures).toMatchObject([{ sourceKey: 'key-77', status: 'failed', error: 'AccessDenied' }]);
    expect(await world.keys(destination)).toHaveLength(599);

    const recording = world.store.requests.record();
    const again = await world.redrive(failed);
    recording.stop();
    const copies = recording.requests.filter(({ operation }) => operation === 'CopyObject');
    expect(copies.map(({ key }) => key)).toEqual(['key-77']);
    expect(again).toMatchObject({ status: 'FAILED', report: { copied: 599, failed: 1, redrives: 1 } });

    denial.remove();
    const healed = await world.redrive(again);
    expect(healed).toMatchObject({ status: 'SUCCEEDED', report: { copied: 600, failed: 0, redrives: 2 } });
    expect(await world.content(destination)).toEqual(await world.content(source));
  });

  it('looks missing files up again on a redrive, and copies them when they exist', async () => {
    const { source, destination } = await world.buckets();
    await world.put(source, 'there');
    const files = ['there', 'late', 'never'];
    const failed = await world.run({ src: `s3://${source}`, dest: `s3://${destination}`, files });
    expect(failed).toMatchObject({ status: 'FAILED', report: { copied: 1, missing: 2, listed: 1 } });
    await world.put(source, 'late');
    const again = await world.redrive(failed);
    expect(again).toMatchObject({ status: 'FAILED', report: { copied: 2, missing: 1, listed: 2 } });
    await world.put(source, 'never');
    const done = await world.redrive(again);
    expect(done).toMatchObject({ status: 'SUCCEEDED', report: { copied: 3, missing: 0, listed: 3 } });
    expect(await world.content(destination)).toEqual(await world.content(source));
  });

  it('names in the failures what a redrive found and had to refuse', async () => {
    const { source, destination } = await world.buckets();
    const part = 'temp/x/1234567/parts/part-00001';
    const failed = await world.run({
      src: `s3://${source}`,
      dest: `s3://${destination}`,
      files: [part, 'b'],
    });
    expect(failed).toMatchObject({ status: 'FAILED', report: { listed: 0, missing: 2 } });
    for (const key of [part, 'b']) await world.put(source, key, 'x');
    const again = await world.redrive(failed);
    expect(again).toMatchObject({
      status: 'FAILED',
      report: { listed: 2, refused: 1, copied: 1, missing: 0 },
    });
    expect(again.failures).toEqual([
      { sourceKey: part, key: part, target: part, size: 1, status: 'refused', reason: 'temp-area' },
    ]);
    expect((await world.redrive(again)).failures).toEqual(again.failures);
  });

  it('fails only the object whose HEAD is refused, be it named or compared', async () => {
    const { source, destination } = await world.buckets();
    for (const key of ['of-a-client-key', 'b']) {
      await world.put(source, key, `source ${key}`);
      await world.put(destination, key, `target ${key}`);
    }
    const at = { bucket: source, key: 'of-a-client-key' };
    const rules = ['HeadObject', 'CopyObject'].map((operation) =>
      world.store.rules.add({ kind: 'fail', code: 'InvalidRequest', status: 400, operation, ...at }),
    );
    world.store.rules.add({ ...at, kind: 'deny', action: 's3:GetObject' });
    const request = { src: `s3://${source}`, dest: `s3://${destination}` };
    const listed = await world.run(request);
    expect(listed).toMatchObject({ status: 'FAILED', report: { copied: 1, failed: 1 } });
    await world.put(destination, 'b', 'target b again');
    const named = await world.run({ ...request, files: ['of-a-client-key', 'b'] });
    expect(named).toMatchObject({ status: 'FAILED', report: { copied: 1, failed: 1 } });
    expect(named.failures).toMatchObject([{ sourceKey: 'of-a-client-key', status: 'failed' }]);
    for (const rule of rules) rule.remove();
  });

  it('looks for missing files at each redrive, also after one that found none', async () => {
    const { source, destination } = await world.buckets();
    await world.put(source, 'there');
    const files = ['there', 'late'];
    const failed = await world.run({ src: `s3://${source}`, dest: `s3://${destination}`, files });
    const again = await world.redrive(failed);
    expect(again).toMatchObject({ status: 'FAILED', report: { missing: 1 } });
    await world.put(source, 'late');
    expect(await world.redrive(again)).toMatchObject({
      status: 'SUCCEEDED',
      report: { copied: 2, missing: 0 },
    });
  });

  it('does not call its own copy a conflict when only its answer was lost and nothing can prove it', async () => {
    const { source, destination } = await world.buckets();
    await world.putParts(source, 'parts', 2);
    world.store.rules.add({
      kind: 'reset',
      operation: 'CopyObject',
      bucket: destination,
      key: 'parts',
      when: 'after',
      times: 1,
    });
    const request = {
      src: `s3://${source}`,
      dest: `s3://${destination}`,
      partSize: '64MiB',
      compare: 'newer',
    };
    expect(await world.run(request)).toMatchObject({ status: 'SUCCEEDED', report: { copied: 1 } });
  });

  it('fails only the large object whose part is refused, and a redrive copies only its missing parts', async () => {
    const { source, destination } = await world.buckets();
    await world.putParts(source, 'big', 6);
    await world.put(source, 'small');
    const rule = world.store.rules.add({
      kind: 'fail',
      operation: 'UploadPartCopy',
      bucket: destination,
      key: 'temp/big/*temp-00004',
      code: 'AccessDenied',
    });
    const failed = await world.run({ src: `s3://${source}`, dest: `s3://${destination}` });
    expect(failed).toMatchObject({ status: 'FAILED', report: { copied: 1, failed: 1 } });
    expect(failed.failures).toMatchObject([{ sourceKey: 'big', error: 'AccessDenied' }]);
    rule.remove();
    const temps = [1, 2, 3, 4, 5, 6].map((n) => `temp-0000${n}`);
    const there = (await world.keys(destination)).map((key) => key.slice(-10));
    const missing = temps.filter((temp) => !there.includes(temp));
    expect(missing).toContain('temp-00004');
    expect(missing.length).toBeLessThan(6);
    const recording = world.store.requests.record();
    const done = await world.redrive(failed);
    recording.stop();
    expect(done).toMatchObject({ status: 'SUCCEEDED', report: { copied: 2, failed: 0 } });
    const ofSource = recording.requests.filter(({ copySource }) => copySource === `${source}/big`);
    expect(ofSource.map(({ key }) => key?.slice(-10)).toSorted()).toEqual(missing);
    expect(await world.content(destination)).toEqual(await world.content(source));
    expect(await world.openUploads(destination)).toEqual([]);
  });

  it('calls a source that vanished vanished, and does not fail for it', async () => {
    const { source, destination } = await world.buckets();
    await world.put(source, 'a');
    await world.put(source, 'b');
    const change = { type: 'delete' } as const;
    const target = { bucket: source, key: 'a' };
    world.store.rules.add({
      kind: 'mutate',
      operation: 'CopyObject',
      bucket: destination,
      key: 'a',
      times: 1,
      target,
      change,
    });
    const run = await world.run({ src: `s3://${source}`, dest: `s3://${destination}` });
    expect(run).toMatchObject({ status: 'SUCCEEDED', report: { copied: 1, vanished: 1 } });
    expect(await world.keys(destination)).toEqual(['b']);
  });

  it('reads a changed source anew once, and calls it changed the second time', async () => {
    const { source, destination } = await world.buckets();
    for (const key of ['once', 'twice']) await world.put(source, key, 'first');
    let n = 0;
    const overwrite = (key: string, times: number) =>
      world.store.rules.hook({ operation: 'CopyObject', bucket: destination, key, times }, async () => {
        n += 1;
        await world.put(source, key, `other ${n}`);
      });
    overwrite('once', 1);
    overwrite('twice', 2);
    const run = await world.run({ src: `s3://${source}`, dest: `s3://${destination}` });
    expect(run).toMatchObject({ status: 'FAILED', report: { copied: 1, changed: 1 } });
    expect(run.report?.bytes).toMatchObject({ planned: 10, copied: 'other 1'.length });
    expect(await world.text(destination, 'once')).toBe(await world.text(source, 'once'));
    expect(await world.keys(destination)).toEqual(['once']);
    expect(await world.redrive(run)).toMatchObject({
      status: 'SUCCEEDED',
      report: { copied: 2, changed: 0 },
    });
  });

  it('never overwrites silently what somebody else wrote meanwhile', async () => {
    const { source, destination } = await world.buckets();
    for (const key of ['absent', 'present', 'same']) await world.put(source, key, `source ${key}`);
    await world.put(destination, 'present', 'seen by the plan');
    const meanwhile = (key: string, body: () => string, times: number) =>
      world.store.rules.hook({ operation: 'CopyObject', bucket: destination, key, times }, () =>
        world.put(destination, key, body()),
      );
    let n = 0;
    meanwhile('absent', () => `foreign ${n++}`, 2);
    meanwhile('present', () => `foreign ${n++}`, 2);
    meanwhile('same', () => 'source same', 1);
    const run = await world.run({ src: `s3://${source}`, dest: `s3://${destination}` });
    expect(run).toMatchObject({ status: 'FAILED', report: { copied: 1, conflict: 2 } });
    expect(await world.text(destination, 'absent')).toContain('foreign');
    expect(await world.text(destination, 'present')).toContain('foreign');
  });

  it('says archived of an object that must be restored first', async () => {
    const { source, destination } = await world.buckets();
    await world.put(source, 'cold', 'x', { StorageClass: 'GLACIER' });
    const run = await world.run({ src: `s3://${source}`, dest: `s3://${destination}` });
    expect(run).toMatchObject({ status: 'FAILED', report: { archived: 1 } });
    expect(run.failures).toMatchObject([{ sourceKey: 'cold', status: 'archived' }]);
  });

  it('goes on by itself in further passes while failures may pass', async () => {
    const { source, destination } = await world.buckets();
    for (let n = 0; n < 5; n += 1) await world.put(source, `key-${n}`);
    const rule = {
      kind: 'fail',
      operation: 'CopyObject',
      bucket: destination,
      key: 'key-3',
      code: 'SlowDown',
    } as const;
    world.store.rules.add({ ...rule, times: 6 });
    const run = await world.run({ src: `s3://${source}`, dest: `s3://${destination}` });
    expect(run).toMatchObject({ status: 'SUCCEEDED', report: { copied: 5, passes: 2 } });
  });

  it('copies what a 200 with an error inside and lost answers hide, exactly once', async () => {
    const { source, destination } = await world.buckets();
    for (const key of ['inside', 'reset-before', 'reset-after']) await world.put(source, key);
    await world.putParts(source, 'parts', 2);
    const at = { operation: 'CopyObject', bucket: destination, times: 1 } as const;
    world.store.rules.add({ ...at, kind: 'fail', key: 'inside', code: 'InternalError', inside: true });
    world.store.rules.add({ ...at, kind: 'reset', key: 'reset-before' });
    world.store.rules.add({ ...at, kind: 'reset', key: 'reset-after', when: 'after' });
    for (const operation of [
      'CreateMultipartUpload',
      'UploadPartCopy',
      'CompleteMultipartUpload',
      'CopyObject',
    ]) {
      const key = operation === 'CopyObject' ? '*part-00001' : '*';
      world.store.rules.add({ kind: 'reset', operation, bucket: destination, key, times: 2, when: 'after' });
    }
    const run = await world.run({ src: `s3://${source}`, dest: `s3://${destination}` });
    expect(run).toMatchObject({ status: 'SUCCEEDED', report: { copied: 4 } });
    expect(await world.content(destination)).toEqual(await world.content(source));
  });

  it('keeps the destination whole when its object is removed between two runs', async () => {
    const { source, destination } = await world.buckets();
    await world.putParts(source, 'big', 6);
    const request = { src: `s3://${source}`, dest: `s3://${destination}` };
    await world.run(request);
    await world.s3.send(new DeleteObjectCommand({ Bucket: destination, Key: 'big' }));
    world.store.requests.reset();
    expect(await world.run(request)).toMatchObject({ status: 'SUCCEEDED', report: { copied: 1 } });
    expect(await world.content(destination)).toEqual(await world.content(source));
    expect(world.store.requests.counts(source)['GetObject'] ?? 0).toBe(1);
  });
});

// A redrive calls Report within a second, when DescribeExecution may still answer what was before.
describe('a run on Step Functions that describes executions late', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ engine: { describeLagMillis: 3_600_000 } });
  });
  afterAll(() => world.stop());

  it('copies by a redrive what is there by then, and reports when it was redriven', async () => {
    const { source, destination } = await world.buckets();
    await world.put(source, 'there');
    const request = { src: `s3://${source}`, dest: `s3://${destination}`, files: ['there', 'late'] };
    const failed = await world.run(request);
    expect(failed).toMatchObject({ status: 'FAILED', report: { copied: 1, missing: 1, redrives: 0 } });
    expect(failed.report).not.toHaveProperty('redrivenAt');

    await world.put(source, 'late');
    const done = await world.redrive(failed);

    expect(done).toMatchObject({
      status: 'SUCCEEDED',
      report: { copied: 2, missing: 0, redrives: 1, attempt: { copied: 1 } },
    });
    const { seconds = 0, attempt, bytes } = done.report ?? {};
    expect(attempt?.bytes).toBe((bytes?.copied ?? 0) - (failed.report?.bytes.copied ?? 0));
    expect(seconds).toBeCloseTo((failed.report?.seconds ?? 0) + (attempt?.seconds ?? 0), 0);
    const { endedAt = '' } = failed.report ?? {};
    const { redrivenAt = '' } = done.report ?? {};
    expect(Date.parse(redrivenAt)).toBeGreaterThanOrEqual(Date.parse(endedAt));
  });
});
