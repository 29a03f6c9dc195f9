import { parseAlgorithm } from '../body/requested-checksum.ts';
import type { ChecksumAlgorithm } from '../checksums/algorithms.ts';
import { type Answer, isoDate, quoted, xmlAnswer } from '../http/answer.ts';
import { checkKey, readHeader } from '../http/s3-request.ts';
import { element } from '../http/xml-writer.ts';
import type { Bucket } from '../index/buckets.ts';
import type { ObjectProperties, ObjectVersion, Tags } from '../index/objects.ts';
import { S3Error } from '../s3-error.ts';
import { checksumElements } from './answer-headers.ts';
import type { Call, Operation } from './call.ts';
import { type CopySource, copySourceHeaders, findCopySource } from './copy-source.ts';
import { writeUnderConditions } from './destination-conditions.ts';
import { encryptionAnswerHeaders, makeEtag } from './encryption.ts';
import { findBucket, requestedKey, versioned, versionHeader } from './find-object.ts';
import {
  fixedProperties,
  propertyHeaders,
  requestedHeaders,
  requestedMetadata,
} from './object-properties.ts';
import { maxPutBytes } from './size-limits.ts';
import { parseTagHeader } from './tags.ts';

type Directive = 'COPY' | 'REPLACE';

function directive(call: Call, name: string): Directive {
  const value = readHeader(call.request, name) ?? 'COPY';
  if (value === 'COPY' || value === 'REPLACE') return value;
  throw new S3Error('InvalidArgument', `Unknown ${name.replace('x-amz-', '').replace('-', ' ')}.`, {
    details: { ArgumentName: name, ArgumentValue: value },
  });
}

function copiedAnnotations(
  call: Call,
  { address, object }: CopySource,
  bucket: Bucket,
): ObjectProperties['annotations'] {
  const value = readHeader(call.request, 'x-amz-object-annotation-directive') ?? 'COPY';
  if (value !== 'COPY' && value !== 'EXCLUDE')
    throw new S3Error('InvalidArgument', `Unknown annotation directive: ${value}`);
  const { annotations } = object.properties;
  if (value === 'EXCLUDE' || annotations === undefined) return undefined;
  call.permit('s3:GetObjectAnnotation', address.bucket.name, address.key);
  call.permit('s3:PutObjectAnnotation', bucket.name, requestedKey(call));
  return annotations;
}

function copiedTags(call: Call, source: CopySource, bucket: Bucket): Tags {
  const { address, object } = source;
  if (directive(call, 'x-amz-tagging-directive') === 'REPLACE') {
    const tags = parseTagHeader(readHeader(call.request, 'x-amz-tagging'));
    if (tags.length > 0) call.permit('s3:PutObjectTagging', bucket.name, requestedKey(call));
    return tags;
  }
  if (object.properties.tags.length === 0) return [];
  call.permit(versioned('s3:GetObjectTagging', address.versionId), address.bucket.name, address.key);
  call.permit('s3:PutObjectTagging', bucket.name, requestedKey(call));
  return object.properties.tags;
}

/**
 * Finds the properties of a copy. Metadata, tags and annotations are copied by default. Storage class, ACL, encryption,
 * locks and redirect are never copied.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html (read 2026-11-22)
 */
function copiedProperties(call: Call, source: CopySource, bucket: Bucket): ObjectProperties {
  const { headers, metadata } =
    directive(call, 'x-amz-metadata-directive') === 'REPLACE'
      ? { headers: requestedHeaders(call.request), metadata: requestedMetadata(call.request) }
      : source.object.properties;
  const tags = copiedTags(call, source, bucket);
  const annotations = copiedAnnotations(call, source, bucket);
  return { ...fixedProperties(call, bucket), headers, metadata, tags, annotations };
}

const changingHeaders = [
  'x-amz-storage-class',
  'x-amz-website-redirect-location',
  'x-amz-server-side-encryption',
  'x-amz-checksum-algorithm',
];

/** Refuses a copy of an object to itself that does not change anything. */
function checkSelfCopy(call: Call, source: CopySource, bucket: Bucket): void {
  const { address } = source;
  if (
    address.bucket.name !== bucket.name ||
    address.key !== requestedKey(call) ||
    address.versionId !== undefined
  )
    return;
  const changes = changingHeaders.some((name) => readHeader(call.request, name) !== undefined);
  if (changes || directive(call, 'x-amz-metadata-directive') === 'REPLACE') return;
  throw new S3Error(
    'InvalidRequest',
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
  );
}

function checkSize({ size }: ObjectVersion): void {
  if (size <= maxPutBytes) return;
  const message = `The specified copy source is larger than the maximum allowable size for a copy source: ${maxPutBytes}`;
  throw new S3Error('InvalidRequest', message);
}

function copiedAlgorithm(call: Call, source: ObjectVersion): ChecksumAlgorithm {
  const name = readHeader(call.request, 'x-amz-checksum-algorithm');
  return name === undefined ? (source.checksum?.algorithm ?? 'CRC64NVME') : parseAlgorithm(name);
}

/** Computes the digests of the source, which must be pinned, and returns a function that writes the copy. */
async function prepareCopy(call: Call, source: CopySource, bucket: Bucket): Promise<() => ObjectVersion> {
  const { store } = call;
  const { content, size } = source.object;
  const properties = copiedProperties(call, source, bucket);
  const algorithm = copiedAlgorithm(call, source.object);
  const digests = await store.digests.get(content, ['MD5', algorithm]);
  const isKept = call.keepsEtag && source.object.etag.includes('-');
  return () =>
    store.objects.put(bucket, requestedKey(call), {
      size,
      etag: isKept ? source.object.etag : makeEtag(digests.MD5, properties.encryption),
      modified: store.nowSeconds(),
      checksum: { algorithm, type: 'FULL_OBJECT', value: digests[algorithm] ?? '' },
      properties,
      content,
    });
}

function answerCopy(bucket: Bucket, source: CopySource, copy: ObjectVersion): Answer {
  const content = [
    element('LastModified', isoDate(copy.modified)),
    element('ETag', quoted(copy.etag)),
    ...checksumElements(copy.checksum),
  ];
  return xmlAnswer('CopyObjectResult', content, {
    ...source.headers,
    ...versionHeader(bucket, copy.version),
    ...encryptionAnswerHeaders(copy.properties.encryption),
  });
}

const copyObject: Operation = {
  headers: [
    ...copySourceHeaders,
    ...propertyHeaders,
    'x-amz-checksum-algorithm',
    'x-amz-metadata-directive',
    'x-amz-object-annotation-directive',
    'x-amz-tagging-directive',
  ],
  handle: async (call) => {
    checkKey(call.request.key);
    const bucket = findBucket(call);
    call.permit('s3:PutObject', bucket.name, requestedKey(call));
    const source = findCopySource(call);
    checkSize(source.object);
    checkSelfCopy(call, source, bucket);
    const release = call.store.blobs.pin(source.object.content);
    try {
      const copy = await writeUnderConditions(call, bucket, requestedKey(call), () =>
        prepareCopy(call, source, bucket),
      );
      return answerCopy(bucket, source, copy);
    } finally {
      release();
    }
  },
};

/** CopyObject. */
export const copyOperations = { CopyObject: copyObject } satisfies Record<string, Operation>;
