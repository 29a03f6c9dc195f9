import { readHeader } from '../http/s3-request.ts';
import { decodePart } from '../http/target.ts';
import type { ObjectVersion } from '../index/objects.ts';
import { S3Error } from '../s3-error.ts';
import type { Call } from './call.ts';
import {
  checkOwner,
  findObject,
  isArchived,
  type ObjectAddress,
  versioned,
  versionHeader,
} from './find-object.ts';
import { checkCopyConditions } from './source-conditions.ts';

/** Headers that name the source of a copy, and conditions that it must meet. */
export const copySourceHeaders = [
  'x-amz-copy-source',
  'x-amz-copy-source-if-match',
  'x-amz-copy-source-if-modified-since',
  'x-amz-copy-source-if-none-match',
  'x-amz-copy-source-if-unmodified-since',
  'x-amz-source-expected-bucket-owner',
];

/** Bucket, key and version that the header `x-amz-copy-source` names. */
export interface CopySourceName {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | undefined;
}

/**
 * Parses `x-amz-copy-source`: percent-encoded, with or without a slash at the start. As on S3, a `+` stands for a space,
 * so that clients must encode a plus sign.
 *
 * @throws {S3Error} `InvalidArgument`
 */
export function parseCopySource(header: string): CopySourceName {
  const [path = '', versionId] = header.split(/\?versionId=(.*)$/s);
  const decoded = decodePart(path.replaceAll('+', ' ')).replace(/^\//, '');
  const slash = decoded.indexOf('/');
  const key = decoded.slice(slash + 1);
  if (slash < 1 || key === '') {
    throw new S3Error(
      'InvalidArgument',
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
      {
        details: { ArgumentName: 'x-amz-copy-source', ArgumentValue: header },
      },
    );
  }
  return { bucket: decoded.slice(0, slash), key, versionId };
}

/** The source of a copy: it exists, may be read, is not archived, and meets the conditions of the client. */
export interface CopySource {
  readonly address: ObjectAddress;
  readonly object: ObjectVersion;
  /** Headers for the answer that name the version of the source. */
  readonly headers: Readonly<Record<string, string>>;
}

function findSourceObject(call: Call, address: ObjectAddress): ObjectVersion {
  try {
    return findObject(call, address);
  } catch (error) {
    if (!(error instanceof S3Error) || error.code !== 'MethodNotAllowed') throw error;
    throw new S3Error(
      'InvalidRequest',
      'The source of a copy request may not specifically refer to a delete marker by version id.',
    );
  }
}

/**
 * Finds the source of a CopyObject or UploadPartCopy.
 *
 * @throws {S3Error} `NoSuchBucket`, `NoSuchKey`, `NoSuchVersion`, `AccessDenied`, `InvalidObjectState`, `PreconditionFailed` …
 */
export function findCopySource(call: Call): CopySource {
  const name = parseCopySource(readHeader(call.request, 'x-amz-copy-source') ?? '');
  const bucket = call.store.buckets.get(name.bucket);
  checkOwner(call, bucket, 'x-amz-source-expected-bucket-owner');
  const address = { bucket, key: name.key, versionId: name.versionId };
  call.permit(versioned('s3:GetObject', name.versionId), bucket.name, name.key);
  const object = findSourceObject(call, address);
  if (isArchived(call, object)) {
    throw new S3Error('InvalidObjectState', "Operation is not valid for the source object's storage class", {
      details: { StorageClass: object.properties.storageClass },
    });
  }
  checkCopyConditions(call, object);
  const { 'x-amz-version-id': version } = versionHeader(bucket, object.version);
  return {
    address,
    object,
    headers: version === undefined ? {} : { 'x-amz-copy-source-version-id': version },
  };
}
