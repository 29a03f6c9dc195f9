import { type ChecksumAlgorithm, checksumAlgorithms } from '../checksums/algorithms.ts';
import { childText, expectShape, findChildren, parseXml, type XmlElement } from '../http/xml-reader.ts';
import { S3Error } from '../s3-error.ts';
import { unquoted } from './destination-conditions.ts';
import { maxParts } from './size-limits.ts';

/** A part as CompleteMultipartUpload lists it. */
export interface ListedPart {
  readonly number: number;
  /** Without quotes. */
  readonly etag: string;
  readonly checksums: Readonly<Partial<Record<ChecksumAlgorithm, string>>>;
}

function parsePart(entry: XmlElement): ListedPart {
  expectShape(entry, 'Part', ['PartNumber', 'ETag', ...checksumAlgorithms.map((name) => `Checksum${name}`)]);
  const [number, etag] = [childText(entry, 'PartNumber')?.trim() ?? '', childText(entry, 'ETag')];
  if (!/^\d{1,6}$/.test(number) || etag === undefined) throw new S3Error('MalformedXML');
  if (Number(number) < 1) {
    throw new S3Error('InvalidArgument', 'PartNumber must be >= 1', {
      details: { ArgumentName: 'partNumber', ArgumentValue: number },
    });
  }
  const checksums: Partial<Record<ChecksumAlgorithm, string>> = {};
  for (const algorithm of checksumAlgorithms) {
    const value = childText(entry, `Checksum${algorithm}`);
    if (value !== undefined) checksums[algorithm] = value;
  }
  return { number: Number(number), etag: unquoted(etag.trim()), checksums };
}

/**
 * Parses the body of CompleteMultipartUpload.
 *
 * @throws {S3Error} `MalformedXML`, also without parts and with more than 10,000; `InvalidArgument` for part number 0
 */
export function parseCompletion(xml: string): ListedPart[] {
  const root = parseXml(xml);
  expectShape(root, 'CompleteMultipartUpload', ['Part']);
  const parts = findChildren(root, 'Part').map(parsePart);
  if (parts.length === 0 || parts.length > maxParts) throw new S3Error('MalformedXML');
  return parts;
}
