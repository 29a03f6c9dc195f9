import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTarget } from '../src/http/target.ts';
import { parseXml } from '../src/http/xml-reader.ts';
import { document, element } from '../src/http/xml-writer.ts';
import { parseCopySource } from '../src/operations/copy-source.ts';
import { decodeMetadata, encodeMetadata } from '../src/operations/metadata-words.ts';
import { S3Error } from '../src/s3-error.ts';

/** Any text that can be a key: all of Unicode except lone surrogates. */
const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
const encodeSegments = (key: string): string => key.split('/').map(encodeURIComponent).join('/');
/** Characters that XML 1.0 cannot contain. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these characters are meant
const notXml = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

describe('parseTarget', () => {
  it('decodes any percent-encoded key', () => {
    fc.assert(
      fc.property(text, (key) => {
        expect(parseTarget(`/bucket/${encodeSegments(key)}`)).toMatchObject({ bucket: 'bucket', key });
      }),
      { numRuns: 2000 },
    );
  });

  it('decodes any percent-encoded parameter, and a plus sign in a query as a space', () => {
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

  it.each(['/bucket/%', '/bucket/%G0', '/bucket/%80', '/bucket/%ED%A0%80'])(
    'refuses the malformed path %s',
    (url) => {
      expect(() => parseTarget(url)).toThrow(expect.objectContaining({ code: 'InvalidURI' }));
    },
  );

  it('throws only S3 errors, whatever the input is', () => {
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
  it('decodes any key, with and without a version', () => {
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

  it.each(['', '/', 'bucket', 'bucket/', '/bucket', '/bucket/'])(
    'refuses the malformed copy source "%s"',
    (header) => {
      expect(() => parseCopySource(header)).toThrow(expect.objectContaining({ code: 'InvalidArgument' }));
    },
  );
});

describe('parseXml', () => {
  it('reads any text that the XML writer wrote, and refuses text that XML cannot contain', () => {
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
    '<a>]]></a>',
    '<a b="1" b="2"/>',
    '<?xml version="1.1"?><a>&#1;</a>',
    '<!DOCTYPE a><a/>',
    '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
  ])('refuses the malformed document %j', (xml) => {
    expect(() => parseXml(xml)).toThrow(expect.objectContaining({ code: 'MalformedXML' }));
  });

  it('throws only S3 errors, whatever the input is', () => {
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

describe('metadata with characters outside ASCII', () => {
  it('can be decoded after it was encoded', () => {
    fc.assert(
      fc.property(text, (value) => {
        const plain = value.replace(/[\r\n]/g, '').replaceAll('=?', '');
        expect(decodeMetadata(encodeMetadata(plain))).toBe(plain);
      }),
    );
  });

  it('can be sent as RFC 2047 words in both encodings, and as raw UTF-8', () => {
    expect(decodeMetadata('=?utf-8?q?=C3=BC_x?= =?UTF-8?B?w7Y=?=')).toBe('ü xö');
    expect(decodeMetadata(Buffer.from('ü').toString('latin1'))).toBe('ü');
  });
});
