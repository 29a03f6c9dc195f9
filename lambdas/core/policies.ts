import type { Location } from './location.ts';
import { s3Arn } from './partitions.ts';
import { destinationFolder, readSourcePath } from './paths.ts';
import { rights, type StatementId } from './rights.ts';
import type { Role } from './roles.ts';

/** What the policies are for. */
export interface PolicyNeeds {
  readonly source: Location;
  readonly destination: Location;
  /** Accounts of 12 digits. Buckets of unknown owners count as those of whoever uses them. */
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

/** A statement of whoever asks, which names what it is about. */
interface OwnStatement extends Statement {
  readonly Resource: readonly string[];
}

/** One policy, and where it belongs. */
export interface Policy {
  /** For people, such as `bucket policy of source, in account 111122223333`. */
  readonly title: string;
  readonly document: { readonly Version: '2012-10-17'; readonly Statement: readonly Statement[] };
}

/** Whoever asks: a role, or the functions of the stack. */
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
  Action: rights[Sid],
  Resource,
  ...(Condition === undefined ? {} : { Condition }),
});

/** A listing is allowed below these prefixes; an empty one is the whole bucket. */
const below = (prefixes: readonly string[]): Condition | undefined =>
  prefixes.includes('') ? undefined : { StringLike: { 's3:prefix': prefixes.map((prefix) => `${prefix}*`) } };

/** Statements of who reads the source. */
function readingSource({ source, keys, properties, partition }: PolicyNeeds): OwnStatement[] {
  const selected = readSourcePath(source.path).selected;
  const prefixes = selected.flatMap((item) => (item.kind === 'prefix' ? [item.prefix] : []));
  const bucket = s3Arn(partition, source.bucket);
  const copied = selected.map((item) => `${bucket}/${item.kind === 'key' ? item.key : `${item.prefix}*`}`);
  return [
    statement('ListSource', [bucket], below(prefixes)),
    statement('ReadSource', copied),
    ...(properties ? [statement('ReadProperties', copied)] : []),
    ...usingKeys('UseSourceKeys', keys),
  ];
}

function writingDestination({ destination, temp, keys, properties, partition }: PolicyNeeds): OwnStatement[] {
  const folder = destinationFolder(destination.path);
  const bucket = s3Arn(partition, destination.bucket);
  const tempBucket = s3Arn(partition, temp.bucket ?? destination.bucket);
  const parts = `${tempBucket}/${temp.prefix}*`;
  return [
    statement('WriteDestination', [...new Set([`${bucket}/${folder}*`, parts])]),
    statement('ListPartFiles', [tempBucket], below([temp.prefix])),
    statement('FindPartFiles', [...new Set([bucket, tempBucket])], below([folder, temp.prefix])),
    statement('RemovePartFiles', [parts]),
    statement('SeeObjectLock', [tempBucket]),
    ...(properties
      ? [
          statement('WriteProperties', [`${bucket}/${folder}*`]),
          statement('SeeOwner', [bucket]),
          statement('SeeOwnership', [bucket]),
        ]
      : []),
    ...usingKeys('UseDestinationKeys', keys),
  ];
}

function listingDestination({ destination, deletes, keys, partition }: PolicyNeeds): OwnStatement[] {
  const folder = destinationFolder(destination.path);
  const bucket = s3Arn(partition, destination.bucket);
  const objects = [`${bucket}/${folder}*`];
  return [
    statement('ListDestination', [bucket], below([folder])),
    statement('CompareDestination', objects),
    ...(deletes ? [statement('DeleteDestination', objects)] : []),
    ...usingKeys('ReadDestinationKeys', keys),
  ];
}

const usingKeys = (id: StatementId, keys: readonly string[]): OwnStatement[] =>
  keys.length === 0 ? [] : [statement(id, keys, { StringLike: { 'kms:ViaService': 's3.*' } })];

function actorsOf(needs: PolicyNeeds): Actor[] {
  const { copyRole, destinationRole, stackAccount } = needs;
  const copying = [...readingSource(needs), ...writingDestination(needs)];
  const listing = listingDestination(needs);
  const actor = (role: Role | undefined, field: string, statements: readonly OwnStatement[]): Actor => ({
    role,
    name: role === undefined ? 'the functions of s3copy' : `role ${role.arn} (${field})`,
    account: role === undefined ? stackAccount : accountOf(role.arn),
    statements,
  });
  if (destinationRole === undefined) return [actor(copyRole, 'roles.copy', [...copying, ...listing])];
  return [actor(copyRole, 'roles.copy', copying), actor(destinationRole, 'roles.destination', listing)];
}

const policy = (title: string, statements: readonly Statement[]): Policy => ({
  title,
  document: { Version: '2012-10-17', Statement: statements },
});

/** Whoever runs s3copy. */
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
    const each = { Sid: 'TrustFunctions', Effect: 'Allow', Action: rights.TrustFunctions } as const;
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
