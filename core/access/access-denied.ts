import type { CopyRequest } from '../model/copy-request.ts';
import { CopyError } from '../model/errors.ts';
import { findPartition, s3Arn } from '../model/partitions.ts';
import type { Role } from '../model/roles.ts';
import type { StatementId } from './iam-actions.ts';

/** A right that a run needs and has not. */
interface Denied {
  /** Field of the request. */
  readonly field: string;
  readonly bucket: string;
  /** The statement in the output of `s3copy policy`. */
  readonly sid: StatementId;
  readonly action: string;
  readonly resource: string;
  readonly condition?: Readonly<Record<string, unknown>>;
  /** Who was denied. */
  readonly who: string;
  /** What else would help. */
  readonly advice?: string;
}

/** The error for a missing right, with the statement that gives it. */
export function deniedError({
  field,
  bucket,
  sid,
  action,
  resource,
  condition,
  who,
  advice = '',
}: Denied): CopyError {
  const statement = {
    Sid: sid,
    Effect: 'Allow',
    Action: action,
    Resource: resource,
    ...(condition === undefined ? {} : { Condition: condition }),
  };
  return new CopyError(
    'PermissionError',
    `${field}: ${action} on ${resource} is denied to ${who}; it, and the bucket's policy if it is of another ` +
      `account, need the statement ${sid} of "s3copy policy", ${JSON.stringify(statement)}${advice}`,
    { field, bucket, action, statement: sid },
  );
}

/** The caller of S3, as text. */
export const nameResource = (field: string, role: Role | undefined): string =>
  role === undefined ? 'the functions of s3copy' : `the role ${role.arn} (${field})`;

/** What a listing of either end needs, and whose it is. */
function wordsFor(end: 'src' | 'dest', { roles }: CopyRequest): Pick<Denied, 'sid' | 'who' | 'advice'> {
  const copier = nameResource('roles.copy', roles.copy);
  if (end === 'src') return { sid: 'ListSource', who: copier };
  if (roles.destination !== undefined)
    return { sid: 'ListDestination', who: nameResource('roles.destination', roles.destination) };
  const advice = '; or name a role that may list the destination in roles.destination (-d)';
  return { sid: 'ListDestination', who: copier, advice };
}

/** The fields of a run that say who lists. */
interface ListingRun {
  readonly copyRequest: CopyRequest;
  readonly record: { readonly regions: { readonly source: string } };
}

/** The error for an end of the run that may not be listed, and the role that could. */
export function listingDeniedError(
  { copyRequest, record }: ListingRun,
  end: 'src' | 'dest',
  { bucket, prefix }: { readonly bucket: string; readonly prefix: string },
): CopyError {
  const condition = prefix === '' ? {} : { condition: { StringLike: { 's3:prefix': `${prefix}*` } } };
  const resource = s3Arn(findPartition(record.regions.source), bucket);
  const words = wordsFor(end, copyRequest);
  return deniedError({ field: end, bucket, action: 's3:ListBucket', resource, ...words, ...condition });
}
