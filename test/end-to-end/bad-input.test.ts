import { CreateBucketCommand, PutObjectLockConfigurationCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { World } from './world.ts';

describe('bad input', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.shared();
  });
  afterAll(() => world.stop());

  const nothingWritten = async (destination: string) => {
    expect(await world.keys(destination)).toEqual([]);
    expect(await world.openUploads(destination)).toEqual([]);
  };

  it.each([
    {
      what: 'a malformed src',
      request: { src: 'source/folder' },
      says: 'src: "source/folder" must have the form s3://bucket',
    },
    { what: 'a star in the middle', request: { src: 's3://BUCKET/a*b' }, says: 'src: ' },
    {
      what: 'a part size out of bounds',
      request: { partSize: '4MiB' },
      says: 'partSize: "4MiB" must be',
    },
    {
      what: 'an e-mail in aclGrant',
      request: { aclGrant: ['READ:a@b.example'] },
      says: 'aclGrant.0: "READ:a@b.example" names an e-mail',
    },
    {
      what: 'an unknown field',
      request: { sorce: 'x' },
      says: 'unknown field "sorce": allowed are src, dest',
    },
    {
      what: 'a list that does not exist',
      request: { filesFrom: 's3://BUCKET/no-list.txt' },
      says: 'no-list.txt does not exist',
    },
    {
      what: 'a list of another bucket',
      request: { filesFrom: 's3://elsewhere/list.txt' },
      says: 'filesFrom: ',
    },
  ])('$what ends in InvalidRequestError that names it', async ({ request, says }) => {
    const { source, destination } = await world.buckets();
    await world.put(source, 'a');
    const all = { src: `s3://${source}`, dest: `s3://${destination}`, ...request };
    const run = await world.run(JSON.parse(JSON.stringify(all).replaceAll('BUCKET', source)));
    expect(run).toMatchObject({ status: 'FAILED', error: 'InvalidRequestError', report: undefined });
    expect(run.cause).toContain(JSON.stringify(says).slice(1, -1));
    await nothingWritten(destination);
  });

  it.each([
    { src: '', dest: '', why: 'copied onto itself' },
    { src: '/a', dest: '', why: 'copied onto itself' },
    { src: '/a/b', dest: '', why: 'lies inside the destination' },
  ])(
    'a source $src and a destination $dest of one bucket that map onto each other are refused',
    async ({ src, dest, why }) => {
      const { source } = await world.buckets();
      await world.put(source, 'a/b/c');
      const run = await world.run({ src: `s3://${source}${src}`, dest: `s3://${source}${dest}` });
      expect(run).toMatchObject({ status: 'FAILED', error: 'InvalidRequestError' });
      expect(run.cause).toContain(why);
      expect(await world.keys(source)).toEqual(['a/b/c']);
    },
  );

  it.each(['src', 'dest', 'tempPrefix'])('a bucket of %s that does not exist is named', async (field) => {
    const { source, destination } = await world.buckets();
    const request = { src: `s3://${source}`, dest: `s3://${destination}`, [field]: 's3://no-such-bucket/x' };
    const run = await world.run(request);
    expect(run).toMatchObject({ status: 'FAILED', error: 'BucketNotFoundError' });
    expect(JSON.parse(run.cause).errorMessage).toBe(`${field}: bucket "no-such-bucket" does not exist`);
    await nothingWritten(destination);
  });

  it.each(['src', 'dest'])('a missing right to list %s is named with its statement', async (field) => {
    const { source, destination } = await world.buckets();
    await world.put(source, 'a');
    const bucket = field === 'src' ? source : destination;
    const denial = world.store.rules.add({ kind: 'deny', action: 's3:ListBucket', bucket });
    const run = await world.run({ src: `s3://${source}`, dest: `s3://${destination}` });
    denial.remove();
    expect(run).toMatchObject({ status: 'FAILED', error: 'PermissionError' });
    expect(JSON.parse(run.cause).errorMessage).toContain(
      `${field}: s3:ListBucket on arn:aws:s3:::${bucket} is denied`,
    );
    await nothingWritten(destination);
  });

  it.each([
    { what: 'the destination', tempPrefix: 'temp/', holds: 'destination' },
    { what: 'the bucket of tempPrefix', tempPrefix: 's3://BUCKET/temp/', holds: 'source' },
  ] as const)(
    'a default retention of $what that would lock part files is named',
    async ({ tempPrefix, holds }) => {
      const { source, destination } = await world.buckets();
      const locked = `${holds}-locked-${destination}`.slice(0, 60);
      await world.s3.send(new CreateBucketCommand({ Bucket: locked, ObjectLockEnabledForBucket: true }));
      await world.put(source, 'a');
      const request = {
        src: `s3://${source}`,
        dest: `s3://${holds === 'destination' ? locked : destination}`,
        tempPrefix: tempPrefix.replace('BUCKET', locked),
      };
      const without = await world.run({ ...request, dryRun: true });
      expect(without).toMatchObject({ status: 'SUCCEEDED' });
      await world.s3.send(
        new PutObjectLockConfigurationCommand({
          Bucket: locked,
          ObjectLockConfiguration: {
            ObjectLockEnabled: 'Enabled',
            Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 30 } },
          },
        }),
      );
      const run = await world.run(request);
      expect(run).toMatchObject({ status: 'FAILED', error: 'InvalidRequestError', report: undefined });
      expect(run.cause).toContain(
        'retains each object for 30 days in GOVERNANCE mode by default: set `strategy: direct`, or',
      );
      await nothingWritten(locked);
      expect(await world.run({ ...request, strategy: 'direct' })).toMatchObject({ status: 'SUCCEEDED' });
    },
  );

  it('a destination key that becomes too long is refused by name, and the rest is copied', async () => {
    const { source, destination } = await world.buckets();
    const long = 'k'.repeat(1_020);
    for (const key of [long, 'short']) await world.put(source, key);
    const run = await world.run({ src: `s3://${source}`, dest: `s3://${destination}/folder` });
    expect(run).toMatchObject({ status: 'FAILED', report: { refused: 1, copied: 1 } });
    expect(run.failures).toMatchObject([{ sourceKey: long, status: 'refused', reason: 'key-too-long' }]);
    expect(run.report?.notes.join()).toContain('start a new run');
    expect(await world.keys(destination)).toEqual(['folder/short']);
  });

  it('a key that would land among part files is refused by name', async () => {
    const { source, destination } = await world.buckets();
    for (const key of ['temp/x/abcdef1/parts/part-00001', 'temp/x/abcdef1/other'])
      await world.put(source, key);
    const request = { src: `s3://${source}`, dest: `s3://${destination}` };
    const run = await world.run(request);
    expect(run).toMatchObject({ status: 'FAILED', report: { refused: 1, copied: 1 } });
    expect(run.failures).toMatchObject([{ status: 'refused', reason: 'temp-area' }]);
    expect(await world.run({ ...request, tempPrefix: 'elsewhere/' })).toMatchObject({
      status: 'SUCCEEDED',
      report: { copied: 1, same: 1 },
    });
  });

  it('a listed file that does not exist is missing in the report, and the rest is copied', async () => {
    const { source, destination } = await world.buckets();
    await world.put(source, 'a');
    const run = await world.run({ src: `s3://${source}`, dest: `s3://${destination}`, files: ['a', 'b'] });
    expect(run).toMatchObject({ status: 'FAILED', report: { missing: 1, copied: 1 } });
    expect(run.failures).toMatchObject([{ sourceKey: 'b', status: 'missing' }]);
  });

  it('an empty source is no failure, and the report says that there was nothing', async () => {
    const { source, destination } = await world.buckets();
    const run = await world.run({ src: `s3://${source}/nothing/here`, dest: `s3://${destination}` });
    expect(run).toMatchObject({ status: 'SUCCEEDED', report: { listed: 0, planned: 0 } });
    expect(run.report?.notes).toEqual([
      `the source s3://${source}/nothing/here lists no key: nothing to copy`,
    ]);
  });

  it('a plan above a brake fails before anything is copied', async () => {
    const { source, destination } = await world.buckets();
    for (const key of ['a', 'b', 'c']) await world.put(source, key);
    const request = { src: `s3://${source}`, dest: `s3://${destination}` };
    const objects = await world.run({ ...request, maxObjects: 2 });
    expect(objects).toMatchObject({ status: 'FAILED', error: 'PlanTooBigError', report: undefined });
    expect(JSON.parse(objects.cause).errorMessage).toBe(
      'after 3 listed keys the plan has 3 objects to copy, 1 object more than `maxObjects: 2` allows; nothing was copied: raise `maxObjects`, or select less',
    );
    const bytes = await world.run({ ...request, maxBytes: 1 });
    expect(bytes).toMatchObject({ error: 'PlanTooBigError' });
    expect(JSON.parse(bytes.cause).errorMessage).toMatch(
      / more than `maxBytes: 1` allows; nothing was copied/,
    );
    await nothingWritten(destination);
    expect(await world.run({ ...request, maxObjects: 3 })).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('a run folder of another execution is left alone', async () => {
    const { source, destination } = await world.buckets();
    const record = {
      v: 1,
      execution: { arn: 'another', startTime: 'then' },
      request: {},
      regions: { source: 'x', destination: 'x' },
    };
    await world.put(world.local.workBucket, 'runs/taken/request.json', JSON.stringify(record));
    const input = JSON.stringify({ src: `s3://${source}`, dest: `s3://${destination}` });
    const { arn } = world.local.engine.startExecution({ name: 'taken', input });
    expect(await world.ended('taken', arn)).toMatchObject({ status: 'FAILED', error: 'RunFolderInUseError' });
  });

  it('a bucket that the stack was not deployed for is refused by name', async () => {
    const narrow = await World.start({
      overrides: {
        prepare: { environment: { SOURCE_BUCKETS: '["only-this"]', DESTINATION_BUCKETS: '["only-that"]' } },
      },
    });
    for (const Bucket of ['only-this', 'only-that', 'another'])
      await narrow.s3.send(new CreateBucketCommand({ Bucket }));
    const run = await narrow.run({ src: 's3://another', dest: 's3://only-that' });
    expect(run).toMatchObject({ status: 'FAILED', error: 'InvalidRequestError' });
    expect(run.cause).toContain('is not one this stack was deployed for: allowed are \\"only-this\\"');
    expect(await narrow.run({ src: 's3://only-this', dest: 's3://only-that' })).toMatchObject({
      status: 'SUCCEEDED',
    });
    await narrow.stop();
  });
});
