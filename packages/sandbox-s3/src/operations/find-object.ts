import { httpDate } from '../http/answer.ts';
import { readHeader } from '../http/s3-request.ts';
import type { Bucket } from '../index/buckets.ts';
import type { ObjectVersion } from '../index/objects.ts';
import { S3Error } from '../s3-error.ts';
import type { Call } from './call.ts';

/**
 * Holds a bucket to the account that the client expects to own it.
 * @throws {S3Error} `AccessDenied`
 */
export function checkOwner(call: Call, bucket: Bucket, header: string): void {
  const expected = readHeader(call.request, header);
  if (expected === undefined) return;
  if (!/^\d{12}$/.test(expected))
    throw new S3Error('InvalidArgument', `The value specified in the ${header} header is not valid`);
  if (expected !== bucket.settings.owner) throw new S3Error('AccessDenied');
}

/** The bucket that a request addresses. */
export function findBucket(call: Call): Bucket {
  const bucket = call.store.buckets.get(call.request.bucket);
  checkOwner(call, bucket, 'x-amz-expected-bucket-owner');
  return bucket;
}

/** The key that a request addresses. */
export function requestedKey(call: Call): string {
  return call.request.key ?? '';
}

/** An object to look up. */
export interface ObjectAddress {
  readonly bucket: Bucket;
  readonly key: string;
  readonly versionId: string | undefined;
}

/** What a request addresses: bucket, key and version. */
export function requestedAddress(call: Call): ObjectAddress {
  return {
    bucket: findBucket(call),
    key: requestedKey(call),
    versionId: call.request.query.get('versionId'),
  };
}

/** Without the right to list, a missing key is not told from a forbidden one. */
function missing(
  call: Call,
  { bucket, key }: ObjectAddress,
  headers: Readonly<Record<string, string>> = {},
): S3Error {
  if (!call.allows('s3:ListBucket', bucket.name)) return new S3Error('AccessDenied');
  return new S3Error('NoSuchKey', undefined, { details: { Key: key }, headers });
}

/** Refuses what no version of S3 is called: ids have 32 characters. */
export function checkVersionId(versionId: string | undefined): void {
  if (versionId === undefined || versionId === 'null' || /^[\w.-]{32}$/.test(versionId)) return;
  throw new S3Error('InvalidArgument', 'Invalid version id specified', {
    details: { ArgumentName: 'versionId', ArgumentValue: versionId },
  });
}

function findVersion(call: Call, { bucket, key, versionId = '' }: ObjectAddress): ObjectVersion {
  checkVersionId(versionId);
  const found = call.store.objects.version(bucket, key, versionId);
  if (found === undefined)
    throw new S3Error('NoSuchVersion', undefined, { details: { Key: key, VersionId: versionId } });
  return found;
}

/**
 * The object version that an address means; never a delete marker.
 *
 * @throws {S3Error} `NoSuchKey`, `NoSuchVersion`, `AccessDenied`; `MethodNotAllowed` for a delete marker by its id
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeleteMarker.html (read 2026-11-22)
 */
export function findObject(call: Call, address: ObjectAddress): ObjectVersion {
  if (address.versionId !== undefined) {
    const found = findVersion(call, address);
    if (!found.marker) return found;
    const headers = {
      'x-amz-delete-marker': 'true',
      'x-amz-version-id': found.version,
      allow: 'DELETE',
      'last-modified': httpDate(found.modified),
    };
    throw new S3Error('MethodNotAllowed', undefined, {
      details: { Method: call.request.method, ResourceType: 'DeleteMarker' },
      headers,
    });
  }
  const latest = call.store.objects.latest(address.bucket, address.key);
  if (latest === undefined) throw missing(call, address);
  if (latest.marker)
    throw missing(call, address, { 'x-amz-delete-marker': 'true', 'x-amz-version-id': latest.version });
  return latest;
}

/** `s3:GetObject` or `s3:GetObjectVersion`: reading a version by its id is a right of its own. */
export function versioned(action: string, versionId: string | undefined): string {
  return versionId === undefined
    ? action
    : action.replace(/^s3:(Get|Put|Delete)Object/, 's3:$1ObjectVersion');
}

/** The header that names a version, in buckets that have versions. */
export function versionHeader(bucket: Bucket, version: string): Record<string, string> {
  return bucket.settings.versioning === undefined ? {} : { 'x-amz-version-id': version };
}

const archiveClasses = ['GLACIER', 'DEEP_ARCHIVE'];

/** Whether an object is in a class whose bytes must be restored before they can be read. */
export function isArchiveClass(object: ObjectVersion): boolean {
  return archiveClasses.includes(object.properties.storageClass);
}

/** Whether an object is archived and not restored now. */
export function isArchived(call: Call, object: ObjectVersion): boolean {
  return isArchiveClass(object) && (object.properties.restoredUntil ?? 0) <= call.store.now();
}
