import { demandDigest, readDocument } from '../body/document.ts';
import { checksumRequestHeaders } from '../body/requested-checksum.ts';
import { emptyAnswer, xmlAnswer } from '../http/answer.ts';
import { readHeader } from '../http/s3-request.ts';
import { childText, expectShape, findChildren, parseXml, type XmlElement } from '../http/xml-reader.ts';
import { element, type Markup } from '../http/xml-writer.ts';
import type { Bucket } from '../index/buckets.ts';
import type { ObjectVersion } from '../index/objects.ts';
import { S3Error } from '../s3-error.ts';
import type { Call, Operation } from './call.ts';
import { unquoted } from './destination-conditions.ts';
import { checkVersionId, findBucket, requestedKey, versioned } from './find-object.ts';

/** Most keys in one DeleteObjects. */
const maxKeys = 1000;

/** One object to delete, and the conditions for it. */
interface Deletion {
  readonly key: string;
  readonly versionId?: string | undefined;
  /** An ETag, or `*` for any. */
  readonly ifMatch?: string | undefined;
  readonly bypassGovernance: boolean;
}

/** The result of a deletion. */
interface Deleted {
  /** Whether a delete marker was made or removed. */
  readonly marker: boolean;
  /** The version that was removed, or the version of the new delete marker. */
  readonly version: string | undefined;
}

function checkCondition(deletion: Deletion, current: ObjectVersion | undefined): void {
  if (deletion.ifMatch === undefined) return;
  if (current === undefined || current.marker)
    throw new S3Error('NoSuchKey', undefined, { details: { Key: deletion.key } });
  if (deletion.ifMatch !== '*' && unquoted(deletion.ifMatch) !== current.etag) {
    throw new S3Error('PreconditionFailed', undefined, { details: { Condition: 'If-Match' } });
  }
}

function checkLock(call: Call, { properties }: ObjectVersion, bypassGovernance: boolean): void {
  const { retention, legalHold } = properties;
  const held = retention !== undefined && Date.parse(retention.until) > call.store.now();
  const bypassed = retention?.mode === 'GOVERNANCE' && bypassGovernance;
  if (legalHold === 'ON' || (held && !bypassed)) {
    throw new S3Error('AccessDenied', 'Access Denied because object protected by object lock.');
  }
}

function removeVersion(
  call: Call,
  bucket: Bucket,
  version: ObjectVersion,
  bypassGovernance: boolean,
): Deleted {
  checkLock(call, version, bypassGovernance);
  call.store.objects.remove(bucket, version);
  return { marker: version.marker, version: version.version };
}

/** Deletes a key without a version id: makes a delete marker if the bucket has versions, otherwise removes the object. */
function removeLatest(call: Call, bucket: Bucket, key: string, latest: ObjectVersion | undefined): Deleted {
  const { objects } = call.store;
  if (bucket.settings.versioning !== undefined) {
    const { version } = objects.mark(bucket, key, call.store.nowSeconds());
    return { marker: true, version };
  }
  if (latest !== undefined) objects.remove(bucket, latest);
  return { marker: false, version: undefined };
}

function remove(call: Call, bucket: Bucket, deletion: Deletion): Deleted {
  const { key, versionId } = deletion;
  checkVersionId(versionId);
  call.permit(versioned('s3:DeleteObject', versionId), bucket.name, key);
  if (deletion.bypassGovernance) call.permit('s3:BypassGovernanceRetention', bucket.name, key);
  const { objects } = call.store;
  const found =
    versionId === undefined ? objects.latest(bucket, key) : objects.version(bucket, key, versionId);
  checkCondition(deletion, found);
  if (versionId === undefined || found?.latest === true) call.conditionalWrites.deleted(bucket.name, key);
  if (versionId === undefined) return removeLatest(call, bucket, key, found);
  return found === undefined
    ? { marker: false, version: versionId }
    : removeVersion(call, bucket, found, deletion.bypassGovernance);
}

const bypasses = (call: Call): boolean =>
  readHeader(call.request, 'x-amz-bypass-governance-retention')?.toLowerCase() === 'true';

/**
 * Refuses to bypass governance mode in a bucket without Object Lock.
 *
 * @throws {S3Error} `InvalidArgument`
 * @see https://github.com/localstack/localstack/blob/main/tests/aws/services/s3/test_s3_api.py (read 2026-11-25), recorded on AWS
 */
function checkBypass(call: Call, { settings }: Bucket): void {
  const name = 'x-amz-bypass-governance-retention';
  if (readHeader(call.request, name) === undefined || settings.objectLock !== undefined) return;
  throw new S3Error('InvalidArgument', `${name} is only applicable to Object Lock enabled buckets.`, {
    details: { ArgumentName: name },
  });
}

const deleteObject: Operation = {
  headers: ['x-amz-bypass-governance-retention'],
  query: ['versionId'],
  handle: (call) => {
    const deletion = {
      key: requestedKey(call),
      versionId: call.request.query.get('versionId'),
      ifMatch: readHeader(call.request, 'if-match'),
      bypassGovernance: bypasses(call),
    };
    const bucket = findBucket(call);
    checkBypass(call, bucket);
    const { marker, version } = remove(call, bucket, deletion);
    return emptyAnswer(204, {
      'x-amz-delete-marker': marker ? 'true' : undefined,
      'x-amz-version-id': version,
    });
  },
};

function parseDeletion(entry: XmlElement, bypassGovernance: boolean): Deletion {
  const key = childText(entry, 'Key');
  if (key === undefined || key === '') throw new S3Error('MalformedXML');
  expectShape(entry, 'Object', ['Key', 'VersionId', 'ETag', 'LastModifiedTime', 'Size']);
  if ((childText(entry, 'LastModifiedTime') ?? childText(entry, 'Size')) !== undefined) {
    throw new S3Error('NotImplemented', 'conditions on LastModifiedTime and Size are for directory buckets');
  }
  return {
    key,
    versionId: childText(entry, 'VersionId'),
    ifMatch: childText(entry, 'ETag'),
    bypassGovernance,
  };
}

function deletedElement({ key, versionId }: Deletion, { marker, version }: Deleted): Markup | undefined {
  return element('Deleted', [
    element('Key', key),
    element('VersionId', versionId),
    element('DeleteMarker', marker ? true : undefined),
    element('DeleteMarkerVersionId', marker ? version : undefined),
  ]);
}

function errorElement({ key, versionId }: Deletion, error: S3Error): Markup | undefined {
  return element('Error', [
    element('Key', key),
    element('VersionId', versionId),
    element('Code', error.code),
    element('Message', error.message),
  ]);
}

function removeOne(call: Call, bucket: Bucket, deletion: Deletion, quiet: boolean): Markup | undefined {
  try {
    const deleted = remove(call, bucket, deletion);
    return quiet ? undefined : deletedElement(deletion, deleted);
  } catch (error) {
    if (error instanceof S3Error) return errorElement(deletion, error);
    throw error;
  }
}

const deleteObjects: Operation = {
  headers: ['x-amz-bypass-governance-retention', ...checksumRequestHeaders],
  query: ['delete'],
  handle: async (call) => {
    const bucket = findBucket(call);
    demandDigest(call.request);
    checkBypass(call, bucket);
    const root = parseXml((await readDocument(call.request)).toString());
    expectShape(root, 'Delete', ['Object', 'Quiet']);
    const deletions = findChildren(root, 'Object').map((entry) => parseDeletion(entry, bypasses(call)));
    if (deletions.length === 0 || deletions.length > maxKeys) throw new S3Error('MalformedXML');
    const quiet = childText(root, 'Quiet')?.trim() === 'true';
    const results = call.store.db.transaction(() =>
      deletions.map((deletion) => removeOne(call, bucket, deletion, quiet)),
    );
    return xmlAnswer('DeleteResult', results);
  },
};

/** The operations that delete objects. */
export const deleteOperations = { DeleteObject: deleteObject, DeleteObjects: deleteObjects } satisfies Record<
  string,
  Operation
>;
