import { receiveBody } from '../body/receive-body.ts';
import { checksumHeaderName, checksumRequestHeaders, requestedChecksum } from '../body/requested-checksum.ts';
import type { ChecksumAlgorithm } from '../checksums/algorithms.ts';
import { emptyAnswer, isoDate, quoted, xmlAnswer } from '../http/answer.ts';
import { readHeader, type S3Request } from '../http/s3-request.ts';
import { element } from '../http/xml-writer.ts';
import { sliceContent } from '../index/blobs.ts';
import type { Bucket } from '../index/buckets.ts';
import type { ObjectVersion } from '../index/objects.ts';
import type { Upload } from '../index/uploads.ts';
import { S3Error } from '../s3-error.ts';
import type { Call, Operation } from './call.ts';
import { copySourceHeaders, findCopySource } from './copy-source.ts';
import { encryptionAnswerHeaders, encryptionHeaders, makeEtag } from './encryption.ts';
import { findBucket, requestedKey } from './find-object.ts';
import { findUpload } from './multipart-uploads.ts';
import { maxParts, maxPutBytes } from './size-limits.ts';

/** A range of a source can be copied only if the source is larger than this, in bytes. */
const minRangedSourceBytes = 5 * 1024 * 1024;

function readPartNumber(request: S3Request): number {
  const text = request.query.get('partNumber') ?? '';
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1 || number > maxParts) {
    throw new S3Error(
      'InvalidArgument',
      `Part number must be an integer between 1 and ${maxParts}, inclusive`,
      {
        details: { ArgumentName: 'partNumber', ArgumentValue: text },
      },
    );
  }
  return number;
}

/**
 * Refuses a part whose checksum has another algorithm than the upload. A part without a checksum is accepted only if
 * the type is FULL_OBJECT.
 */
function checkPartAlgorithm({ settings }: Upload, given: ChecksumAlgorithm | undefined): void {
  if (!settings.named || given === settings.algorithm) return;
  if (given === undefined && settings.type === 'FULL_OBJECT') return;
  const [expected, actual] = [settings.algorithm.toLowerCase(), given?.toLowerCase() ?? 'null'];
  const message = `Checksum Type mismatch occurred, expected checksum Type: ${expected}, actual checksum Type: ${actual}`;
  throw new S3Error('InvalidRequest', message);
}

/** The algorithms to compute for a part: that of the upload, and that of the checksum which the client sent. */
function algorithmsFor({ settings }: Upload, given: ChecksumAlgorithm | undefined): ChecksumAlgorithm[] {
  return [...new Set([settings.algorithm, ...(given === undefined ? [] : [given])])];
}

async function receivePart(
  call: Call,
  upload: Upload,
  number: number,
): Promise<Record<string, string | undefined>> {
  const { store } = call;
  const requested = requestedChecksum(call.request);
  checkPartAlgorithm(upload, requested?.algorithm);
  const algorithms = algorithmsFor(upload, requested?.algorithm);
  const body = await receiveBody(store, call.request, { algorithms, requested, maxBytes: maxPutBytes });
  const etag = makeEtag(body.digests.MD5, upload.settings.properties.encryption);
  try {
    store.db.transaction(() => {
      findUpload(call, findBucket(call)); // The upload may have ended while the body arrived.
      store.blobs.register(body.writer);
      store.digests.remember(body.content, body.digests);
      const part = {
        number,
        size: body.size,
        etag,
        modified: store.nowSeconds(),
        checksums: body.digests,
        content: body.content,
      };
      store.uploads.putPart(upload.id, part);
    });
  } catch (error) {
    await body.writer.abandon();
    throw error;
  }
  const shown = requested?.algorithm ?? (upload.settings.named ? upload.settings.algorithm : undefined);
  return {
    etag: quoted(etag),
    ...(shown === undefined ? {} : { [checksumHeaderName(shown)]: body.digests[shown] }),
  };
}

const uploadPart: Operation = {
  headers: [...checksumRequestHeaders, ...encryptionHeaders],
  query: ['partNumber', 'uploadId'],
  handle: async (call) => {
    const number = readPartNumber(call.request);
    const bucket = findBucket(call);
    call.permit('s3:PutObject', bucket.name, requestedKey(call));
    const upload = findUpload(call, bucket);
    const headers = await receivePart(call, upload, number);
    return emptyAnswer(200, {
      ...headers,
      ...encryptionAnswerHeaders(upload.settings.properties.encryption),
    });
  },
};

function invalidRange(header: string, message: string): S3Error {
  return new S3Error('InvalidArgument', message, {
    details: { ArgumentName: 'x-amz-copy-source-range', ArgumentValue: header },
  });
}

/**
 * Reads which bytes of the source become the part; undefined for all.
 *
 * @throws {S3Error} `InvalidArgument` when the form is not `bytes=first-last` or the range ends after the source;
 * `InvalidRequest` when the source is too small for ranges
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html (read 2026-11-22)
 */
function sourceRange(request: S3Request, source: ObjectVersion): { start: number; end: number } | undefined {
  const header = readHeader(request, 'x-amz-copy-source-range');
  if (header === undefined) return undefined;
  const match = /^bytes=(\d+)-(\d+)$/.exec(header);
  const [start, end] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || end < start) {
    throw invalidRange(
      header,
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
    );
  }
  if (end >= source.size) {
    throw invalidRange(header, `Range specified is not valid for source object of size: ${source.size}`);
  }
  if (source.size <= minRangedSourceBytes) {
    throw new S3Error(
      'InvalidRequest',
      'The specified copy source is not supported as a byte-range copy source',
    );
  }
  return { start, end };
}

async function copyPart(
  call: Call,
  upload: Upload,
  number: number,
  source: ObjectVersion,
): Promise<Map<string, string>> {
  const { store } = call;
  const range = sourceRange(call.request, source) ?? { start: 0, end: source.size - 1 };
  const size = range.end - range.start + 1;
  if (size > maxPutBytes) {
    throw new S3Error(
      'InvalidRequest',
      `The specified copy source is larger than the maximum allowable size for a copy source: ${maxPutBytes}`,
    );
  }
  const content = sliceContent(source.content, range.start, range.end);
  const { algorithm, named, properties } = upload.settings;
  const digests = await store.digests.get(content, ['MD5', algorithm]);
  const etag = makeEtag(digests.MD5, properties.encryption);
  store.db.transaction(() => {
    findUpload(call, findBucket(call));
    store.uploads.putPart(upload.id, {
      number,
      size,
      etag,
      modified: store.nowSeconds(),
      checksums: { ...digests },
      content,
    });
  });
  return new Map([
    ['ETag', quoted(etag)],
    ...(named ? [[`Checksum${algorithm}`, digests[algorithm] ?? ''] as const] : []),
  ]);
}

const uploadPartCopy: Operation = {
  headers: [...copySourceHeaders, ...encryptionHeaders, 'x-amz-copy-source-range'],
  query: ['partNumber', 'uploadId'],
  handle: async (call) => {
    const number = readPartNumber(call.request);
    const bucket: Bucket = findBucket(call);
    call.permit('s3:PutObject', bucket.name, requestedKey(call));
    const upload = findUpload(call, bucket);
    const source = findCopySource(call);
    const release = call.store.blobs.pin(source.object.content);
    try {
      const shown = await copyPart(call, upload, number, source.object);
      const content = [
        element('LastModified', isoDate(call.store.nowSeconds())),
        ...[...shown].map(([name, value]) => element(name, value)),
      ];
      return xmlAnswer('CopyPartResult', content, {
        ...source.headers,
        ...encryptionAnswerHeaders(upload.settings.properties.encryption),
      });
    } finally {
      release();
    }
  },
};

/** The operations that write parts of multipart uploads. */
export const partOperations = { UploadPart: uploadPart, UploadPartCopy: uploadPartCopy } satisfies Record<
  string,
  Operation
>;
