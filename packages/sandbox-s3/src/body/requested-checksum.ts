import {
  asAlgorithm,
  type ChecksumAlgorithm,
  checksumAlgorithms,
  digestBytes,
} from '../checksums/algorithms.ts';
import { readHeader, type S3Request } from '../http/s3-request.ts';
import { S3Error } from '../s3-error.ts';
import { readAnnouncedTrailers } from './payload.ts';

/** A checksum that a client sends for a body. */
export interface RequestedChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64; undefined when the value follows in a trailer. */
  readonly value: string | undefined;
}

/** Headers about the checksum of a body. `x-amz-sdk-checksum-algorithm` is sent only by the SDKs. */
export const checksumRequestHeaders = ['x-amz-checksum-*', 'x-amz-sdk-checksum-algorithm', 'x-amz-trailer'];

/** The name of the header that contains the value of an algorithm. */
export function checksumHeaderName(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

/**
 * Reads the name of an algorithm that a client sent.
 *
 * @throws {S3Error} `InvalidRequest` when S3 does not have it
 */
export function parseAlgorithm(name: string): ChecksumAlgorithm {
  const algorithm = asAlgorithm(name);
  if (algorithm !== undefined) return algorithm;
  throw new S3Error(
    'InvalidRequest',
    `Checksum algorithm provided is unsupported. Please try again with any of the valid types: [${[...checksumAlgorithms].sort().join(', ')}]`,
  );
}

/**
 * Checks that the value of a checksum has the length of its algorithm.
 *
 * @throws {S3Error} `InvalidRequest`
 */
export function checkValue(algorithm: ChecksumAlgorithm, value: string): void {
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length !== digestBytes(algorithm) || bytes.toString('base64') !== value) {
    throw new S3Error('InvalidRequest', `Value for ${checksumHeaderName(algorithm)} header is invalid.`);
  }
}

const notValues = ['x-amz-checksum-algorithm', 'x-amz-checksum-mode', 'x-amz-checksum-type'];

/**
 * Reads the checksum values in the headers of a request.
 *
 * @throws {S3Error} `InvalidRequest` for an unknown algorithm, so that no value is ignored
 */
export function checksumValues(request: S3Request): { algorithm: ChecksumAlgorithm; value: string }[] {
  const names = Object.keys(request.incoming.headers).filter((name) => name.startsWith('x-amz-checksum-'));
  return names
    .filter((name) => !notValues.includes(name))
    .map((name) => ({
      algorithm: parseAlgorithm(name.slice('x-amz-checksum-'.length)),
      value: readHeader(request, name) ?? '',
    }));
}

function fromTrailer(request: S3Request): RequestedChecksum[] {
  return readAnnouncedTrailers(request).map((name) => {
    return { algorithm: parseAlgorithm(name.slice('x-amz-checksum-'.length)), value: undefined };
  });
}

/**
 * Compares the computed checksum of a body with the one that the client sent, in a header or in a trailer.
 *
 * @param computed returns the checksum that was computed, in base64
 * @throws {S3Error} `BadDigest`
 */
export function proveChecksum(
  requested: RequestedChecksum | undefined,
  trailers: ReadonlyMap<string, string>,
  computed: (algorithm: ChecksumAlgorithm) => string | undefined,
): void {
  if (requested === undefined) return;
  const { algorithm } = requested;
  const trailer = trailers.get(checksumHeaderName(algorithm));
  if (trailer !== undefined) checkValue(algorithm, trailer);
  const value = requested.value ?? trailer;
  if (value !== undefined && value !== computed(algorithm)) {
    throw new S3Error('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
  }
}

/**
 * Reads which checksum a client sends for a body, in a header or in a trailer.
 *
 * @throws {S3Error} `InvalidRequest` for more than one checksum, and for an algorithm that is named without a value or
 * with the value of another algorithm
 */
export function requestedChecksum(request: S3Request): RequestedChecksum | undefined {
  const found = [...checksumValues(request), ...fromTrailer(request)];
  if (found.length > 1)
    throw new S3Error(
      'InvalidRequest',
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  const first = found[0];
  if (first?.value !== undefined) checkValue(first.algorithm, first.value);
  checkNamed(request, first);
  return first;
}

/** Checks that a client that names an algorithm also sends a checksum of that algorithm. */
function checkNamed(request: S3Request, found: RequestedChecksum | undefined): void {
  const name = readHeader(request, 'x-amz-sdk-checksum-algorithm');
  if (name === undefined) return;
  const algorithm = parseAlgorithm(name);
  if (found === undefined) {
    throw new S3Error(
      'InvalidRequest',
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    );
  }
  if (found.algorithm !== algorithm)
    throw new S3Error('InvalidRequest', 'Value for x-amz-sdk-checksum-algorithm header is invalid.');
}
