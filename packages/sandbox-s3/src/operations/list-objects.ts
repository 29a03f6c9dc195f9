import { isoDate, quoted, xmlAnswer } from '../http/answer.ts';
import { readHeader, readInteger } from '../http/s3-request.ts';
import { element, type Markup } from '../http/xml-writer.ts';
import { type Listed, type ListedObject, listCurrent } from '../index/listing.ts';
import { S3Error } from '../s3-error.ts';
import { ownerElement } from './acl.ts';
import type { Call, Operation } from './call.ts';
import { findBucket } from './find-object.ts';
import { keyWriter } from './url-encoding.ts';

/** Most entries on a page. */
const maxPage = 1000;

/** A page of a listing. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly commonPrefixes: readonly string[];
  readonly truncated: boolean;
  /** The last entry: a key or a common prefix. */
  readonly last: Listed<T> | undefined;
}

/** Takes one page of entries, and reads one more entry to know whether there is a next page. */
export function takePage<T>(entries: Iterable<Listed<T>>, size: number): Page<T> {
  const items: T[] = [];
  const commonPrefixes: string[] = [];
  let last: Listed<T> | undefined;
  if (size === 0) return { items, commonPrefixes, truncated: false, last };
  for (const entry of entries) {
    if (items.length + commonPrefixes.length === size)
      return { items, commonPrefixes, truncated: true, last };
    if ('item' in entry) items.push(entry.item);
    else commonPrefixes.push(entry.commonPrefix);
    last = entry;
  }
  return { items, commonPrefixes, truncated: false, last };
}

/** Finds how many entries a page can have. */
export function pageSize(call: Call, name: string): number {
  const wanted = readInteger(call.request, name, { fallback: maxPage, min: 0, max: 2 ** 31 - 1 });
  return Math.min(wanted, maxPage, call.mostEntries ?? maxPage);
}

/** The last key or common prefix of a page. */
export function lastKey<T extends { readonly key: string }>(page: Page<T>): string {
  if (page.last === undefined) return '';
  return 'item' in page.last ? page.last.item.key : page.last.commonPrefix;
}

/** Writes the elements for common prefixes. */
export function prefixElements(
  prefixes: readonly string[],
  write: (text: string) => string,
): (Markup | undefined)[] {
  return prefixes.map((prefix) => element('CommonPrefixes', [element('Prefix', write(prefix))]));
}

function restoreStatus(item: ListedObject): Markup | undefined {
  const { restoredUntil } = item.properties;
  if (restoredUntil === undefined) return undefined;
  return element('RestoreStatus', [
    element('IsRestoreInProgress', false),
    element('RestoreExpiryDate', isoDate(restoredUntil)),
  ]);
}

/** Writes the elements that a listing shows for an object, except the key. */
export function listedElements(item: ListedObject, showRestore: boolean): (Markup | undefined)[] {
  return [
    element('LastModified', isoDate(item.modified)),
    element('ETag', quoted(item.etag)),
    element('ChecksumAlgorithm', item.checksum?.algorithm),
    element('ChecksumType', item.checksum?.type),
    element('Size', item.size),
    element('StorageClass', item.properties.storageClass),
    showRestore ? restoreStatus(item) : undefined,
  ];
}

/** Whether the client wants to see the restore status in a listing. */
export function wantsRestoreStatus(call: Call): boolean {
  const value = readHeader(call.request, 'x-amz-optional-object-attributes');
  if (value !== undefined && value !== 'RestoreStatus') {
    throw new S3Error('InvalidArgument', 'Invalid attribute name specified.', {
      details: { ArgumentName: 'x-amz-optional-object-attributes', ArgumentValue: value },
    });
  }
  return value !== undefined;
}

function readToken(token: string): string {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length === 0 || bytes[0] !== 1 || bytes.toString('base64url') !== token) {
    throw new S3Error('InvalidArgument', 'The continuation token provided is incorrect', {
      details: { ArgumentName: 'continuation-token' },
    });
  }
  return bytes.toString('utf8', 1);
}

function writeToken(key: string): string {
  return Buffer.concat([Buffer.from([1]), Buffer.from(key)]).toString('base64url');
}

const listObjectsV2: Operation = {
  headers: ['x-amz-optional-object-attributes'],
  query: [
    'list-type',
    'prefix',
    'delimiter',
    'start-after',
    'continuation-token',
    'max-keys',
    'encoding-type',
    'fetch-owner',
  ],
  handle: (call) => {
    const { query } = call.request;
    const bucket = findBucket(call);
    call.permit('s3:ListBucket', bucket.name);
    const [prefix, delimiter, token] = [
      query.get('prefix') ?? '',
      query.get('delimiter') ?? '',
      query.get('continuation-token'),
    ];
    if (token === '') throw new S3Error('InvalidArgument', 'The continuation token provided is incorrect');
    const startAfter = query.get('start-after');
    const size = pageSize(call, 'max-keys');
    const { type, write } = keyWriter(call.request);
    const showRestore = wantsRestoreStatus(call);
    const owner = query.get('fetch-owner') === 'true';
    const after = token === undefined ? (startAfter ?? '') : readToken(token);
    const page = takePage(listCurrent(call.store.db, bucket, { prefix, delimiter, after }), size);
    return xmlAnswer('ListBucketResult', [
      element('Name', bucket.name),
      element('Prefix', write(prefix)),
      element('ContinuationToken', token),
      element('StartAfter', startAfter === undefined ? undefined : write(startAfter)),
      element('NextContinuationToken', page.truncated ? writeToken(lastKey(page)) : undefined),
      element('KeyCount', page.items.length + page.commonPrefixes.length),
      element('MaxKeys', size),
      element('Delimiter', delimiter === '' ? undefined : write(delimiter)),
      element('EncodingType', type),
      element('IsTruncated', page.truncated),
      ...page.items.map((item) =>
        element('Contents', [
          element('Key', write(item.key)),
          ...listedElements(item, showRestore),
          owner ? ownerElement(item.properties.owner) : undefined,
        ]),
      ),
      ...prefixElements(page.commonPrefixes, write),
    ]);
  },
};

const listObjects: Operation = {
  headers: ['x-amz-optional-object-attributes'],
  query: ['prefix', 'delimiter', 'marker', 'max-keys', 'encoding-type'],
  handle: (call) => {
    const { query } = call.request;
    const bucket = findBucket(call);
    call.permit('s3:ListBucket', bucket.name);
    const [prefix, delimiter, after] = [
      query.get('prefix') ?? '',
      query.get('delimiter') ?? '',
      query.get('marker') ?? '',
    ];
    const size = pageSize(call, 'max-keys');
    const { type, write } = keyWriter(call.request);
    const showRestore = wantsRestoreStatus(call);
    const page = takePage(listCurrent(call.store.db, bucket, { prefix, delimiter, after }), size);
    return xmlAnswer('ListBucketResult', [
      element('Name', bucket.name),
      element('Prefix', write(prefix)),
      element('Marker', write(after)),
      // S3 names the next marker only with a delimiter. Without one, clients use the last key.
      element('NextMarker', page.truncated && delimiter !== '' ? write(lastKey(page)) : undefined),
      element('MaxKeys', size),
      element('Delimiter', delimiter === '' ? undefined : write(delimiter)),
      element('EncodingType', type),
      element('IsTruncated', page.truncated),
      ...page.items.map((item) =>
        element('Contents', [
          element('Key', write(item.key)),
          ...listedElements(item, showRestore),
          ownerElement(item.properties.owner),
        ]),
      ),
      ...prefixElements(page.commonPrefixes, write),
    ]);
  },
};

/** The operations that list current objects. */
export const listOperations = { ListObjects: listObjects, ListObjectsV2: listObjectsV2 } satisfies Record<
  string,
  Operation
>;
