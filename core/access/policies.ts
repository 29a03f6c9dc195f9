import { s3Arn } from '../model/partitions.ts';
import type { Selected } from '../model/paths.ts';
import type { Role } from '../model/roles.ts';
import { iamStatements, type StatementId } from './iam-actions.ts';
import { keyPattern, literal, type ScopeNeeds, sourceScope, targetScope } from './policy-scope.ts';

/** What the policies are for. */
export interface PolicyNeeds extends ScopeNeeds {
  /** Accounts of 12 digits. A bucket with an unknown owner counts as owned by its user. */
  readonly sourceAccount: string | undefined;
  readonly destinationAccount: string | undefined;
  /** Account of the stack. */
  readonly stackAccount: string;
  /** Name of the stack, which is the context `name` that it was deployed with. */
  readonly stackName: string;
  /** Partition of AWS, such as `aws-cn`. */
  readonly partition: string;
  /** Reads the source and writes the destination. @default the functions themselves */
  readonly copyRole: Role | undefined;
  /** Lists the destination, and deletes there. @default who copies */
  readonly destinationRole: Role | undefined;
  /** ARNs of the KMS keys that encrypt source or destination. */
  readonly keys: readonly string[];
  /** Where part files go: a folder of the destination bucket, or of another. */
  readonly temp: { readonly bucket?: string | undefined; readonly prefix: string };
  readonly strategy: 'staged' | 'direct';
  /** Runs keep the part files of staged copies. */
  readonly keepParts: boolean;
  /** Runs may delete what the source lacks. */
  readonly deletes: boolean;
  /** Runs may carry or set more than headers, metadata and tags. */
  readonly properties: boolean;
}

type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** A statement of an IAM policy. */
export interface Statement {
  readonly Sid: StatementId;
  readonly Effect: 'Allow';
  readonly Principal?: { readonly AWS: string };
  readonly Action: readonly string[];
  readonly Resource?: readonly string[] | '*';
  readonly Condition?: Condition;
}

/** A statement for the caller, which names its resources. */
interface OwnStatement extends Statement {
  readonly Resource: readonly string[];
}

/** One policy, and where it belongs. */
export interface Policy {
  /** For people, such as `bucket policy of source, in account 111122223333`. */
  readonly title: string;
  readonly document: { readonly Version: '2012-10-17'; readonly Statement: readonly Statement[] };
}

/** The caller: a role, or the functions of the stack. */
interface Actor {
  readonly name: string;
  readonly account: string;
  readonly role: Role | undefined;
  readonly statements: readonly OwnStatement[];
}

const accountOf = (arn: string): string => arn.split(':')[4] as string;

const statement = (Sid: StatementId, Resource: readonly string[], Condition?: Condition): OwnStatement => ({
  Sid,
  Effect: 'Allow',
  Action: iamStatements[Sid],
  Resource,
  ...(Condition === undefined ? {} : { Condition }),
});

/** Listings are allowed of what these select; of a whole bucket without a condition. */
const within = (items: readonly Selected[]): Condition | undefined => {
  const patterns = items.map(keyPattern);
  return patterns.includes('*') ? undefined : { StringLike: { 's3:prefix': patterns } };
};

const anyBelow = (prefix: string): Selected => ({ kind: 'prefix', prefix });

/** Objects of a bucket that these select. */
const objectsIn = (partition: string, bucket: string, items: readonly Selected[]): string[] =>
  items.map((item) => s3Arn(partition, bucket, keyPattern(item)));

/** The statement for listings, where there are any. */
const listing = (id: StatementId, bucket: string, items: readonly Selected[]): OwnStatement[] =>
  items.length === 0 ? [] : [statement(id, [bucket], within(items))];

/** Statements of who reads the source. */
function readingSource(needs: PolicyNeeds): OwnStatement[] {
  const { source, keys, properties, partition } = needs;
  const { objects, listed } = sourceScope(needs);
  const copied = objectsIn(partition, source.bucket, objects);
  return [
    ...listing('ListSource', s3Arn(partition, source.bucket), listed),
    statement('ReadSource', copied),
    ...(properties ? [statement('ReadProperties', copied)] : []),
    ...usingKeys('UseSourceKeys', keys),
  ];
}

function writingDestination(needs: PolicyNeeds): OwnStatement[] {
  const { destination, temp, strategy, keys, properties, partition } = needs;
  const bucket = s3Arn(partition, destination.bucket);
  const { objects } = targetScope(needs);
  const targets = objectsIn(partition, destination.bucket, objects);
  const isStaged = strategy === 'staged';
  const tempBucket = s3Arn(partition, temp.bucket ?? destination.bucket);
  const [parts, buckets] = isStaged ? [partFilesIn(needs), [bucket, tempBucket]] : [[], [bucket]];
  return [
    statement('WriteDestination', [...new Set([...targets, ...parts])]),
    statement('FindUploads', [...new Set(buckets)]),
    ...(isStaged ? staging(needs, tempBucket) : []),
    ...(properties
      ? [
          statement('WriteProperties', targets),
          statement('SeeOwner', [bucket]),
          statement('SeeOwnership', [bucket]),
        ]
      : []),
    ...usingKeys('UseDestinationKeys', keys),
  ];
}

/** The part files of staged copies. */
const partFilesIn = ({ destination, temp, partition }: PolicyNeeds): string[] =>
  objectsIn(partition, temp.bucket ?? destination.bucket, [anyBelow(temp.prefix)]);

/** Statements for the part files of staged copies, besides those to write them. */
function staging(needs: PolicyNeeds, tempBucket: string): OwnStatement[] {
  const area = [anyBelow(needs.temp.prefix)];
  // Who may list nothing looks part files up one by one; to remove those of old versions is to look for them.
  const mayList = sourceScope(needs).listed.length > 0;
  return [
    ...(mayList || !needs.keepParts ? listing('ListPartFiles', tempBucket, area) : []),
    ...(needs.keepParts
      ? []
      : [
          statement('FindPartFiles', [tempBucket], within(area)),
          statement('RemovePartFiles', partFilesIn(needs)),
        ]),
    statement('SeeObjectLock', [tempBucket]),
  ];
}

function listingDestination(needs: PolicyNeeds): OwnStatement[] {
  const { destination, strategy, deletes, keys, partition } = needs;
  const { objects, listed } = targetScope(needs);
  const targets = objectsIn(partition, destination.bucket, objects);
  const records = strategy === 'staged' ? partFilesIn(needs).map((parts) => `${parts}/target.json`) : [];
  return [
    ...listing('ListDestination', s3Arn(partition, destination.bucket), listed),
    statement('CompareDestination', [...targets, ...records]),
    ...(deletes ? [statement('DeleteDestination', targets)] : []),
    ...usingKeys('ReadDestinationKeys', keys),
  ];
}

/** Lists in the source bucket are read by who copies, as the source is; all others by the functions themselves. */
function readingLists(needs: PolicyNeeds, reader: 'copier' | 'functions'): OwnStatement[] {
  const { filesFrom, prefixesFrom, source, copyRole, partition } = needs;
  const places = [filesFrom, prefixesFrom].filter((place) => place !== undefined && place !== 'uploaded');
  const isRead = (bucket: string): boolean =>
    (bucket === source.bucket || copyRole === undefined) === (reader === 'copier');
  const read = places.filter(({ bucket }) => isRead(bucket));
  const arns = read.map(({ bucket, path }) => s3Arn(partition, bucket, literal(path)));
  return arns.length === 0 ? [] : [statement('ReadLists', [...new Set(arns)])];
}

const usingKeys = (id: StatementId, keys: readonly string[]): OwnStatement[] =>
  keys.length === 0 ? [] : [statement(id, keys, { StringLike: { 'kms:ViaService': 's3.*' } })];

function actorsOf(needs: PolicyNeeds): Actor[] {
  const { copyRole, destinationRole, stackAccount } = needs;
  const actor = (role: Role | undefined, field: string, statements: readonly OwnStatement[]): Actor => ({
    role,
    name: role === undefined ? 'the functions of s3copy' : `role ${role.arn} (${field})`,
    account: role === undefined ? stackAccount : accountOf(role.arn),
    statements,
  });
  const copying = [...readingSource(needs), ...readingLists(needs, 'copier'), ...writingDestination(needs)];
  const comparing = listingDestination(needs);
  const isOne = destinationRole === undefined;
  const lists = readingLists(needs, 'functions');
  return [
    actor(copyRole, 'roles.copy', isOne ? [...copying, ...comparing] : copying),
    ...(isOne ? [] : [actor(destinationRole, 'roles.destination', comparing)]),
    ...(lists.length === 0 ? [] : [actor(undefined, '', lists)]),
  ];
}

const policy = (title: string, statements: readonly Statement[]): Policy => ({
  title,
  document: { Version: '2012-10-17', Statement: statements },
});

/** The user of s3copy. */
type Stack = Pick<PolicyNeeds, 'stackAccount' | 'stackName' | 'partition'>;

/** CloudFormation shortens the name of a stack in the names that it makes, which are of 64 characters at most. */
const longestStackName = 24;

/** The functions have roles of their own, whose names begin with that of the stack. */
const functionsOf = ({ stackAccount, stackName, partition }: Stack, conditions: Condition = {}) => {
  const name = stackName.length > longestStackName ? stackName.slice(0, longestStackName) : `${stackName}-`;
  return {
    Principal: { AWS: `arn:${partition}:iam::${stackAccount}:root` },
    Condition: {
      ...conditions,
      ArnLike: { 'aws:PrincipalArn': `arn:${partition}:iam::${stackAccount}:role/${name}*` },
    },
  };
};

/** The same statement in a policy of the resource, which says for whom. */
const grantedTo = (stack: Stack, { role }: Actor, each: Statement): Statement =>
  role === undefined
    ? { ...each, ...functionsOf(stack, each.Condition) }
    : { ...each, Principal: { AWS: role.arn } };

/** What a bucket of another account must allow. */
function bucketPolicy(
  stack: Stack,
  bucket: string,
  account: string | undefined,
  actors: readonly Actor[],
): Policy[] {
  const arn = s3Arn(stack.partition, bucket);
  const strangers = actors.filter((actor) => account !== undefined && actor.account !== account);
  const statements = strangers.flatMap((actor) =>
    actor.statements.flatMap((each) => {
      const resources = each.Resource.filter((at) => at === arn || at.startsWith(`${arn}/`));
      return resources.length === 0 ? [] : [grantedTo(stack, actor, { ...each, Resource: resources })];
    }),
  );
  return statements.length === 0
    ? []
    : [policy(`bucket policy of ${bucket}, in account ${account}`, statements)];
}

/** What a key of another account must allow. In a policy of a key, `*` is the key itself. */
function keyPolicy(stack: Stack, key: string, actors: readonly Actor[]): Policy[] {
  const strangers = actors.filter(({ account }) => account !== accountOf(key));
  const statements = strangers.flatMap((actor) =>
    actor.statements
      .filter(({ Resource }) => Resource.includes(key))
      .map((each) => grantedTo(stack, actor, { ...each, Resource: '*' })),
  );
  return statements.length === 0 ? [] : [policy(`key policy of ${key}`, statements)];
}

function trustPolicies(actors: readonly Actor[], stack: Stack): Policy[] {
  const { stackAccount } = stack;
  const roles = actors.flatMap(({ role }) => role ?? []);
  if (roles.length === 0) return [];
  const trusts = roles.map(({ arn, externalId }) => {
    const condition: Condition =
      externalId === undefined ? {} : { StringEquals: { 'sts:ExternalId': externalId } };
    const each = { Sid: 'TrustFunctions', Effect: 'Allow', Action: iamStatements.TrustFunctions } as const;
    return policy(`trust policy of role ${arn}`, [{ ...each, ...functionsOf(stack, condition) }]);
  });
  const arns = roles.map(({ arn }) => arn);
  const own = `permissions of the functions of s3copy, in account ${stackAccount} (deployed by -c roles=${arns.join(',')})`;
  return [...trusts, policy(own, [statement('AssumeRoles', arns)])];
}

/**
 * The policies that both accounts need for a run, with no right to spare. The ids of their statements are those that
 * errors name.
 */
export function policiesFor(needs: PolicyNeeds): Policy[] {
  const actors = actorsOf(needs);
  const { source, destination, temp, sourceAccount, destinationAccount, keys } = needs;
  const buckets = new Map([
    [temp.bucket ?? destination.bucket, destinationAccount],
    [destination.bucket, destinationAccount],
    [source.bucket, sourceAccount],
  ]);
  return [
    ...actors.map(({ name, account, statements }) =>
      policy(`permissions of ${name}, in account ${account}`, statements),
    ),
    ...trustPolicies(actors, needs),
    ...[...buckets].reverse().flatMap(([bucket, account]) => bucketPolicy(needs, bucket, account, actors)),
    ...keys.flatMap((key) => keyPolicy(needs, key, actors)),
  ];
}
