import {
  asAlgorithm,
  type ChecksumAlgorithm,
  digestBytes,
  unsupportedAlgorithms,
} from '../checksums/algorithms.ts';
import { headerOf, type S3Request } from '../http/s3-request.ts';
import { S3Error } from '../s3-error.ts';

/** A checksum that a client sends with a body. */
export interface RequestedChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64; undefined when it comes in a trailer, or when the client only names the algorithm. */
  readonly value: string | undefined;
}

/** The header that carries the value of an algorithm. */
export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

/** Reads an algorithm's name from a client. */
export function parseAlgorithm(name: string): ChecksumAlgorithm {
  const algorithm = asAlgorithm(name);
  if (algorithm !== undefined) return algorithm;
  if (unsupportedAlgorithms.includes(name.toUpperCase())) {
    throw new S3Error('NotImplemented', `checksum algorithm ${name} is not implemented`);
  }
  throw new S3Error(
    'InvalidRequest',
    'Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]',
  );
}

/** Holds a checksum value to the length of its algorithm. */
export function checkValue(algorithm: ChecksumAlgorithm, value: string): void {
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length !== digestBytes[algorithm] || bytes.toString('base64') !== value) {
    throw new S3Error('InvalidRequest', `Value for ${checksumHeader(algorithm)} header is invalid.`);
  }
}

const notValues = ['x-amz-checksum-algorithm', 'x-amz-checksum-mode', 'x-amz-checksum-type'];

/**
 * The checksum values in the headers of a request.
 * @throws {S3Error} for an algorithm that there is not, or not here: no value is ever ignored
 */
export function checksumValues(request: S3Request): { algorithm: ChecksumAlgorithm; value: string }[] {
  const names = Object.keys(request.incoming.headers).filter((name) => name.startsWith('x-amz-checksum-'));
  return names
    .filter((name) => !notValues.includes(name))
    .map((name) => ({
      algorithm: parseAlgorithm(name.slice('x-amz-checksum-'.length)),
      value: headerOf(request, name) ?? '',
    }));
}

function fromTrailer(request: S3Request): RequestedChecksum[] {
  const names = (headerOf(request, 'x-amz-trailer') ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
  return names
    .filter((name) => name.startsWith('x-amz-checksum-'))
    .map((name) => {
      return { algorithm: parseAlgorithm(name.slice('x-amz-checksum-'.length)), value: undefined };
    });
}

/**
 * The checksum that a PutObject or UploadPart announces: in a header, in a trailer, or by name alone.
 *
 * @throws {S3Error} `InvalidRequest` for more than one, or for a name and a value that differ
 */
export function requestedChecksum(request: S3Request): RequestedChecksum | undefined {
  const found = [...checksumValues(request), ...fromTrailer(request)];
  if (found.length > 1)
    throw new S3Error(
      'InvalidRequest',
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  const name =
    headerOf(request, 'x-amz-sdk-checksum-algorithm') ?? headerOf(request, 'x-amz-checksum-algorithm');
  const first = found[0];
  if (first?.value !== undefined) checkValue(first.algorithm, first.value);
  if (name === undefined) return first;
  const algorithm = parseAlgorithm(name);
  if (first !== undefined && first.algorithm !== algorithm) {
    throw new S3Error('InvalidRequest', `Value for x-amz-sdk-checksum-algorithm header is invalid.`);
  }
  return first ?? { algorithm, value: undefined };
}
