import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import {
  createCRC32,
  createCRC64,
  createXXHash3,
  createXXHash64,
  createXXHash128,
  type IHasher,
} from 'hash-wasm';
import { type CrcAlgorithm, crcPolynomials } from './combine-crc.ts';

/** A running digest. */
export interface Digester {
  update(data: Uint8Array): unknown;
  digest(): Buffer;
}

/** FULL_OBJECT: the checksum of all bytes of the object. COMPOSITE: the checksum of the checksums of its parts. */
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE';

class RunningCrc32 implements Digester {
  #value = 0;
  update(data: Uint8Array): void {
    this.#value = crc32(data, this.#value);
  }
  digest(): Buffer {
    const out = Buffer.alloc(4);
    out.writeUInt32BE(this.#value);
    return out;
  }
}

/** All digests of an algorithm share one WebAssembly module. Each loads and saves its own state. */
class RunningWasmHash implements Digester {
  readonly #hasher: IHasher;
  #state: Uint8Array;
  constructor(hasher: IHasher, initialState: Uint8Array) {
    this.#hasher = hasher;
    this.#state = initialState;
  }
  update(data: Uint8Array): void {
    this.#state = this.#hasher.load(this.#state).update(data).save();
  }
  digest(): Buffer {
    return Buffer.from(this.#hasher.load(this.#state).digest('binary'));
  }
}

/** Initializes a module once, because `init` also computes its tables. */
async function loadWasmHash(module: Promise<IHasher>): Promise<() => Digester> {
  const hasher = await module;
  const initialState = hasher.init().save();
  return () => new RunningWasmHash(hasher, initialState);
}

const [startCrc32c, startCrc64Nvme, startXxHash64, startXxHash3, startXxHash128] = await Promise.all([
  loadWasmHash(createCRC32(Number(crcPolynomials.CRC32C.reflected))),
  loadWasmHash(createCRC64(crcPolynomials.CRC64NVME.reflected.toString(16))),
  loadWasmHash(createXXHash64()),
  loadWasmHash(createXXHash3()),
  loadWasmHash(createXXHash128()),
]);

/**
 * The checksum algorithms of S3: the size of a value in bytes, which distinguishes a malformed value from a wrong one,
 * and how to compute it.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html (read 2026-11-22)
 */
const algorithms = {
  CRC64NVME: { bytes: 8, start: startCrc64Nvme },
  CRC32: { bytes: 4, start: () => new RunningCrc32() },
  CRC32C: { bytes: 4, start: startCrc32c },
  SHA1: { bytes: 20, start: () => createHash('sha1') },
  SHA256: { bytes: 32, start: () => createHash('sha256') },
  SHA512: { bytes: 64, start: () => createHash('sha512') },
  MD5: { bytes: 16, start: () => createHash('md5') },
  XXHASH64: { bytes: 8, start: startXxHash64 },
  XXHASH3: { bytes: 8, start: startXxHash3 },
  XXHASH128: { bytes: 16, start: startXxHash128 },
} as const satisfies Record<string, { bytes: number; start: () => Digester }>;

export type ChecksumAlgorithm = keyof typeof algorithms;

export const checksumAlgorithms = Object.keys(algorithms) as readonly ChecksumAlgorithm[];

/** Starts a digest. */
export const startDigest = (algorithm: ChecksumAlgorithm): Digester => algorithms[algorithm].start();

/** The size of an algorithm's value in bytes. */
export const digestBytes = (algorithm: ChecksumAlgorithm): number => algorithms[algorithm].bytes;

/** Whether the value for a whole object can be computed from the values for its parts. */
export function isCrc(algorithm: ChecksumAlgorithm): algorithm is CrcAlgorithm {
  return algorithm === 'CRC64NVME' || algorithm === 'CRC32' || algorithm === 'CRC32C';
}

/** The checksum type of a multipart upload for which the client names only the algorithm. */
export function defaultType(algorithm: ChecksumAlgorithm): ChecksumType {
  return algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE';
}

/** Whether S3 accepts this combination for a multipart upload. */
export function allowsType(algorithm: ChecksumAlgorithm, type: ChecksumType): boolean {
  return type === 'FULL_OBJECT' ? isCrc(algorithm) : algorithm !== 'CRC64NVME';
}

/** Parses the name of an algorithm; undefined when there is no such algorithm. */
export function asAlgorithm(name: string | undefined): ChecksumAlgorithm | undefined {
  return checksumAlgorithms.find((algorithm) => algorithm === name?.toUpperCase());
}
