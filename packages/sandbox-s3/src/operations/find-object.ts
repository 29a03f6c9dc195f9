import { httpDate } from '../http/answer.ts';
import { readHeader } from '../http/s3-request.ts';
import type { Bucket } from '../index/buckets.ts';
import type { ObjectVersion } from '../index/objects.ts';
import { S3Error } from '../s3-error.ts';
import type { Call } from './call.ts';

/**
 * Checks that a bucket belongs to the account that the client expects.
 *
 * @throws {S3Error} `AccessDenied`
 */
export function checkOwner(call: Call, bucket: Bucket, header: string): void {
  const expected = readHeader(call.request, header);
  if (expected === undefined) return;
  if (!/^\d{12}$/.test(expected))
    throw new S3Error('InvalidArgument', `The value specified in the ${header} header is not valid`);
  if (expected !== bucket.settings.owner) throw new S3Error('AccessDenied');
}

/** Finds the bucket of a request. */
export function findBucket(call: Call): Bucket {
  const bucket = call.store.buckets.get(call.request.bucket);
  checkOwner(call, bucket, 'x-amz-expected-bucket-owner');
  return bucket;
}

/** The key of a request. */
export function requestedKey(call: Call): string {
  return call.request.key ?? '';
}

/** An object to look up. */
export interface ObjectAddress {
  readonly bucket: Bucket;
  readonly key: string;
  readonly versionId: string | undefined;
}

/** The bucket, key and version of a request. */
export function requestedAddress(call: Call): ObjectAddress {
  return {
    bucket: findBucket(call),
    key: requestedKey(call),
    versionId: call.request.query.get('versionId'),
  };
}

/** The error for a missing key. A principal that may not list the bucket must not learn that the key is missing. */
function missing(
  call: Call,
  { bucket, key }: ObjectAddress,
  headers: Readonly<Record<string, string>> = {},
): S3Error {
  if (!call.allows('s3:ListBucket', bucket.name)) return new S3Error('AccessDenied');
  return new S3Error('NoSuchKey', undefined, { details: { Key: key }, headers });
}

/**
 * Refuses a malformed version id. Version ids have 32 characters.
 *
 * @throws {S3Error} `InvalidArgument`
 */
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
 * Finds the object version of an address. It is never a delete marker.
 *
 * @throws {S3Error} `NoSuchKey`, `NoSuchVersion`, `AccessDenied`; `MethodNotAllowed` for the version id of a delete marker
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

/** The action on an object or, with a version id, on a version: `s3:GetObject` becomes `s3:GetObjectVersion`. */
export function versioned(action: string, versionId: string | undefined): string {
  return versionId === undefined
    ? action
    : action.replace(/^s3:(Get|Put|Delete)Object/, 's3:$1ObjectVersion');
}

/** Makes the header that names a version, for buckets with versions. */
export function versionHeader(bucket: Bucket, version: string): Record<string, string> {
  return bucket.settings.versioning === undefined ? {} : { 'x-amz-version-id': version };
}

const archiveClasses = ['GLACIER', 'DEEP_ARCHIVE'];

/** Whether the objects of this object's storage class must be restored before they can be read. */
export function isArchiveClass(object: ObjectVersion): boolean {
  return archiveClasses.includes(object.properties.storageClass);
}

/** Whether an object is archived and currently not restored. */
export function isArchived(call: Call, object: ObjectVersion): boolean {
  return isArchiveClass(object) && (object.properties.restoredUntil ?? 0) <= call.store.now();
}
