import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { CrcAlgorithm } from './combine-crc.ts';
import { crc32c } from './crc32c.ts';
import { Crc64Nvme } from './crc64nvme.ts';

/**
 * Checksum algorithms of S3 that this store computes.
 *
 * The xxHash family (2026) is answered `NotImplemented`: Node has no such function.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html (read 2026-11-22)
 */
export const checksumAlgorithms = [
  'CRC64NVME',
  'CRC32',
  'CRC32C',
  'SHA1',
  'SHA256',
  'SHA512',
  'MD5',
] as const;
export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number];

/** Names the algorithms that S3 knows and this store does not. */
export const unsupportedAlgorithms: readonly string[] = ['XXHASH64', 'XXHASH3', 'XXHASH128'];

/** FULL_OBJECT: over the object's bytes. COMPOSITE: over the checksums of its parts. */
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE';

/** A running digest. */
export interface Digester {
  update(data: Uint8Array): unknown;
  digest(): Buffer;
}

class RunningCrc32 implements Digester {
  #value = 0;
  readonly #next: (data: Uint8Array, value: number) => number;
  constructor(next: (data: Uint8Array, value: number) => number) {
    this.#next = next;
  }
  update(data: Uint8Array): void {
    this.#value = this.#next(data, this.#value);
  }
  digest(): Buffer {
    const out = Buffer.alloc(4);
    out.writeUInt32BE(this.#value >>> 0);
    return out;
  }
}

const factories: Readonly<Record<ChecksumAlgorithm, () => Digester>> = {
  CRC64NVME: () => new Crc64Nvme(),
  CRC32: () => new RunningCrc32(crc32),
  CRC32C: () => new RunningCrc32(crc32c),
  SHA1: () => createHash('sha1'),
  SHA256: () => createHash('sha256'),
  SHA512: () => createHash('sha512'),
  MD5: () => createHash('md5'),
};

/** Starts a digest. */
export function startDigest(algorithm: ChecksumAlgorithm): Digester {
  return factories[algorithm]();
}

/** Bytes of each algorithm's value: to tell a malformed value from a wrong one. */
export const digestBytes: Readonly<Record<ChecksumAlgorithm, number>> = {
  CRC64NVME: 8,
  CRC32: 4,
  CRC32C: 4,
  SHA1: 20,
  SHA256: 32,
  SHA512: 64,
  MD5: 16,
};

/** True for the algorithms whose value for a whole object follows from those of its parts. */
export function isCrc(algorithm: ChecksumAlgorithm): algorithm is CrcAlgorithm {
  return algorithm === 'CRC64NVME' || algorithm === 'CRC32' || algorithm === 'CRC32C';
}

/** The type a multipart upload gets when the client names only the algorithm. */
export function defaultType(algorithm: ChecksumAlgorithm): ChecksumType {
  return algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE';
}

/** Whether S3 takes this pair for a multipart upload. */
export function allowsType(algorithm: ChecksumAlgorithm, type: ChecksumType): boolean {
  return type === 'FULL_OBJECT' ? isCrc(algorithm) : algorithm !== 'CRC64NVME';
}

/** Parses the name of an algorithm; undefined when it is none. */
export function asAlgorithm(name: string | undefined): ChecksumAlgorithm | undefined {
  return checksumAlgorithms.find((algorithm) => algorithm === name?.toUpperCase());
}
