import { createHash, randomBytes } from 'node:crypto';
import { readCompletion } from '../body/document.ts';
import { checksumRequestHeaders, checksumValues, checkValue } from '../body/requested-checksum.ts';
import { isCrc, startDigest } from '../checksums/algorithms.ts';
import { combineCrcs } from '../checksums/combine-crc.ts';
import { type Answer, quoted, xmlAnswer } from '../http/answer.ts';
import { readHeader } from '../http/s3-request.ts';
import { element } from '../http/xml-writer.ts';
import { joinContents } from '../index/blobs.ts';
import type { Bucket } from '../index/buckets.ts';
import type { NewVersion, ObjectChecksum, ObjectVersion } from '../index/objects.ts';
import type { Upload, UploadedPart } from '../index/uploads.ts';
import { S3Error } from '../s3-error.ts';
import { checksumElements } from './answer-headers.ts';
import type { Call, Operation } from './call.ts';
import { type ListedPart, parseCompletion } from './completion-document.ts';
import { writeUnderConditions } from './destination-conditions.ts';
import { encryptionAnswerHeaders, hidesMd5 } from './encryption.ts';
import { findBucket, requestedKey, versionHeader } from './find-object.ts';
import { findAnyUpload, findUpload } from './multipart-uploads.ts';
import { minPartBytes } from './size-limits.ts';

function invalidPart(upload: Upload, { number, etag }: ListedPart): S3Error {
  return new S3Error('InvalidPart', undefined, {
    details: { UploadId: upload.id, PartNumber: number, ETag: etag },
  });
}

function missingChecksum(upload: Upload, number: number): S3Error {
  const name = upload.settings.algorithm.toLowerCase();
  return new S3Error(
    'InvalidRequest',
    `The upload was created using a ${name} checksum. The complete request must include the checksum for each part. It was missing for part ${number} in the request.`,
  );
}

/** Compares the checksums that Complete lists for a part with those of the part. */
function checkPartChecksums(upload: Upload, listed: ListedPart, part: UploadedPart): void {
  const { named, algorithm, type } = upload.settings;
  for (const [given, value] of Object.entries(listed.checksums)) {
    if (!named || given !== algorithm) {
      const expected = named ? algorithm.toLowerCase() : 'null';
      throw new S3Error(
        'InvalidRequest',
        `Checksum Type mismatch occurred, expected checksum Type: ${expected}, actual checksum Type: ${given.toLowerCase()}`,
      );
    }
    if (value !== part.checksums[given]) throw invalidPart(upload, listed);
  }
  if (named && type === 'COMPOSITE' && listed.checksums[algorithm] === undefined)
    throw missingChecksum(upload, listed.number);
}

function choosePart(
  upload: Upload,
  parts: ReadonlyMap<number, UploadedPart>,
  listed: ListedPart,
): UploadedPart {
  const part = parts.get(listed.number);
  if (part === undefined || part.etag !== listed.etag) throw invalidPart(upload, listed);
  checkPartChecksums(upload, listed, part);
  return part;
}

function checkSizes(parts: readonly UploadedPart[]): void {
  const small = parts.slice(0, -1).find(({ size }) => size < minPartBytes);
  if (small === undefined) return;
  throw new S3Error('EntityTooSmall', undefined, {
    details: {
      ProposedSize: small.size,
      MinSizeAllowed: minPartBytes,
      PartNumber: small.number,
      ETag: small.etag,
    },
  });
}

/** When the client named a checksum algorithm, S3 answers 500 unless the part numbers are 1, 2, 3 … */
function checkConsecutive({ settings }: Upload, parts: readonly UploadedPart[]): void {
  if (settings.named && parts.some(({ number }, index) => number !== index + 1))
    throw new S3Error('InternalError');
}

/**
 * Finds the parts that Complete lists.
 * @throws {S3Error} `InvalidPart`, `InvalidPartOrder`, `EntityTooSmall`, `InvalidRequest`
 */
function chooseParts(call: Call, upload: Upload, listed: readonly ListedPart[]): UploadedPart[] {
  if (listed.some(({ number }, index) => number <= (listed[index - 1]?.number ?? 0)))
    throw new S3Error('InvalidPartOrder', undefined, { details: { UploadId: upload.id } });
  const stored = new Map(call.store.uploads.parts(upload.id).map((part) => [part.number, part]));
  const parts = listed.map((entry) => choosePart(upload, stored, entry));
  checkSizes(parts);
  checkConsecutive(upload, parts);
  return parts;
}

function multipartEtag(upload: Upload, parts: readonly UploadedPart[]): string {
  if (hidesMd5(upload.settings.properties.encryption))
    return `${randomBytes(16).toString('hex')}-${parts.length}`;
  const hash = createHash('md5');
  for (const part of parts) hash.update(Buffer.from(part.etag, 'hex'));
  return `${hash.digest('hex')}-${parts.length}`;
}

function objectChecksum({ settings }: Upload, parts: readonly UploadedPart[]): ObjectChecksum {
  const { algorithm, type } = settings;
  const values = parts.map((part) => ({ value: part.checksums[algorithm] ?? '', size: part.size }));
  if (type === 'FULL_OBJECT' && isCrc(algorithm))
    return { algorithm, type, value: combineCrcs(algorithm, values) };
  const digest = startDigest(algorithm);
  for (const { value } of values) digest.update(Buffer.from(value, 'base64'));
  return { algorithm, type: 'COMPOSITE', value: `${digest.digest().toString('base64')}-${parts.length}` };
}

/** Compares the checksum of the object with the one that the client sent, so that a wrong object is never published. */
function proveObjectChecksum(call: Call, upload: Upload, checksum: ObjectChecksum): void {
  const type = readHeader(call.request, 'x-amz-checksum-type');
  if (type !== undefined && type !== checksum.type) {
    throw new S3Error(
      'InvalidRequest',
      `The upload was created using the ${checksum.type} checksum mode. The complete request must use the same checksum mode.`,
    );
  }
  for (const { algorithm, value: given } of checksumValues(call.request)) {
    const value = checksum.type === 'COMPOSITE' ? given.replace(/-\d+$/, '') : given;
    checkValue(algorithm, value);
    if (algorithm !== upload.settings.algorithm) {
      throw new S3Error(
        'InvalidRequest',
        `Checksum Type mismatch occurred, expected checksum Type: ${upload.settings.algorithm.toLowerCase()}, actual checksum Type: ${algorithm.toLowerCase()}`,
      );
    }
    if (value !== checksum.value.replace(/-\d+$/, '')) {
      throw new S3Error(
        'BadDigest',
        `The ${algorithm.toLowerCase()} you specified did not match the calculated checksum.`,
      );
    }
  }
}

function proveSize(call: Call, size: number): void {
  const given = readHeader(call.request, 'x-amz-mp-object-size');
  if (given === undefined) return;
  if (!/^\d+$/.test(given))
    throw new S3Error('InvalidRequest', `Value for x-amz-mp-object-size header is invalid: ${given}`);
  if (Number(given) !== size) {
    throw new S3Error(
      'InvalidRequest',
      `The provided 'x-amz-mp-object-size' header value ${given} does not match what was computed: ${size}`,
    );
  }
}

function assemble(call: Call, upload: Upload, listed: readonly ListedPart[]): NewVersion {
  const parts = chooseParts(call, upload, listed);
  const { settings } = upload;
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  const checksum = objectChecksum(upload, parts);
  proveSize(call, size);
  proveObjectChecksum(call, upload, checksum);
  const showParts = settings.type === 'COMPOSITE';
  return {
    size,
    etag: multipartEtag(upload, parts),
    modified: upload.initiated,
    sequence: upload.sequence,
    checksum,
    properties: settings.properties,
    content: joinContents(parts.map(({ content }) => content)),
    parts: parts.map((part) => ({
      number: part.number,
      size: part.size,
      checksum: showParts ? part.checksums[settings.algorithm] : undefined,
    })),
  };
}

/**
 * Publishes the object. In a bucket with versioning, the object whose upload was initiated last becomes current. In a
 * bucket without versioning, the last Complete wins.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html (read 2026-11-22)
 */
function publish(
  call: Call,
  bucket: Bucket,
  upload: Upload,
  listed: readonly ListedPart[],
  body: string,
): ObjectVersion {
  const { store } = call;
  return store.db.transaction(() => {
    findUpload(call, bucket);
    const assembled = assemble(call, upload, listed);
    const sequence = bucket.settings.versioning === 'Enabled' ? assembled.sequence : undefined;
    const object = store.objects.put(bucket, upload.key, { ...assembled, sequence });
    store.uploads.end(upload.id, 'completed', {
      request: body,
      etag: object.etag,
      version: object.version,
      checksum: object.checksum,
    });
    return object;
  });
}

function answer(
  call: Call,
  bucket: Bucket,
  upload: Upload,
  object: Pick<ObjectVersion, 'etag' | 'version' | 'checksum'>,
): Answer {
  const content = [
    element(
      'Location',
      `${call.url}/${bucket.name}/${upload.key.split('/').map(encodeURIComponent).join('/')}`,
    ),
    element('Bucket', bucket.name),
    element('Key', upload.key),
    element('ETag', quoted(object.etag)),
    ...checksumElements(object.checksum),
  ];
  const headers = {
    ...versionHeader(bucket, object.version),
    ...encryptionAnswerHeaders(upload.settings.properties.encryption),
  };
  return xmlAnswer('CompleteMultipartUploadResult', content, headers);
}

/** Hashes part numbers and ETags. Two Completes with the same hash are the same request. */
function summarize(listed: readonly ListedPart[]): string {
  const hash = createHash('sha256');
  for (const { number, etag } of listed) hash.update(`${number} ${etag}\n`);
  return hash.digest('base64url');
}

const completeMultipartUpload: Operation = {
  headers: [...checksumRequestHeaders, 'x-amz-mp-object-size'],
  query: ['uploadId'],
  handle: async (call) => {
    const bucket = findBucket(call);
    call.permit('s3:PutObject', bucket.name, requestedKey(call));
    const upload = findAnyUpload(call, bucket);
    const listed = parseCompletion((await readCompletion(call.request)).toString());
    const summary = summarize(listed);
    if (upload.state === 'completed' && upload.outcome?.request === summary)
      return answer(call, bucket, upload, upload.outcome);
    const prepare = async (): Promise<() => ObjectVersion> => {
      findUpload(call, bucket);
      return () => publish(call, bucket, upload, listed, summary);
    };
    const object = await writeUnderConditions(call, bucket, upload.key, prepare, upload);
    return answer(call, bucket, upload, object);
  },
};

/** CompleteMultipartUpload. */
export const completeOperations = { CompleteMultipartUpload: completeMultipartUpload } satisfies Record<
  string,
  Operation
>;
