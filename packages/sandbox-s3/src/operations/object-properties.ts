import { principalAccount } from '../auth/credentials.ts';
import { readHeader, type S3Request } from '../http/s3-request.ts';
import type { Bucket } from '../index/buckets.ts';
import type { ObjectProperties, Retention } from '../index/objects.ts';
import { S3Error } from '../s3-error.ts';
import { aclHeaders, requestedAcl } from './acl.ts';
import type { Call } from './call.ts';
import { encryptionHeaders, requestedEncryption } from './encryption.ts';
import { decodeMetadata, encodeMetadata } from './metadata-words.ts';
import { parseTagHeader } from './tags.ts';

/** `x-amz-` headers that set the properties of a new object. */
export const propertyHeaders = [
  ...aclHeaders,
  ...encryptionHeaders,
  'x-amz-meta-*',
  'x-amz-object-lock-legal-hold',
  'x-amz-object-lock-mode',
  'x-amz-object-lock-retain-until-date',
  'x-amz-storage-class',
  'x-amz-tagging',
  'x-amz-website-redirect-location',
];

/** Headers that S3 stores with an object and returns unchanged. */
const keptHeaders = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];

/** Largest total size of the names and values of user metadata, in bytes. */
const maxMetadataBytes = 2048;

const storageClasses = [
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'DEEP_ARCHIVE',
  'GLACIER_IR',
];

/** The content type of an object when the request does not name one. */
const defaultContentType = 'binary/octet-stream';

/** Reads the storage class that a request asks for. */
export function requestedStorageClass(request: S3Request): string {
  const name = readHeader(request, 'x-amz-storage-class') ?? 'STANDARD';
  if (!storageClasses.includes(name))
    throw new S3Error('InvalidStorageClass', undefined, { details: { StorageClassRequested: name } });
  return name;
}

/** Removes `aws-chunked`, which describes how the body was sent. It is not part of the encoding of the object. */
function withoutAwsChunked(encoding: string): string {
  const codings = encoding.split(',').map((coding) => coding.trim());
  return codings.filter((coding) => coding !== 'aws-chunked' && coding !== '').join(',');
}

/** Reads the headers to store with an object. */
export function requestedHeaders(request: S3Request): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of keptHeaders) {
    const raw = readHeader(request, name);
    const value = name === 'content-encoding' && raw !== undefined ? withoutAwsChunked(raw) : raw;
    if (value !== undefined && value !== '') headers[name] = value;
  }
  return { 'content-type': defaultContentType, ...headers };
}

/** Reads the user metadata of a request. */
export function requestedMetadata(request: S3Request): Record<string, string> {
  const metadata: Record<string, string> = {};
  let size = 0;
  for (const name of Object.keys(request.incoming.headers)) {
    if (!name.startsWith('x-amz-meta-')) continue;
    const value = decodeMetadata(readHeader(request, name) ?? '');
    metadata[name.slice('x-amz-meta-'.length)] = value;
    size += name.length - 'x-amz-meta-'.length + Buffer.byteLength(value);
  }
  if (size > maxMetadataBytes) {
    throw new S3Error('MetadataTooLarge', undefined, {
      details: { Size: size, MaxSizeAllowed: maxMetadataBytes },
    });
  }
  return metadata;
}

function requestedRetention(request: S3Request): Retention | undefined {
  const mode = readHeader(request, 'x-amz-object-lock-mode');
  const until = readHeader(request, 'x-amz-object-lock-retain-until-date');
  if (mode === undefined && until === undefined) return undefined;
  if (mode === undefined || until === undefined) {
    throw new S3Error(
      'InvalidArgument',
      'x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied',
    );
  }
  if (!['GOVERNANCE', 'COMPLIANCE'].includes(mode))
    throw new S3Error('InvalidArgument', 'Unknown wormMode directive.');
  return { mode, until };
}

function defaultRetention(bucket: Bucket, now: number): Retention | undefined {
  const rule = bucket.settings.objectLock?.defaultRetention;
  if (rule === undefined) return undefined;
  const until = new Date(now);
  if (rule.days !== undefined) until.setUTCDate(until.getUTCDate() + rule.days);
  if (rule.years !== undefined) until.setUTCFullYear(until.getUTCFullYear() + rule.years);
  return { mode: rule.mode, until: until.toISOString() };
}

function requestedLock(call: Call, bucket: Bucket): Pick<ObjectProperties, 'retention' | 'legalHold'> {
  const retention = requestedRetention(call.request);
  const legalHold = readHeader(call.request, 'x-amz-object-lock-legal-hold');
  if ((retention ?? legalHold) !== undefined && bucket.settings.objectLock === undefined) {
    throw new S3Error('InvalidRequest', 'Bucket is missing Object Lock Configuration');
  }
  if (retention !== undefined) call.permit('s3:PutObjectRetention', bucket.name, call.request.key);
  if (legalHold !== undefined) call.permit('s3:PutObjectLegalHold', bucket.name, call.request.key);
  return { retention: retention ?? defaultRetention(bucket, call.store.now()), legalHold };
}

/** Reads the properties that always come from the request, even for a copy. */
export function fixedProperties(
  call: Call,
  bucket: Bucket,
): Omit<ObjectProperties, 'headers' | 'metadata' | 'tags'> {
  const { request } = call;
  const owner = principalAccount(call.principal);
  const acl = requestedAcl(request, bucket, owner);
  if (acl !== undefined) call.permit('s3:PutObjectAcl', bucket.name, request.key);
  return {
    storageClass: requestedStorageClass(request),
    encryption: requestedEncryption(request, bucket),
    owner: bucket.settings.ownership === 'BucketOwnerEnforced' ? bucket.settings.owner : owner,
    redirect: readHeader(request, 'x-amz-website-redirect-location'),
    acl,
    ...requestedLock(call, bucket),
  };
}

/** Reads all properties of a new object from the headers of its request. */
export function requestedProperties(call: Call, bucket: Bucket): ObjectProperties {
  const { request } = call;
  const tags = parseTagHeader(readHeader(request, 'x-amz-tagging'));
  if (tags.length > 0) call.permit('s3:PutObjectTagging', bucket.name, request.key);
  return {
    ...fixedProperties(call, bucket),
    headers: requestedHeaders(request),
    metadata: requestedMetadata(request),
    tags,
  };
}

/** Makes the headers that show the metadata of an object. */
export function metadataAnswerHeaders(properties: ObjectProperties): Record<string, string> {
  const entries = Object.entries(properties.metadata);
  return Object.fromEntries(entries.map(([name, value]) => [`x-amz-meta-${name}`, encodeMetadata(value)]));
}
