import { CopyError } from '../core/errors.ts';
import { formatLocation, type Location } from '../core/location.ts';
import type { Request } from '../core/request.ts';
import type { Role } from '../core/roles.ts';

/** What the stack was deployed for. `*` in a list of buckets stands for any. */
export interface Allowed {
  readonly source: readonly string[];
  readonly destination: readonly string[];
  /** Places of lists, as `s3://bucket/prefix`. */
  readonly lists: readonly string[];
  /** ARNs of roles. @default none */
  readonly roles?: readonly string[];
}

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

function refuseList(
  field: string,
  list: Location | undefined,
  request: Request,
  allowed: Allowed,
  work: string,
): void {
  if (list === undefined || list.bucket === request.src.bucket || list.bucket === work) return;
  const text = formatLocation(list.bucket, list.path);
  if (allowed.lists.some((place) => text.startsWith(place))) return;
  throw new CopyError(
    'InvalidRequestError',
    `${field}: ${JSON.stringify(text)} is neither in the source bucket nor in the work bucket ${JSON.stringify(work)} ` +
      `nor in a place of context "lists": ${JSON.stringify(allowed.lists)}`,
    { field },
  );
}

/** A copy there would write among the files of runs, and a delete would remove them. */
function refuseWorkBucket(field: string, bucket: string | undefined, work: string): void {
  if (bucket !== work) return;
  throw new CopyError(
    'InvalidRequestError',
    `${field}: ${JSON.stringify(bucket)} is the work bucket, where s3copy keeps the files of its runs: name another bucket`,
    { field, bucket },
  );
}

/**
 * Refuses what the functions have no rights for or must not write to, by the name of the field.
 *
 * @param work name of the work bucket
 * @throws {CopyError} `InvalidRequestError`
 */
export function refuseOthers(request: Request, allowed: Allowed, work: string): void {
  refuseWorkBucket('dest', request.dest?.bucket, work);
  refuseWorkBucket('tempPrefix', request.tempPrefix.bucket, work);
  refuseBucket('src', request.src.bucket, allowed.source, 'source');
  if (request.dest !== undefined) {
    refuseBucket('dest', request.dest.bucket, allowed.destination, 'destination');
  }
  if (request.tempPrefix.bucket !== undefined) {
    refuseBucket('tempPrefix', request.tempPrefix.bucket, allowed.destination, 'destination');
  }
  refuseRole('roles.copy', request.roles.copy, allowed.roles ?? []);
  refuseRole('roles.destination', request.roles.destination, allowed.roles ?? []);
  refuseList('filesFrom', request.filesFrom, request, allowed, work);
  refuseList('prefixesFrom', request.prefixesFrom, request, allowed, work);
}
