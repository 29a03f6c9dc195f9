import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseArguments } from '../../cli/arguments.ts';
import { requestOf } from '../../cli/copy-request.ts';
import { main } from '../../cli/main.ts';
import { iamStatements, type StatementId } from '../../core/access/iam-actions.ts';
import type { Policy, Statement } from '../../core/access/policies.ts';
import { denialsOf, statementsOf } from './enforced.ts';
import { type Ends, expectAllCopied, type Scenario, scenarios } from './policy-scenarios.ts';
import { type Ended, World } from './world.ts';

/** Each asks S3 in a name of its own, and is denied whatever `s3copy policy` does not print for it. */
const roles = {
  '-c': { arn: 'arn:aws:iam::111111111111:role/copier', field: 'roles.copy', name: 'copier' },
  '-d': { arn: 'arn:aws:iam::222222222222:role/lister', field: 'roles.destination', name: 'lister' },
} as const;

/** An action that is left out of a statement. */
interface Removed {
  readonly id: StatementId;
  readonly action: string;
}

type Title = keyof typeof scenarios;

const [basic, interrupted, unkept] = [
  'simple, staged and fanned out objects, and that nothing has changed',
  'direct copies that are interrupted and go on',
  'part files that are not kept, in a bucket with versions',
] as const;
const [elsewhere, deleting] = [
  'part files in another bucket, by which a later run compares',
  'what the source lacks is deleted',
] as const;
const [versions, everything] = [
  'versions that a list outside of the path names',
  'everything that can be preserved',
] as const;

/** A run that does not end as it should without an action of a statement. */
const needed: Readonly<Partial<Record<StatementId, Readonly<Record<string, Title>>>>> = {
  ListSource: { 's3:ListBucket': basic },
  ReadSource: {
    's3:GetObject': basic,
    's3:GetObjectVersion': versions,
    's3:GetObjectTagging': basic,
    's3:GetObjectVersionTagging': versions,
  },
  ReadLists: { 's3:GetObject': versions },
  ListDestination: { 's3:ListBucket': basic },
  CompareDestination: { 's3:GetObject': elsewhere },
  WriteDestination: {
    's3:GetObject': basic,
    's3:PutObject': basic,
    's3:PutObjectTagging': basic,
    's3:PutObjectVersionTagging': 'tags that no header holds, where there are versions',
    's3:ListMultipartUploadParts': interrupted,
    's3:AbortMultipartUpload': interrupted,
  },
  FindUploads: { 's3:ListBucketMultipartUploads': interrupted },
  FindPartFiles: { 's3:ListBucketVersions': unkept },
  RemovePartFiles: { 's3:DeleteObjectVersion': unkept },
  DeleteDestination: { 's3:DeleteObject': deleting },
  ReadProperties: {
    's3:GetObjectAcl': everything,
    's3:GetObjectVersionAcl': 'everything of versions',
    's3:GetObjectRetention': everything,
    's3:GetObjectLegalHold': everything,
    's3:GetObjectAnnotation': everything,
    's3:ListObjectAnnotations': everything,
  },
  WriteProperties: {
    's3:PutObjectAcl': everything,
    's3:PutObjectVersionAcl': 'grants that no header holds',
    's3:PutObjectRetention': everything,
    's3:PutObjectLegalHold': everything,
    's3:PutObjectAnnotation': everything,
  },
  SeeOwner: { 's3:GetBucketAcl': everything },
  SeeOwnership: { 's3:GetBucketOwnershipControls': 'that a bucket takes no access control lists' },
  SeeObjectLock: { 's3:GetBucketObjectLockConfiguration': 'that a bucket would lock part files' },
};

/** What a run of the sandbox store does not lack. */
const unseen: Readonly<Partial<Record<StatementId, readonly string[]>>> = {
  // Without it part files are looked up one by one.
  ListPartFiles: ['s3:ListBucket'],
  // Part files have no tags, and the store asks for it only where there are some.
  WriteDestination: ['s3:GetObjectTagging'],
  // S3's documents ask for it whenever keys are deleted, the store only where no version is named.
  RemovePartFiles: ['s3:DeleteObject'],
  // Whoever deletes may look at the same objects by CompareDestination.
  DeleteDestination: ['s3:GetObject'],
  // The store encrypts without keys of KMS.
  UseSourceKeys: ['kms:Decrypt'],
  UseDestinationKeys: ['kms:Decrypt', 'kms:GenerateDataKey'],
  ReadDestinationKeys: ['kms:Decrypt'],
  // Of the functions, and of the roles' trust: access.test.ts.
  AssumeRoles: ['sts:AssumeRole'],
  TrustFunctions: ['sts:AssumeRole'],
};

describe('the policies that are printed for a run', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterEach(() => world.store.rules.clear());
  afterAll(() => world.stop());

  async function print(flags: readonly string[], ends: Ends): Promise<readonly Policy[]> {
    const lines: string[] = [];
    const output = { line: (text: string) => void lines.push(text), note: () => undefined };
    const places = ['--source', `s3://${ends.source}/data`, '--destination', `s3://${ends.destination}/to`];
    const argv = ['policy', ...places, '--json', ...flags];
    expect(await main(argv, output as never, new AbortController().signal)).toBe(0);
    return JSON.parse(lines[0] as string) as Policy[];
  }

  const without =
    (removed: Removed | undefined) =>
    (statement: Statement): Statement => ({
      ...statement,
      Action: statement.Action.filter((action) => statement.Sid !== removed?.id || action !== removed.action),
    });

  /** Runs a scenario under its policies, but for what is removed from them. */
  async function play(title: Title, removed?: Removed): Promise<void> {
    const { flags, prepare, disturb, verify = expectAllCopied }: Scenario = scenarios[title];
    const ends = await world.buckets();
    await prepare(world, ends);
    const given = [
      ...(flags?.(ends) ?? []),
      ...Object.entries(roles).flatMap(([flag, { arn }]) => [flag, arn]),
    ];
    const printed = await print(given, ends);
    const buckets = [ends.source, ends.destination, `${ends.destination}-parts`];
    for (const { field, name } of Object.values(roles)) {
      const statements = statementsOf(printed, field).map(without(removed));
      for (const rule of denialsOf(name, statements, buckets)) world.store.rules.add(rule);
    }
    disturb?.(world, ends);
    const words = [`s3://${ends.source}/data`, `s3://${ends.destination}/to`];
    const request = { fanOutAbove: '8MiB', ...requestOf(parseArguments([...words, ...given])) };
    const run = (): Promise<Ended> => world.run(request);
    await verify(world, await run(), ends, run);
  }

  it.each(Object.keys(scenarios) as Title[])('suffice for %s', async (title) => {
    await play(title);
  });

  const removals = Object.entries(needed).flatMap(([id, actions]) =>
    Object.entries(actions).map(([action, title]) => ({ id: id as StatementId, action, title })),
  );

  it.each(removals)('do not suffice without $action of $id, for $title', async ({ title, ...removed }) => {
    await expect(play(title, removed)).rejects.toThrow(/expected .* to /s);
  });

  it('have no action of which that is not shown, but for those with a reason', () => {
    const pairs = (of: Readonly<Partial<Record<string, readonly string[]>>>) =>
      Object.entries(of).flatMap(([id, actions = []]) => actions.map((action) => `${id} ${action}`));
    const shown = Object.fromEntries(
      Object.entries(needed).map(([id, actions]) => [id, Object.keys(actions)]),
    );
    expect([...pairs(shown), ...pairs(unseen)].toSorted()).toEqual(pairs(iamStatements).toSorted());
  });
});
