import { Readable } from 'node:stream';
import { type Answer, httpDate, quoted } from '../http/answer.ts';
import { readHeader } from '../http/s3-request.ts';
import { sliceContent } from '../index/blobs.ts';
import type { ObjectVersion } from '../index/objects.ts';
import { S3Error } from '../s3-error.ts';
import { checksumAnswerHeaders, objectAnswerHeaders } from './answer-headers.ts';
import { type ByteRange, requestedRange } from './byte-range.ts';
import type { Call, Operation } from './call.ts';
import { findObject, isArchived, type ObjectAddress, requestedAddress, versioned } from './find-object.ts';
import { checkReadConditions } from './source-conditions.ts';

/** Headers of the answer that a GET can override with `response-…` parameters. */
const overrides = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];

/** Characters that a header can contain. */
const latin1 = /^[\t\x20-\x7e\x80-\xff]*$/;

function overriddenHeaders(call: Call): Record<string, string> {
  const given = overrides.flatMap((name) => {
    const value = call.request.query.get(`response-${name}`);
    if (value === undefined) return [];
    if (latin1.test(value)) return [[name, value] as const];
    throw new S3Error('InvalidArgument', 'Header value cannot be represented using ISO-8859-1.', {
      details: { ArgumentName: `response-${name}`, ArgumentValue: value },
    });
  });
  return Object.fromEntries(given);
}

function rangeAnswerHeaders(
  object: ObjectVersion,
  range: ByteRange | undefined,
): Record<string, string | number | undefined> {
  if (range === undefined) return { 'content-length': object.size };
  const length = range.end - range.start + 1;
  if (length === 0) return { 'content-length': 0 }; // Content-Range cannot describe an empty range.
  return {
    'content-length': length,
    'content-range': `bytes ${range.start}-${range.end}/${object.size}`,
  };
}

function answerHead(
  call: Call,
  { bucket }: ObjectAddress,
  object: ObjectVersion,
  range: ByteRange | undefined,
): Answer {
  const checksums =
    readHeader(call.request, 'x-amz-checksum-mode')?.toUpperCase() === 'ENABLED' && range === undefined;
  const byPart = call.request.query.has('partNumber');
  return {
    status: range === undefined ? 200 : 206,
    headers: {
      ...objectAnswerHeaders(bucket, object),
      ...overriddenHeaders(call),
      ...rangeAnswerHeaders(object, range),
      ...(checksums ? checksumAnswerHeaders(object.checksum) : {}),
      'x-amz-mp-parts-count': byPart ? object.parts?.length : undefined,
    },
  };
}

function findForRead(call: Call): { address: ObjectAddress; object: ObjectVersion } {
  const address = requestedAddress(call);
  call.permit(versioned('s3:GetObject', address.versionId), address.bucket.name, address.key);
  const object = findObject(call, address);
  const headers = { etag: quoted(object.etag), 'last-modified': httpDate(object.modified) };
  checkReadConditions(call, object, headers);
  return { address, object };
}

function openBody(call: Call, object: ObjectVersion, range: ByteRange | undefined): Buffer | Readable {
  const { blobs } = call.store;
  const content = range === undefined ? object.content : sliceContent(object.content, range.start, range.end);
  const small = blobs.readSmall(content);
  if (small !== undefined) return small;
  const release = blobs.pin(content);
  return Readable.from(blobs.read(content), { objectMode: false }).once('close', release);
}

const headers = ['x-amz-checksum-mode'];
const query = ['partNumber', 'versionId', ...overrides.map((name) => `response-${name}`)];

const getObject: Operation = {
  headers,
  query,
  handle: (call) => {
    const { address, object } = findForRead(call);
    if (isArchived(call, object)) {
      const details = { StorageClass: object.properties.storageClass };
      throw new S3Error('InvalidObjectState', undefined, { details });
    }
    const range = requestedRange(call.request, object);
    return { ...answerHead(call, address, object, range), body: openBody(call, object, range) };
  },
};

const headObject: Operation = {
  headers,
  query,
  handle: (call) => {
    const { address, object } = findForRead(call);
    return answerHead(call, address, object, requestedRange(call.request, object));
  },
};

/** The operations that read objects. */
export const getOperations = { GetObject: getObject, HeadObject: headObject } satisfies Record<
  string,
  Operation
>;
