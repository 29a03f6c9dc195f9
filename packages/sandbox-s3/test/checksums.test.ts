import { crc32 } from 'node:zlib';
import { Crc32cJs, Crc64NvmeJs } from '@aws-sdk/checksums/crc';
import { ChecksumAlgorithm as SdkAlgorithm } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChecksumAlgorithm, checksumAlgorithms, startDigest } from '../src/checksums/algorithms.ts';
import { type CrcAlgorithm, combineCrcs } from '../src/checksums/combine-crc.ts';

function digest(algorithm: ChecksumAlgorithm, ...chunks: readonly Uint8Array[]): Buffer {
  const running = startDigest(algorithm);
  for (const chunk of chunks) running.update(chunk);
  return running.digest();
}

/** The same CRCs, computed by Node and by the AWS SDK. The sandbox uses neither of the SDK's two. */
const references: Record<CrcAlgorithm, (data: Uint8Array) => Promise<Buffer>> = {
  CRC32: async (data) => Buffer.from(crc32(data).toString(16).padStart(8, '0'), 'hex'),
  CRC32C: async (data) => {
    const checksum = new Crc32cJs();
    checksum.update(data);
    return Buffer.from(await checksum.digest());
  },
  CRC64NVME: async (data) => {
    const checksum = new Crc64NvmeJs();
    checksum.update(data);
    return Buffer.from(await checksum.digest());
  },
};
const crcAlgorithms = ['CRC32', 'CRC32C', 'CRC64NVME'] as const;
const anyChunks = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1 });

it('the store computes every checksum algorithm that the SDK can ask for', () => {
  expect([...checksumAlgorithms].sort()).toEqual(Object.values(SdkAlgorithm).sort());
});

describe.each(crcAlgorithms)('%s', (algorithm) => {
  it('a running CRC equals the CRC that the AWS SDK or Node computes of the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(anyChunks, async (chunks) => {
        const expected = await references[algorithm](Buffer.concat(chunks));

        expect(digest(algorithm, ...chunks)).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('the CRCs of parts combine to the CRC that the AWS SDK or Node computes of the whole', async () => {
    await fc.assert(
      fc.asyncProperty(anyChunks, async (parts) => {
        const pieces = [];
        for (const part of parts) {
          const value = (await references[algorithm](part)).toString('base64');
          pieces.push({ value, size: part.length });
        }
        const expected = await references[algorithm](Buffer.concat(parts));

        expect(combineCrcs(algorithm, pieces)).toBe(expected.toString('base64'));
      }),
    );
  });

  it('the CRCs of two parts of several MiB combine to the CRC of the whole', async () => {
    const [first, second] = [
      Buffer.alloc(5 * 1024 ** 2, 'first '),
      Buffer.alloc(3 * 1024 ** 2 + 1, 'second'),
    ];
    const pieces = [first, second].map((part) => ({
      value: digest(algorithm, part).toString('base64'),
      size: part.length,
    }));
    const expected = await references[algorithm](Buffer.concat([first, second]));

    expect(combineCrcs(algorithm, pieces)).toBe(expected.toString('base64'));
  });
});

/** @see https://reveng.sourceforge.io/crc-catalogue/all.htm (read 2026-11-22) */
it.each([
  ['CRC64NVME', 'ae8b14860a799888'],
  ['CRC32', 'cbf43926'],
  ['CRC32C', 'e3069283'],
] as const)('%s of "123456789" is the check value of the catalog of CRCs', (algorithm, expected) => {
  expect(digest(algorithm, Buffer.from('123456789')).toString('hex')).toBe(expected);
});

/**
 * Values of python-xxhash, which contains the original code.
 *
 * @see https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
 */
it.each([
  ['XXHASH64', '', 'ef46db3751d8e999'],
  ['XXHASH64', '123456789', '8cb841db40e6ae83'],
  ['XXHASH3', '', '2d06800538d394c2'],
  ['XXHASH3', '123456789', '72dcb18b67a17dff'],
  ['XXHASH128', '', '99aa06d3014798d86001c324468d497f'],
  ['XXHASH128', '123456789', '33119477ede5dcd5e9716427681d5860'],
] as const)('%s of "%s" is the value of the original library', (algorithm, text, expected) => {
  expect(digest(algorithm, Buffer.from(text)).toString('hex')).toBe(expected);
});

it('the checksums of objects that arrive at the same time do not mix', () => {
  for (const algorithm of checksumAlgorithms) {
    const [lower, upper] = [startDigest(algorithm), startDigest(algorithm)];

    for (const character of 'abc') {
      lower.update(Buffer.from(character));
      upper.update(Buffer.from(character.toUpperCase()));
    }

    expect(lower.digest()).toEqual(digest(algorithm, Buffer.from('abc')));
    expect(upper.digest()).toEqual(digest(algorithm, Buffer.from('ABC')));
  }
});

it('a checksum does not depend on how its bytes are divided into chunks', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (chunks) => {
      for (const algorithm of checksumAlgorithms) {
        expect(digest(algorithm, ...chunks)).toEqual(digest(algorithm, Buffer.concat(chunks)));
      }
    }),
  );
});
