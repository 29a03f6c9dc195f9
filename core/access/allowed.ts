import type { CopyRequest } from '../model/copy-request.ts';
import { CopyError } from '../model/errors.ts';
import { formatLocation, type Location } from '../model/location.ts';
import type { Role } from '../model/roles.ts';

/** What the stack was deployed for. `*` in a list of buckets stands for any. */
export interface Allowed {
  readonly source: readonly string[];
  readonly destination: readonly string[];
  /** Places of lists, as `s3://bucket/prefix`. */
  readonly lists: readonly string[];
  /** ARNs of roles. @default none */
  readonly roles?: readonly string[];
  /** ARNs of KMS keys; `*` stands for any. Left out by a state machine from before they were checked. */
  readonly keys?: readonly string[] | undefined;
  /** Folders in which part files may be deleted; `*` stands for any. Left out as `keys` may be. */
  readonly temp?: readonly string[] | undefined;
  /** Rights that only some requests need. Left out as `keys` may be. */
  readonly switches?:
    | { readonly delete: boolean; readonly acl: boolean; readonly objectLock: boolean }
    | undefined;
}

type IsWork = (bucket: string) => boolean;

function refuseBucket(field: string, bucket: string, allowed: readonly string[], context: string): void {
  if (allowed.includes('*') || allowed.includes(bucket)) return;
  const known = allowed.map((name) => JSON.stringify(name)).join(', ');
  throw new CopyError(
    'InvalidRequestError',
    `${field}: bucket ${JSON.stringify(bucket)} is not one this stack was deployed for: allowed are ${known}; ` +
      `deploy it with -c ${context}=${bucket} (or a list) to change that`,
    { field, bucket },
  );
}

function refuseRole(field: string, role: Role | undefined, allowed: readonly string[]): void {
  if (role === undefined || allowed.includes('*') || allowed.includes(role.arn)) return;
  const known = allowed.length === 0 ? 'none' : allowed.map((arn) => JSON.stringify(arn)).join(', ');
  throw new CopyError(
    'InvalidRequestError',
    `${field}: role ${JSON.stringify(role.arn)} is not one this stack was deployed for: allowed are ${known}; ` +
      `deploy it with -c roles=${role.arn} (or a list) to change that`,
    { field },
  );
}

/** A key by its id, or by its ARN without an alias: only the account knows which key an alias stands for. */
const keyOf = (text: string): string | undefined =>
  /^(?:arn:aws[a-z-]*:kms:[^:]*:\d{12}:key\/)?((?:mrk-)?[0-9a-f-]{32,36})$/.exec(text)?.[1];

/** A role of the request has rights of its own. */
function refuseKey({ sse, roles }: CopyRequest, allowed: readonly string[] | undefined): void {
  const key = sse?.key;
  if (key === undefined || roles.copy !== undefined || keyOf(key) === undefined) return;
  if (allowed === undefined || allowed.includes('*')) return;
  if (allowed.some((arn) => arn === key || keyOf(arn) === key)) return;
  const known = allowed.length === 0 ? 'none' : allowed.map((arn) => JSON.stringify(arn)).join(', ');
  throw new CopyError(
    'InvalidRequestError',
    `sse.key: key ${JSON.stringify(key)} is not one this stack was deployed for: allowed are ${known}; ` +
      'deploy it with -c keys= and the ARN of the key (or a list) to change that',
    { field: 'sse.key' },
  );
}

/** What the functions may not do unless the stack is deployed with a switch, by the name of the switch. */
const switchedOff = {
  delete: 'this stack may delete nothing at the destination',
  acl: 'this stack may neither read nor set access control lists',
  objectLock: 'this stack may neither read nor set retention and legal holds',
} as const;

function refuseSwitch(field: string, name: keyof typeof switchedOff, { switches }: Allowed): void {
  if (switches?.[name] !== false) return;
  throw new CopyError(
    'InvalidRequestError',
    `${field}: ${switchedOff[name]}; deploy it with -c ${name}=true to change that`,
    { field },
  );
}

/** A role of the request has rights of its own. */
function refuseSwitches(request: CopyRequest, allowed: Allowed): void {
  const { dest, roles, preserve } = request;
  if (dest === undefined) return;
  const changes = !request.dryRun && !request.compareOnly;
  if (request.delete && changes && (roles.destination ?? roles.copy) === undefined) {
    refuseSwitch('delete', 'delete', allowed);
  }
  if (roles.copy !== undefined) return;
  if (request.acl !== undefined) refuseSwitch('acl', 'acl', allowed);
  if (request.aclGrant.length > 0) refuseSwitch('aclGrant', 'acl', allowed);
  if (preserve.includes('acl')) refuseSwitch('preserve: "acl"', 'acl', allowed);
  if (preserve.includes('objectLock')) refuseSwitch('preserve: "objectLock"', 'objectLock', allowed);
  if (changes) refuseTempArea(request, allowed.temp);
}

/** Part files that are not kept are deleted, which the functions may do in some folders only. */
function refuseTempArea(
  { strategy, keepParts, tempPrefix }: CopyRequest,
  allowed: readonly string[] = ['*'],
): void {
  const { prefix } = tempPrefix;
  if (strategy !== 'staged' || keepParts) return;
  if (allowed.some((folder) => folder === '*' || prefix.startsWith(folder))) return;
  const known = allowed.map((folder) => JSON.stringify(folder)).join(', ');
  throw new CopyError(
    'InvalidRequestError',
    `tempPrefix: ${JSON.stringify(prefix)} is not a folder in which this stack may delete part files: allowed are ${known}; ` +
      `deploy it with -c temp=${prefix || "'*'"} (or a list) to change that, or set \`keepParts: true\``,
    { field: 'tempPrefix' },
  );
}

function refuseList(
  field: string,
  list: Location | undefined,
  request: CopyRequest,
  allowed: Allowed,
  isWork: IsWork,
): void {
  if (list === undefined || list.bucket === request.src.bucket || isWork(list.bucket)) return;
  const text = formatLocation(list.bucket, list.path);
  if (allowed.lists.some((start) => text.startsWith(start))) return;
  throw new CopyError(
    'InvalidRequestError',
    `${field}: ${JSON.stringify(text)} is neither in the source bucket nor in the work bucket ` +
      `nor in a place of context "lists": ${JSON.stringify(allowed.lists)}; ` +
      `deploy the stack with -c lists=${text} (or a list) to change that`,
    { field },
  );
}

/** A copy there would write among the files of runs, and a delete would remove them. */
function refuseWorkBucket(field: string, bucket: string | undefined, isWork: IsWork): void {
  if (bucket === undefined || !isWork(bucket)) return;
  throw new CopyError(
    'InvalidRequestError',
    `${field}: ${JSON.stringify(bucket)} is the work bucket, where s3copy keeps the files of its runs: name another bucket`,
    { field, bucket },
  );
}

/**
 * Refuses what the functions have no rights for or must not write to, by the name of the field.
 *
 * @param isWork whether a bucket is the work bucket
 * @throws {CopyError} `InvalidRequestError`
 */
export function refuseOthers(request: CopyRequest, allowed: Allowed, isWork: IsWork): void {
  refuseWorkBucket('dest', request.dest?.bucket, isWork);
  refuseWorkBucket('tempPrefix', request.tempPrefix.bucket, isWork);
  refuseBucket('src', request.src.bucket, allowed.source, 'source');
  if (request.dest !== undefined) {
    refuseBucket('dest', request.dest.bucket, allowed.destination, 'destination');
  }
  if (request.tempPrefix.bucket !== undefined) {
    refuseBucket('tempPrefix', request.tempPrefix.bucket, allowed.destination, 'destination');
  }
  refuseRole('roles.copy', request.roles.copy, allowed.roles ?? []);
  refuseRole('roles.destination', request.roles.destination, allowed.roles ?? []);
  refuseKey(request, allowed.keys);
  refuseSwitches(request, allowed);
  refuseList('filesFrom', request.filesFrom, request, allowed, isWork);
  refuseList('prefixesFrom', request.prefixesFrom, request, allowed, isWork);
}
