import {
  HeadObjectCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketVersioningCommand,
  PutObjectLockConfigurationCommand,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseArguments } from '../../cli/arguments.ts';
import { requestOf } from '../../cli/copy-request.ts';
import { CopyRequest } from '../../core/model/copy-request.ts';
import { longTags, propertiesOf, putEverything } from '../core/copy/source-with-everything.ts';
import { expectAllCopied, type Scenario, scenarios } from './policy-scenarios.ts';
import { type Ended, World } from './world.ts';

const places = Array.from({ length: 60 }, (_, n) => ({
  source: `source-${n + 1}`,
  destination: `destination-${n + 1}`,
}));
const [buckets] = places as [(typeof places)[number]];

/** As `World.buckets()` names them, each source with the right to be read alone. */
const context = {
  source: places.map(({ source }) => source).join(),
  destination: places.flatMap(({ destination }) => [destination, `${destination}-parts`]).join(),
  lists: places.map(({ source }) => `s3://${source}/lists/`).join(),
};

/** A stack for these buckets, whose functions may lack nothing whatever is run on it. */
function stackOf(switches: Readonly<Record<string, unknown>> = {}): { readonly world: World } {
  const own = {} as { world: World };
  beforeAll(async () => {
    own.world = await World.start({ context: { ...context, ...switches } });
    expect(await own.world.buckets()).toEqual(buckets);
    const VersioningConfiguration = { Status: 'Enabled' } as const;
    await own.world.s3.send(
      new PutBucketVersioningCommand({ Bucket: buckets.destination, VersioningConfiguration }),
    );
  });
  afterEach(() => {
    own.world.store.rules.clear();
    expect([...own.world.store.denied]).toEqual([]);
  });
  afterAll(() => own.world.stop());
  return own;
}

type Title = keyof typeof scenarios;

async function play(world: World, title: Title): Promise<void> {
  const { flags, prepare, disturb, verify = expectAllCopied }: Scenario = scenarios[title];
  const ends = await world.buckets();
  await prepare(world, ends);
  disturb?.(world, ends);
  const words = [`s3://${ends.source}/data`, `s3://${ends.destination}/to`];
  const asked = requestOf(parseArguments([...words, ...(flags?.(ends) ?? [])]));
  const run = (): Promise<Ended> => world.run({ fanOutAbove: '8MiB', ...asked });
  await verify(world, await run(), ends, run);
}

/** Those that need a right that the stack must be deployed with. */
const switched: readonly Title[] = [
  'what the source lacks is deleted',
  'everything that can be preserved',
  'everything of versions',
  'grants that no header holds',
  'that a bucket takes no access control lists',
];
const plain = (Object.keys(scenarios) as Title[]).filter((title) => !switched.includes(title));

const request = {
  src: `s3://${buckets.source}`,
  dest: `s3://${buckets.destination}`,
  fanOutAbove: '8MiB',
  keepParts: false,
};

describe('the rights that the stack gives its functions', () => {
  const stack = stackOf();

  it('suffice to copy simple, staged and fanned out objects with their tags, and to remove their part files', async () => {
    await stack.world.put(buckets.source, 'simple', 'simple', { Tagging: 'a=b' });
    await stack.world.putParts(buckets.source, 'staged', 2, { Tagging: 'a=b' });
    await stack.world.putParts(buckets.source, 'fanned-out', 3, { Tagging: 'a=b' });
    const ended = await stack.world.run(request);
    expect(ended).toMatchObject({ status: 'SUCCEEDED', error: '', failures: [] });
    expect(await stack.world.content(buckets.destination)).toEqual(await stack.world.content(buckets.source));
    expect((await stack.world.keys(buckets.destination)).filter((key) => key.endsWith('part-00001'))).toEqual(
      [],
    );
  });

  it('suffice to copy the parts of an object directly', async () => {
    await stack.world.putParts(buckets.source, 'direct', 3, { Tagging: 'a=b' });
    const ended = await stack.world.run({ ...request, strategy: 'direct', files: ['direct'] });
    expect(ended).toMatchObject({ status: 'SUCCEEDED', failures: [] });
    expect(await stack.world.content(buckets.destination)).toEqual(await stack.world.content(buckets.source));
  });

  it('suffice to compare, and to replace what has changed', async () => {
    await stack.world.put(buckets.source, 'simple', 'changed');
    await stack.world.putParts(buckets.source, 'fanned-out', 3, {}, 2);
    expect(await stack.world.run(request)).toMatchObject({ status: 'SUCCEEDED', failures: [] });
    expect(await stack.world.content(buckets.destination)).toEqual(await stack.world.content(buckets.source));
  });

  it('suffice to read a list of keys in the source', async () => {
    await stack.world.put(buckets.source, 'lists/keys.txt', 'simple\n');
    const filesFrom = `s3://${buckets.source}/lists/keys.txt`;
    expect(await stack.world.run({ ...request, filesFrom })).toMatchObject({
      status: 'SUCCEEDED',
      failures: [],
    });
  });

  it.each(plain)('suffice for %s', (title) => play(stack.world, title));

  it.each([
    { fields: { delete: true }, says: 'deploy it with -c delete=true' },
    { fields: { preserve: ['acl'] }, says: 'deploy it with -c acl=true' },
    { fields: { preserve: ['objectLock'] }, says: 'deploy it with -c objectLock=true' },
    { fields: { tempPrefix: 'parts/' }, says: 'deploy it with -c temp=parts/' },
  ])('do not suffice for $fields, which is refused with what to do: $says', async ({ fields, says }) => {
    const ended = await stack.world.run({ ...request, ...fields });

    expect(ended).toMatchObject({ status: 'FAILED', error: 'InvalidRequestError' });
    expect(ended.cause).toContain(says);
  });
});

describe('the rights that a stack with all switches gives its functions', () => {
  const stack = stackOf({ delete: true, acl: true, objectLock: true });

  it('suffice to carry everything that can be preserved', async () => {
    for (const Bucket of [buckets.source, buckets.destination]) {
      const OwnershipControls = { Rules: [{ ObjectOwnership: 'ObjectWriter' as const }] };
      const VersioningConfiguration = { Status: 'Enabled' } as const;
      const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled' } as const;
      await stack.world.s3.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls }));
      await stack.world.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
      await stack.world.s3.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }));
    }
    await putEverything(stack.world.s3, buckets.source, 'all/simple', { parts: 0 });
    await putEverything(stack.world.s3, buckets.source, 'all/staged', { parts: 2, tags: longTags });
    await putEverything(stack.world.s3, buckets.source, 'all/fanned-out', { parts: 3, tags: longTags });
    const preserve = CopyRequest.shape.preserve.def.innerType.element.options;
    const ended = await stack.world.run({
      ...request,
      prefixes: ['all/'],
      preserve,
      acl: 'authenticated-read',
    });
    expect(ended).toMatchObject({ status: 'SUCCEEDED', failures: [] });
    const again = await stack.world.run({ ...request, prefixes: ['all/'], preserve, compare: 'always' });
    expect(again).toMatchObject({ status: 'SUCCEEDED', failures: [] });
    for (const key of ['all/simple', 'all/staged', 'all/fanned-out']) {
      const [from, to] = await Promise.all(
        [buckets.source, buckets.destination].map((name) => propertiesOf(stack.world.s3, name, key)),
      );
      const own = { encryption: to?.encryption, 'bucket key': to?.['bucket key'] };
      expect(to).toEqual({ ...from, ...own });
    }
  });

  it('suffice to carry everything of a version that a list names', async () => {
    const { source, destination } = buckets;
    const keys = ['all/simple', 'all/staged', 'all/fanned-out'];
    const before = await Promise.all(keys.map((key) => propertiesOf(stack.world.s3, source, key)));
    const heads = await Promise.all(
      keys.map((Key) => stack.world.s3.send(new HeadObjectCommand({ Bucket: source, Key }))),
    );
    for (const key of keys) await stack.world.put(source, key, 'a later version');
    const lines = keys.map((key, n) => JSON.stringify({ key, versionId: heads[n]?.VersionId }));
    await stack.world.put(source, 'lists/versions.jsonl', lines.join('\n'));
    const filesFrom = `s3://${source}/lists/versions.jsonl`;
    const preserve = CopyRequest.shape.preserve.def.innerType.element.options;
    const ended = await stack.world.run({ ...request, filesFrom, preserve, compare: 'always' });
    expect(ended).toMatchObject({ status: 'SUCCEEDED', failures: [], report: { copied: 3 } });
    const after = await Promise.all(keys.map((key) => propertiesOf(stack.world.s3, destination, key)));
    expect(after).toEqual(
      after.map((own, n) => ({ ...before[n], encryption: own.encryption, 'bucket key': own['bucket key'] })),
    );
  });

  it.each(switched)('suffice for %s', (title) => play(stack.world, title));
});
