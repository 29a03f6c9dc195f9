import { httpDate, xmlAnswer } from '../http/answer.ts';
import { readHeader } from '../http/s3-request.ts';
import { element, type Markup } from '../http/xml-writer.ts';
import type { ObjectVersion } from '../index/objects.ts';
import { S3Error } from '../s3-error.ts';
import { checksumElements } from './answer-headers.ts';
import type { Call, Operation } from './call.ts';
import { findObject, requestedAddress, versioned, versionHeader } from './find-object.ts';

const attributes = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'];
/** Most parts on a page. */
const maxPage = 1000;

function requestedAttributes(call: Call): string[] {
  const names = (readHeader(call.request, 'x-amz-object-attributes') ?? '')
    .split(',')
    .map((name) => name.trim());
  const unknown = names.find((name) => !attributes.includes(name));
  if (unknown !== undefined) {
    throw new S3Error('InvalidArgument', 'Invalid attribute name specified.', {
      details: { ArgumentName: 'x-amz-object-attributes', ArgumentValue: unknown },
    });
  }
  return names;
}

function integerHeader(call: Call, name: string, fallback: number): number {
  const text = readHeader(call.request, name) ?? String(fallback);
  if (!/^\d{1,9}$/.test(text)) throw new S3Error('InvalidArgument', `${name} is not a number: ${text}`);
  return Number(text);
}

/**
 * Writes the element about the parts of an object. The parts are listed only if each has a checksum (COMPOSITE);
 * otherwise, only their number is shown.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html (read 2026-11-22)
 */
function partsElement(call: Call, { parts, checksum }: ObjectVersion): Markup | undefined {
  if (parts === undefined) return undefined;
  if (checksum?.type !== 'COMPOSITE') return element('ObjectParts', [element('PartsCount', parts.length)]);
  const marker = integerHeader(call, 'x-amz-part-number-marker', 0);
  const size = Math.min(integerHeader(call, 'x-amz-max-parts', maxPage), maxPage);
  const rest = parts.filter(({ number }) => number > marker);
  const page = rest.slice(0, size);
  return element('ObjectParts', [
    element('PartsCount', parts.length),
    element('PartNumberMarker', marker),
    element('NextPartNumberMarker', page.at(-1)?.number ?? 0),
    element('MaxParts', size),
    element('IsTruncated', rest.length > size),
    ...page.map((part) =>
      element('Part', [
        element('PartNumber', part.number),
        element('Size', part.size),
        element(`Checksum${checksum.algorithm}`, part.checksum),
      ]),
    ),
  ]);
}

const getObjectAttributes: Operation = {
  headers: ['x-amz-object-attributes', 'x-amz-max-parts', 'x-amz-part-number-marker'],
  query: ['attributes', 'versionId'],
  handle: (call) => {
    const address = requestedAddress(call);
    for (const action of ['s3:GetObject', 's3:GetObjectAttributes']) {
      call.permit(versioned(action, address.versionId), address.bucket.name, address.key);
    }
    const wanted = requestedAttributes(call);
    const object = findObject(call, address);
    const shown: Record<string, Markup | undefined> = {
      ETag: element('ETag', object.etag), // Only here, S3 writes an ETag without quotes.
      Checksum: object.checksum && element('Checksum', checksumElements(object.checksum)),
      ObjectParts: partsElement(call, object),
      StorageClass: element('StorageClass', object.properties.storageClass),
      ObjectSize: element('ObjectSize', object.size),
    };
    const content = attributes.filter((name) => wanted.includes(name)).map((name) => shown[name]);
    return xmlAnswer('GetObjectAttributesResponse', content, {
      'last-modified': httpDate(object.modified),
      ...versionHeader(address.bucket, object.version),
    });
  },
};

/** GetObjectAttributes. */
export const attributeOperations = { GetObjectAttributes: getObjectAttributes } satisfies Record<
  string,
  Operation
>;
