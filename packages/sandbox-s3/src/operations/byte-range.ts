import { readHeader, readInteger, type S3Request } from '../http/s3-request.ts';
import type { ObjectVersion } from '../index/objects.ts';
import { S3Error } from '../s3-error.ts';
import { maxParts } from './size-limits.ts';

/** A range of bytes of an object. `end` is inclusive; for a part without bytes it is `start - 1`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Parses a `Range` header; undefined for values that S3 ignores: other units, several ranges, malformed ranges.
 *
 * @throws {S3Error} `InvalidRange` when the range contains no byte of the object
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-range (read 2026-11-22)
 */
function parseRange(header: string, size: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header.trim());
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  const [first, last] = [match[1] ?? '', match[2] ?? ''];
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  const start = first === '' ? Math.max(size - Number(last), 0) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (start >= size || (first === '' && Number(last) === 0)) {
    throw new S3Error('InvalidRange', undefined, {
      details: { RangeRequested: header, ActualObjectSize: size },
    });
  }
  return { start, end };
}

function partRange(object: ObjectVersion, number: number): ByteRange | undefined {
  const parts = object.parts ?? [{ number: 1, size: object.size }];
  const index = number - 1;
  const part = parts[index];
  if (part === undefined) {
    throw new S3Error('InvalidPartNumber', undefined, {
      details: { PartNumberRequested: number, ActualPartCount: parts.length },
    });
  }
  if (object.size === 0) return undefined;
  const start = parts.slice(0, index).reduce((sum, { size }) => sum + size, 0);
  return { start, end: start + part.size - 1 };
}

/** Reads which bytes a GET or HEAD asks for, by `Range` or `partNumber`; undefined for all. */
export function requestedRange(request: S3Request, object: ObjectVersion): ByteRange | undefined {
  const header = readHeader(request, 'range');
  if (request.query.has('partNumber')) {
    if (header !== undefined)
      throw new S3Error('InvalidRequest', 'Cannot specify both Range header and partNumber query parameter');
    return partRange(object, readInteger(request, 'partNumber', { fallback: 1, min: 1, max: maxParts }));
  }
  return header === undefined ? undefined : parseRange(header, object.size);
}
