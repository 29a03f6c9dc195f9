import { PutBucketVersioningCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { longTags } from '../core/copy/source-with-everything.ts';
import { World } from './world.ts';

const Tagging = longTags.map(({ Key, Value }) => `${encodeURIComponent(Key)}=${encodeURIComponent(Value)}`);

describe('properties, from the request to the report', () => {
  let world: World;

  beforeAll(async () => {
    world = await World.shared();
  });
  afterAll(() => world.stop());

  it('name in the dry run and in the report which objects will become STANDARD', async () => {
    const { source, destination } = await world.buckets();
    await world.put(source, 'cold', 'x'.repeat(1024), { StorageClass: 'STANDARD_IA' });
    await world.put(source, 'colder', 'x'.repeat(1024), { StorageClass: 'GLACIER_IR' });
    await world.put(source, 'warm');
    const request = { src: `s3://${source}`, dest: `s3://${destination}` };
    const note =
      '2 objects (2.0 KiB) in non-STANDARD classes (GLACIER_IR, STANDARD_IA) will become STANDARD: set `preserve: ["metadata","tags","storageClass"]` to keep the classes';
    for (const more of [{ dryRun: true }, { files: ['cold', 'colder'] }]) {
      expect((await world.run({ ...request, ...more })).report?.notes).toContain(note);
    }
    const kept = await world.run({ ...request, compare: 'always', preserve: ['storageClass'] });
    expect(kept).toMatchObject({ status: 'SUCCEEDED' });
    expect(kept.report?.notes.join()).not.toContain('STANDARD');
  });

  it('that are incomplete fail the run, and are all that its redrive writes', async () => {
    const { source, destination } = await world.buckets();
    const VersioningConfiguration = { Status: 'Enabled' } as const;
    await world.s3.send(new PutBucketVersioningCommand({ Bucket: destination, VersioningConfiguration }));
    await world.putParts(source, 'staged', 2, { Tagging: Tagging.join('&') });
    await world.putParts(source, 'fanned-out', 2, { Tagging: Tagging.join('&') });
    const action = 's3:PutObjectVersionTagging';
    const deny = world.store.rules.add({ kind: 'deny', action, bucket: destination });
    const request = { src: `s3://${source}`, dest: `s3://${destination}` };
    const failed = await world.run({ ...request, fanOutAbove: '5MiB', files: ['staged', 'fanned-out'] });
    expect(failed).toMatchObject({ status: 'FAILED', error: 'ObjectsFailedError' });
    expect(failed.failures.map(({ error }) => error)).toEqual([
      'PropertiesIncomplete',
      'PropertiesIncomplete',
    ]);
    deny.remove();

    const recording = world.store.requests.record();
    expect(await world.redrive(failed)).toMatchObject({ status: 'SUCCEEDED', failures: [] });
    recording.stop();
    const written = recording.requests.filter(({ bucket, operation }) => {
      return bucket === destination && /^(?:Put|Copy|Create|Upload|Complete)/.test(operation);
    });
    expect(written.map(({ operation }) => operation)).toEqual(['PutObjectTagging', 'PutObjectTagging']);
    for (const key of ['staged', 'fanned-out'])
      expect(await world.properties(destination, key)).toEqual(await world.properties(source, key));
  });
});
