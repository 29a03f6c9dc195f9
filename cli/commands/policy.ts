import { type Policy, type PolicyNeeds, policiesFor } from '../../core/access/policies.ts';
import { type CopyRequest, parseCopyRequest } from '../../core/model/copy-request.ts';
import { splitLocation } from '../../core/model/location.ts';
import type { Arguments } from '../arguments.ts';
import { requestOf } from '../copy-request.ts';
import { ExitCode } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { settingsOf } from '../settings.ts';
import { UsageError } from '../usage-error.ts';

/** Stands for an account that was not given. */
const unknownAccount = '000000000000';

/**
 * Prints the policies that buckets, keys and roles need for a run, and no others. Sends no request.
 *
 * @returns the exit code
 */
export async function policy(args: Arguments, output: Output): Promise<number> {
  const { isJson } = settingsOf(args);
  const policies = policiesFor(needsOf(args));
  if (isJson) output.line(JSON.stringify(policies));
  else for (const each of policies) for (const line of textOf(each)) output.line(line);
  return ExitCode.done;
}

const textOf = ({ title, document }: Policy): string[] => [
  `# ${title}`,
  JSON.stringify(document, undefined, 2),
  '',
];

/** What the flags say. Those of a request mean the same here, and are checked in the same way. */
function needsOf({ words, given }: Arguments): PolicyNeeds {
  if (words.length > 0) {
    throw new UsageError(`policy takes flags only, and ${JSON.stringify(words[0])} is not a flag`);
  }
  const ends = (['source', 'destination'] as const).map((name) => locationOf(name, given.get(name)));
  const { fields, uploaded } = withoutFiles(requestOf({ words: ends, given }));
  const { src, dest, roles, tempPrefix, ...request } = parseCopyRequest(fields);
  const account = (name: string): string | undefined => accountOf(name, given.get(name));
  const [sourceAccount, destinationAccount] = [account('source-account'), account('destination-account')];
  return {
    source: src,
    destination: dest ?? src,
    sourceAccount,
    destinationAccount,
    stackAccount: stackOf(given).account ?? destinationAccount ?? sourceAccount ?? unknownAccount,
    stackName: stackNameOf(given),
    partition: partitionFor(given, [roles.copy?.arn, roles.destination?.arn]),
    copyRole: roles.copy,
    destinationRole: roles.destination,
    keys: keysOf(given.get('kms')),
    temp: tempPrefix,
    strategy: request.strategy,
    keepParts: request.keepParts,
    deletes: request.delete,
    properties: hasProperties(request),
    files: request.files,
    prefixes: request.prefixes,
    filesFrom: uploaded.has('filesFrom') ? 'uploaded' : request.filesFrom,
    prefixesFrom: uploaded.has('prefixesFrom') ? 'uploaded' : request.prefixesFrom,
  };
}

/** A run uploads lists that are local files, so that its request never names them. */
function withoutFiles(request: Readonly<Record<string, unknown>>) {
  const isFile = (field: string): boolean => {
    const value = request[field];
    return typeof value === 'string' && splitLocation(value) === undefined;
  };
  const uploaded = new Set(['filesFrom', 'prefixesFrom'].filter(isFile));
  const fields = Object.fromEntries(Object.entries(request).filter(([field]) => !uploaded.has(field)));
  return { fields, uploaded };
}

/** Headers, metadata and tags need no right of their own. */
const hasProperties = ({
  preserve,
  acl,
  aclGrant,
}: Pick<CopyRequest, 'preserve' | 'acl' | 'aclGrant'>): boolean =>
  acl !== undefined ||
  aclGrant.length > 0 ||
  preserve.some((word) => !['metadata', 'tags', 'storageClass', 'redirect'].includes(word));

function locationOf(name: string, value: unknown): string {
  if (typeof value !== 'string') throw new UsageError(`policy needs --${name} BUCKET, or s3://bucket/path`);
  return splitLocation(value) === undefined ? `s3://${value}` : value;
}

function accountOf(name: string, value: unknown): string | undefined {
  if (value === undefined || /^\d{12}$/.test(String(value))) return value as string | undefined;
  throw new UsageError(`--${name}: ${JSON.stringify(value)} is not an account id of 12 digits`);
}

/** Reads the name of the stack from the ARN of its state machine. */
function stackOf(given: Arguments['given']): { partition?: string; account?: string; name?: string } {
  const { stateMachineArn } = settingsOf({ given });
  const [, partition, account, name] =
    /^arn:([\w-]+):states:[\w-]+:(\d{12}):stateMachine:([\w-]+)/.exec(stateMachineArn ?? '') ?? [];
  return { partition, account, name };
}

function stackNameOf(given: Arguments['given']): string {
  const name = given.get('stack-name') ?? stackOf(given).name ?? 's3copy';
  if (/^[a-zA-Z][a-zA-Z0-9-]{0,31}$/.test(String(name))) return String(name);
  throw new UsageError(`--stack-name: ${JSON.stringify(name)} is not the name of a stack, such as s3copy`);
}

/** All of one run lies in one partition of AWS, which every ARN begins with. */
function partitionFor(given: Arguments['given'], roles: readonly (string | undefined)[]): string {
  const named = given.get('partition');
  if (named !== undefined && !/^aws(-[a-z]+)*$/.test(String(named)))
    throw new UsageError(
      `--partition: ${JSON.stringify(named)} is not a partition. Use aws, aws-cn or aws-us-gov`,
    );
  const arns = [...roles, ...keysOf(given.get('kms'))];
  const told = arns.map((arn) => arn?.split(':')[1]).find((partition) => partition !== undefined);
  return String(named ?? stackOf(given).partition ?? told ?? 'aws');
}

function keysOf(value: unknown): readonly string[] {
  const keys = (value ?? []) as readonly string[];
  for (const key of keys) {
    if (/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/.test(key)) continue;
    throw new UsageError(
      `--kms: ${JSON.stringify(key)} is not the ARN of a key, such as arn:aws:kms:eu-west-1:111122223333:key/…`,
    );
  }
  return keys;
}
