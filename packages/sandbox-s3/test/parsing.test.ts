import { crc32 } from 'node:zlib';
import { ChecksumAlgorithm as SdkAlgorithm } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChecksumAlgorithm, checksumAlgorithms, startDigest } from '../src/checksums/algorithms.ts';
import { combineCrcs } from '../src/checksums/combine-crc.ts';
import { crc32c } from '../src/checksums/crc32c.ts';
import { parseTarget } from '../src/http/target.ts';
import { parseXml } from '../src/http/xml-reader.ts';
import { document, element } from '../src/http/xml-writer.ts';
import { parseCopySource } from '../src/operations/copy-source.ts';
import { decodeMetadata, encodeMetadata } from '../src/operations/metadata-words.ts';
import { S3Error } from '../src/s3-error.ts';

/** Text as keys have it: any Unicode but lone surrogates. */
const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
const encodeSegments = (key: string): string => key.split('/').map(encodeURIComponent).join('/');
/** What XML 1.0 cannot hold. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters meant
const notXml = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

describe('parseTarget', () => {
  it('gets any key back from its percent-encoding', () => {
    fc.assert(
      fc.property(text, (key) => {
        expect(parseTarget(`/bucket/${encodeSegments(key)}`)).toMatchObject({ bucket: 'bucket', key });
      }),
      { numRuns: 2000 },
    );
  });

  it('gets any parameter back, a plus in a query being a blank', () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(parseTarget(`/bucket?prefix=${encodeURIComponent(value)}&delete`).query.get('prefix')).toBe(
          value,
        );
      }),
    );
    expect(parseTarget('/bucket/a+b?prefix=a+b')).toMatchObject({
      key: 'a+b',
      query: new Map([['prefix', 'a b']]),
    });
  });

  it.each(['/bucket/%', '/bucket/%G0', '/bucket/%80', '/bucket/%ED%A0%80'])('refuses %s', (url) => {
    expect(() => parseTarget(url)).toThrow(expect.objectContaining({ code: 'InvalidURI' }));
  });

  it('never fails otherwise than by an S3 error', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii' }), (url) => {
        try {
          parseTarget(`/${url}`);
        } catch (error) {
          expect(error).toBeInstanceOf(S3Error);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('parseCopySource', () => {
  it('gets any key back, with a version or without', () => {
    fc.assert(
      fc.property(
        text,
        fc.option(fc.stringMatching(/^[\w-]{1,20}$/), { nil: undefined }),
        (key, versionId) => {
          const header = `bucket/${encodeSegments(key)}${versionId === undefined ? '' : `?versionId=${versionId}`}`;
          expect(parseCopySource(header)).toEqual({ bucket: 'bucket', key, versionId });
        },
      ),
      { numRuns: 2000 },
    );
  });

  it.each(['', '/', 'bucket', 'bucket/', '/bucket', '/bucket/'])('refuses "%s"', (header) => {
    expect(() => parseCopySource(header)).toThrow(expect.objectContaining({ code: 'InvalidArgument' }));
  });
});

describe('parseXml', () => {
  it('reads what the writer wrote, if XML can hold it, and refuses it otherwise', () => {
    fc.assert(
      fc.property(text, (value) => {
        const xml = document('Root', [element('Key', value)]);
        if (notXml.test(value))
          expect(() => parseXml(xml)).toThrow(expect.objectContaining({ code: 'MalformedXML' }));
        else expect(parseXml(xml)).toMatchObject({ name: 'Root', children: [{ name: 'Key', text: value }] });
      }),
      { numRuns: 2000 },
    );
  });

  it('reads namespaces, comments, CDATA, references and empty elements', () => {
    const xml =
      '<?xml version="1.0"?><!-- c --><a:R xmlns:a="x"><K><![CDATA[<&]]>&lt;&#65;&#x1F600;</K><E/><E></E></a:R>';
    expect(parseXml(xml)).toMatchObject({
      name: 'R',
      children: [{ name: 'K', text: '<&<A😀' }, { name: 'E' }, { name: 'E' }],
    });
  });

  it.each([
    '',
    'text',
    '<a>',
    '<a></b>',
    '<a/><b/>',
    '<a>&nbsp;</a>',
    '<a>&</a>',
    '<a>&#1;</a>',
    '<a>\u0001</a>',
    '<a b=c/>',
    '</a>',
    '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
  ])('refuses %j', (xml) => {
    expect(() => parseXml(xml)).toThrow(expect.objectContaining({ code: 'MalformedXML' }));
  });

  it('never fails otherwise than by an S3 error', () => {
    const piece = fc.oneof(
      fc.constantFrom('<', '>', '/', '&', ';', '#', '<a>', '</a>', '<a/>', ']]>', '<![CDATA[', '"', '='),
      text,
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        try {
          parseXml(pieces.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(S3Error);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe('metadata beyond ASCII', () => {
  it('comes back from the words it is sent in', () => {
    fc.assert(
      fc.property(text, (value) => {
        const plain = value.replace(/[\r\n]/g, '').replaceAll('=?', '');
        expect(decodeMetadata(encodeMetadata(plain))).toBe(plain);
      }),
    );
  });

  it('may come as quoted-printable words or as raw UTF-8', () => {
    expect(decodeMetadata('=?utf-8?q?=C3=BC_x?= =?UTF-8?B?w7Y=?=')).toBe('ü xö');
    expect(decodeMetadata(Buffer.from('ü').toString('latin1'))).toBe('ü');
  });
});

describe('checksums', () => {
  const digest = (algorithm: ChecksumAlgorithm, data: Uint8Array): string => {
    const running = startDigest(algorithm);
    running.update(data);
    return running.digest().toString('base64');
  };

  it.each([
    ['CRC64NVME', 'ae8b14860a799888'],
    ['CRC32', 'cbf43926'],
    ['CRC32C', 'e3069283'],
  ] as const)('%s of 123456789 is the check value of the catalogue', (algorithm, expected) => {
    expect(Buffer.from(digest(algorithm, Buffer.from('123456789')), 'base64').toString('hex')).toBe(expected);
  });

  it('are of all algorithms that S3 has', () => {
    expect([...checksumAlgorithms].sort()).toEqual(Object.values(SdkAlgorithm).sort());
  });

  /** @see https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md; of python-xxhash, which has the original code */
  it.each([
    ['XXHASH64', '', 'ef46db3751d8e999'],
    ['XXHASH64', '123456789', '8cb841db40e6ae83'],
    ['XXHASH3', '', '2d06800538d394c2'],
    ['XXHASH3', '123456789', '72dcb18b67a17dff'],
    ['XXHASH128', '', '99aa06d3014798d86001c324468d497f'],
    ['XXHASH128', '123456789', '33119477ede5dcd5e9716427681d5860'],
  ] as const)('%s of "%s" is that of the original library', (algorithm, text, expected) => {
    expect(Buffer.from(digest(algorithm, Buffer.from(text)), 'base64').toString('hex')).toBe(expected);
  });

  it('of objects that arrive at the same time do not mix', () => {
    for (const algorithm of checksumAlgorithms) {
      const [a, b] = [startDigest(algorithm), startDigest(algorithm)];
      for (const byte of 'abc') {
        a.update(Buffer.from(byte));
        b.update(Buffer.from(byte.toUpperCase()));
      }
      expect(a.digest().toString('base64')).toBe(digest(algorithm, Buffer.from('abc')));
      expect(b.digest().toString('base64')).toBe(digest(algorithm, Buffer.from('ABC')));
    }
  });

  it.each(['CRC64NVME', 'CRC32', 'CRC32C'] as const)(
    '%s of the whole follows from those of the parts',
    (algorithm) => {
      fc.assert(
        fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1 }), (parts) => {
          const pieces = parts.map((part) => ({ value: digest(algorithm, part), size: part.length }));
          expect(combineCrcs(algorithm, pieces)).toBe(digest(algorithm, Buffer.concat(parts)));
        }),
      );
    },
  );

  it('do not depend on how the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (pieces) => {
        for (const algorithm of checksumAlgorithms) {
          const running = startDigest(algorithm);
          for (const piece of pieces) running.update(piece);
          expect(running.digest().toString('base64')).toBe(digest(algorithm, Buffer.concat(pieces)));
        }
      }),
    );
    expect(crc32c(Buffer.from('56789'), crc32c(Buffer.from('1234')))).toBe(crc32c(Buffer.from('123456789')));
    expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926);
  });
});
