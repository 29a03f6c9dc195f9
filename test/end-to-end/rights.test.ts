import {
  HeadObjectCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketVersioningCommand,
  PutObjectLockConfigurationCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Request } from '../../lambdas/core/request.ts';
import type { DenyRule } from '../../local/s3/rules/rule.ts';
import { longTags, propertiesOf, putEverything } from '../copy/source-with-everything.ts';
import { flat, resourcesOf, templateOf } from '../lib/synthesized.ts';
import { World } from './world.ts';

/**
 * Every function but the report, which shares its keys with the Step Functions API. Each asks S3 under a name of its
 * own, and is denied whatever its role in the synthesized template does not allow.
 */
const steps = [
  'prepare',
  'plan',
  'copy-objects',
  'open-object',
  'stage-1',
  'stage-2',
  'copy-parts',
  'finalize-object',
  'reconcile',
] as const;
type Step = (typeof steps)[number];

const object = ['GetObject', 'GetObjectVersion', 'GetObjectTagging', 'GetObjectVersionTagging', 'PutObject'];
const further = ['PutObjectTagging', 'PutObjectAcl', 'DeleteObject', 'DeleteObjectVersion', 'RestoreObject'];
const properties = ['GetObjectAcl', 'PutObjectVersionAcl', 'PutObjectVersionTagging'];
const locks = ['GetObjectRetention', 'GetObjectLegalHold', 'PutObjectRetention', 'PutObjectLegalHold'];
const annotations = ['ListObjectAnnotations', 'GetObjectAnnotation', 'PutObjectAnnotation'];
const uploads = ['AbortMultipartUpload', 'ListMultipartUploadParts', 'ListBucketMultipartUploads'];
const owners = ['GetBucketAcl', 'GetBucketOwnershipControls', 'GetBucketObjectLockConfiguration'];
const bucket = ['ListBucket', 'ListBucketVersions', 'GetBucketLocation', 'CreateBucket', 'DeleteBucket'];
/** What the sandbox store asks rights for. */
const actions = [
  ...object,
  ...further,
  ...properties,
  ...locks,
  ...annotations,
  ...uploads,
  ...owners,
  ...bucket,
].map((name) => `s3:${name}`);

const buckets = { source: 'source-1', destination: 'destination-1', work: 's3copy-work' };

/** Every action with every bucket that a step may not use it on. */
function denialsOf(step: Step, template: ReturnType<typeof templateOf>): DenyRule[] {
  const prefix = `S3CopySteps${step.replaceAll('-', '')}Role`;
  const [policy] = resourcesOf(template, 'AWS::IAM::Policy').filter(([id]) => id.startsWith(prefix));
  const allowed = (policy?.[1].Properties.PolicyDocument.Statement ?? []).flatMap(
    ({ Action, Resource }: { Action: string | string[]; Resource: unknown }) =>
      [Action]
        .flat()
        .flatMap((action) => [Resource].flat().map((each) => `${action} ${bucketOf(flat(each))}`)),
  );
  const pairs = actions.flatMap((action) => Object.values(buckets).map((name) => ({ action, bucket: name })));
  return pairs
    .filter(({ action, bucket: name }) => !allowed.includes(`${action} ${name}`))
    .map((pair) => ({ kind: 'deny', principal: step, ...pair }));
}

const bucketOf = (resource: string): string =>
  resource
    .replace(/^<S3CopyWorkBucket\w+\.Arn>/, buckets.work)
    .replace(/^arn:<AWS::Partition>:s3:::/, '')
    .replace(/\/.*$/, '');

describe('the rights that the stack gives its functions', () => {
  let world: World;

  beforeAll(async () => {
    const overrides = Object.fromEntries(
      steps.map((step) => [
        step,
        { environment: { AWS_ACCESS_KEY_ID: step, AWS_SECRET_ACCESS_KEY: `secret of ${step}` } },
      ]),
    );
    const credentials = steps.map((step) => ({
      accessKeyId: step,
      secretAccessKey: `secret of ${step}`,
      principal: step,
    }));
    world = await World.start({ overrides, store: { credentials } });
    expect(await world.buckets()).toEqual({ source: buckets.source, destination: buckets.destination });
    const VersioningConfiguration = { Status: 'Enabled' } as const;
    await world.s3.send(
      new PutBucketVersioningCommand({ Bucket: buckets.destination, VersioningConfiguration }),
    );
    const template = templateOf({ source: buckets.source, destination: buckets.destination });
    for (const rule of steps.flatMap((step) => denialsOf(step, template))) world.store.rules.add(rule);
  });
  afterAll(() => world.stop());

  const request = {
    src: `s3://${buckets.source}`,
    dest: `s3://${buckets.destination}`,
    fanOutAbove: '8MiB',
    keepParts: false,
  };

  it('suffice to copy simple, staged and fanned out objects with their tags, and to remove their part files', async () => {
    await world.put(buckets.source, 'simple', 'simple', { Tagging: 'a=b' });
    await world.putParts(buckets.source, 'staged', 2, { Tagging: 'a=b' });
    await world.putParts(buckets.source, 'fanned-out', 3, { Tagging: 'a=b' });
    const ended = await world.run(request);
    expect(ended).toMatchObject({ status: 'SUCCEEDED', error: '', failures: [] });
    expect(await world.content(buckets.destination)).toEqual(await world.content(buckets.source));
    expect((await world.keys(buckets.destination)).filter((key) => key.endsWith('part-00001'))).toEqual([]);
  });

  it('suffice to copy the parts of an object directly', async () => {
    await world.putParts(buckets.source, 'direct', 3, { Tagging: 'a=b' });
    const ended = await world.run({ ...request, strategy: 'direct', files: ['direct'] });
    expect(ended).toMatchObject({ status: 'SUCCEEDED', failures: [] });
    expect(await world.content(buckets.destination)).toEqual(await world.content(buckets.source));
  });

  it('suffice to compare, and to replace what has changed', async () => {
    await world.put(buckets.source, 'simple', 'changed');
    await world.putParts(buckets.source, 'fanned-out', 3, {}, 2);
    expect(await world.run(request)).toMatchObject({ status: 'SUCCEEDED', failures: [] });
    expect(await world.content(buckets.destination)).toEqual(await world.content(buckets.source));
  });

  it('suffice to read a list of keys in the source', async () => {
    await world.put(buckets.source, 'lists/keys.txt', 'simple\n');
    const filesFrom = `s3://${buckets.source}/lists/keys.txt`;
    expect(await world.run({ ...request, filesFrom })).toMatchObject({ status: 'SUCCEEDED', failures: [] });
  });

  it('suffice to carry everything that can be preserved', async () => {
    for (const Bucket of [buckets.source, buckets.destination]) {
      const OwnershipControls = { Rules: [{ ObjectOwnership: 'ObjectWriter' as const }] };
      const VersioningConfiguration = { Status: 'Enabled' } as const;
      const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled' } as const;
      await world.s3.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls }));
      await world.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
      await world.s3.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }));
    }
    await putEverything(world.s3, buckets.source, 'all/simple', { parts: 0 });
    await putEverything(world.s3, buckets.source, 'all/staged', { parts: 2, tags: longTags });
    await putEverything(world.s3, buckets.source, 'all/fanned-out', { parts: 3, tags: longTags });
    const preserve = Request.shape.preserve.def.innerType.element.options;
    const ended = await world.run({ ...request, prefixes: ['all/'], preserve, acl: 'authenticated-read' });
    expect(ended).toMatchObject({ status: 'SUCCEEDED', failures: [] });
    const again = await world.run({ ...request, prefixes: ['all/'], preserve, compare: 'always' });
    expect(again).toMatchObject({ status: 'SUCCEEDED', failures: [] });
    for (const key of ['all/simple', 'all/staged', 'all/fanned-out']) {
      const [from, to] = await Promise.all(
        [buckets.source, buckets.destination].map((name) => propertiesOf(world.s3, name, key)),
      );
      const own = { encryption: to?.encryption, 'bucket key': to?.['bucket key'] };
      expect(to).toEqual({ ...from, ...own });
    }
  });

  it('suffice to carry everything of a version that a list names', async () => {
    const { source, destination } = buckets;
    const keys = ['all/simple', 'all/staged', 'all/fanned-out'];
    const before = await Promise.all(keys.map((key) => propertiesOf(world.s3, source, key)));
    const heads = await Promise.all(
      keys.map((Key) => world.s3.send(new HeadObjectCommand({ Bucket: source, Key }))),
    );
    for (const key of keys) await world.put(source, key, 'a later version');
    const lines = keys.map((key, n) => JSON.stringify({ key, versionId: heads[n]?.VersionId }));
    await world.put(source, 'lists/versions.jsonl', lines.join('\n'));
    const filesFrom = `s3://${source}/lists/versions.jsonl`;
    const preserve = Request.shape.preserve.def.innerType.element.options;
    const ended = await world.run({ ...request, filesFrom, preserve, compare: 'always' });
    expect(ended).toMatchObject({ status: 'SUCCEEDED', failures: [], report: { copied: 3 } });
    const after = await Promise.all(keys.map((key) => propertiesOf(world.s3, destination, key)));
    expect(after).toEqual(
      after.map((own, n) => ({ ...before[n], encryption: own.encryption, 'bucket key': own['bucket key'] })),
    );
  });

  it('are enforced here: without one of them an object fails', async () => {
    const { source, destination } = buckets;
    world.store.rules.add({
      kind: 'deny',
      principal: 'copy-objects',
      action: 's3:PutObject',
      bucket: destination,
    });
    await world.put(source, 'refused', 'refused');
    const ended = await world.run({ ...request, files: ['refused'] });
    expect(ended).toMatchObject({ status: 'FAILED', error: 'ObjectsFailedError' });
    expect(ended.failures).toHaveLength(1);
  });
});
