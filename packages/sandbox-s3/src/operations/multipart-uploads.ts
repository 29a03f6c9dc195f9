import { parseAlgorithm } from '../body/requested-checksum.ts';
import { allowsType, type ChecksumType, defaultType } from '../checksums/algorithms.ts';
import { emptyAnswer, isoDate, quoted, xmlAnswer } from '../http/answer.ts';
import { checkKey, readHeader, readInteger } from '../http/s3-request.ts';
import { element, type Markup } from '../http/xml-writer.ts';
import type { Bucket } from '../index/buckets.ts';
import type { Upload, UploadedPart, UploadSettings } from '../index/uploads.ts';
import { S3Error } from '../s3-error.ts';
import { ownerElement } from './acl.ts';
import type { Call, Operation } from './call.ts';
import { encryptionAnswerHeaders } from './encryption.ts';
import { findBucket, requestedKey } from './find-object.ts';
import { pageSize } from './list-objects.ts';
import { propertyHeaders, requestedProperties } from './object-properties.ts';
import { keyWriter } from './url-encoding.ts';

function refuseConditions(call: Call): void {
  for (const name of ['if-match', 'if-none-match']) {
    if (readHeader(call.request, name) !== undefined)
      throw new S3Error('NotImplemented', undefined, { details: { Header: name } });
  }
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html (read 2026-11-22) */
function requestedUploadChecksum(call: Call): Pick<UploadSettings, 'algorithm' | 'type' | 'named'> {
  const name = readHeader(call.request, 'x-amz-checksum-algorithm');
  const type = readHeader(call.request, 'x-amz-checksum-type');
  if (name === undefined) {
    if (type === 'COMPOSITE')
      throw new S3Error(
        'InvalidRequest',
        'The COMPOSITE checksum type cannot be used without a checksum algorithm.',
      );
    return { algorithm: 'CRC64NVME', type: 'FULL_OBJECT', named: false };
  }
  const algorithm = parseAlgorithm(name);
  const chosen = (type as ChecksumType | undefined) ?? defaultType(algorithm);
  if (!['FULL_OBJECT', 'COMPOSITE'].includes(chosen))
    throw new S3Error('InvalidRequest', 'Value for x-amz-checksum-type header is invalid.');
  if (!allowsType(algorithm, chosen)) {
    throw new S3Error(
      'InvalidRequest',
      `The ${chosen} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    );
  }
  return { algorithm, type: chosen, named: true };
}

const createMultipartUpload: Operation = {
  headers: [...propertyHeaders, 'x-amz-checksum-algorithm', 'x-amz-checksum-type'],
  query: ['uploads'],
  handle: (call) => {
    const { store } = call;
    checkKey(call.request.key);
    const [bucket, key] = [findBucket(call), requestedKey(call)];
    call.permit('s3:PutObject', bucket.name, key);
    refuseConditions(call);
    const properties = requestedProperties(call, bucket);
    const checksum = requestedUploadChecksum(call);
    const settings = { properties, ...checksum, initiator: call.principal };
    const id = store.uploads.create(bucket, key, {
      sequence: store.objects.nextSequence(),
      initiated: store.nowSeconds(),
      settings,
    });
    const content = [element('Bucket', bucket.name), element('Key', key), element('UploadId', id)];
    return xmlAnswer('InitiateMultipartUploadResult', content, {
      ...encryptionAnswerHeaders(properties.encryption),
      'x-amz-checksum-algorithm': checksum.named ? checksum.algorithm : undefined,
      'x-amz-checksum-type': checksum.named ? checksum.type : undefined,
    });
  },
};

const noSuchUpload = (id: string): S3Error =>
  new S3Error('NoSuchUpload', undefined, { details: { UploadId: id } });

/**
 * Finds the upload of a request, in any state.
 *
 * @throws {S3Error} `NoSuchUpload`
 */
export function findAnyUpload(call: Call, bucket: Bucket): Upload {
  const id = call.request.query.get('uploadId') ?? '';
  const upload = call.store.uploads.find(bucket, requestedKey(call), id);
  if (upload === undefined) throw noSuchUpload(id);
  return upload;
}

/**
 * Finds the open upload of a request.
 *
 * @throws {S3Error} `NoSuchUpload`, also when the upload is completed or aborted
 */
export function findUpload(call: Call, bucket: Bucket): Upload {
  const upload = findAnyUpload(call, bucket);
  if (upload.state !== 'open') throw noSuchUpload(upload.id);
  return upload;
}

const abortMultipartUpload: Operation = {
  headers: ['x-amz-if-match-initiated-time'],
  query: ['uploadId'],
  handle: (call) => {
    const bucket = findBucket(call);
    call.permit('s3:AbortMultipartUpload', bucket.name, requestedKey(call));
    if (readHeader(call.request, 'x-amz-if-match-initiated-time') !== undefined) {
      throw new S3Error('NotImplemented', 'x-amz-if-match-initiated-time is for directory buckets');
    }
    const upload = findAnyUpload(call, bucket);
    if (upload.state === 'completed') throw noSuchUpload(upload.id);
    if (upload.state === 'open') call.store.uploads.end(upload.id, 'aborted');
    return emptyAnswer(204);
  },
};

function partElement(part: UploadedPart, { algorithm, named }: UploadSettings): Markup | undefined {
  return element('Part', [
    element('PartNumber', part.number),
    element('LastModified', isoDate(part.modified)),
    element('ETag', quoted(part.etag)),
    element('Size', part.size),
    named ? element(`Checksum${algorithm}`, part.checksums[algorithm]) : undefined,
  ]);
}

const listParts: Operation = {
  query: ['uploadId', 'max-parts', 'part-number-marker', 'encoding-type'],
  handle: (call) => {
    const bucket = findBucket(call);
    call.permit('s3:ListMultipartUploadParts', bucket.name, requestedKey(call));
    const upload = findUpload(call, bucket);
    const size = pageSize(call, 'max-parts');
    const marker = readInteger(call.request, 'part-number-marker', { fallback: 0, min: 0, max: 2 ** 31 - 1 });
    const { type, write } = keyWriter(call.request);
    const found = call.store.uploads.parts(upload.id, marker, size + 1);
    const page = found.slice(0, size);
    const { settings } = upload;
    return xmlAnswer('ListPartsResult', [
      element('Bucket', bucket.name),
      element('Key', write(upload.key)),
      element('UploadId', upload.id),
      element('Initiator', [element('ID', settings.initiator), element('DisplayName', settings.initiator)]),
      ownerElement(settings.properties.owner),
      element('StorageClass', settings.properties.storageClass),
      element('PartNumberMarker', marker),
      element('NextPartNumberMarker', page.at(-1)?.number ?? 0),
      element('MaxParts', size),
      element('EncodingType', type),
      element('IsTruncated', size > 0 && found.length > size),
      ...page.map((part) => partElement(part, settings)),
      element('ChecksumAlgorithm', settings.named ? settings.algorithm : undefined),
      element('ChecksumType', settings.named ? settings.type : undefined),
    ]);
  },
};

/** The operations that create and abort multipart uploads and list their parts. */
export const uploadOperations = {
  CreateMultipartUpload: createMultipartUpload,
  AbortMultipartUpload: abortMultipartUpload,
  ListParts: listParts,
} satisfies Record<string, Operation>;
