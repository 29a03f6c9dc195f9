import { isoDate, xmlAnswer } from '../http/answer.ts';
import { element, type Markup } from '../http/xml-writer.ts';
import type { Bucket } from '../index/buckets.ts';
import { type ListedObject, listVersions } from '../index/listing.ts';
import { parseVersionId } from '../index/version-ids.ts';
import { S3Error } from '../s3-error.ts';
import { ownerElement } from './acl.ts';
import type { Call, Operation } from './call.ts';
import { findBucket } from './find-object.ts';
import {
  lastKey,
  listedElements,
  pageSize,
  prefixElements,
  takePage,
  wantsRestoreStatus,
} from './list-objects.ts';
import { keyWriter } from './url-encoding.ts';

/**
 * Finds where the page starts among the versions of the key marker. The marked version may have been deleted since the
 * last page. For a deleted `null` version the position is unknown, so the page starts with the newest version again, and
 * no version is missed.
 *
 * @see https://github.com/localstack/localstack/blob/main/tests/aws/services/s3/test_s3_list_operations.py (read 2026-11-25),
 * recorded on AWS: test_list_objects_versions_with_prefix_only_and_pagination, test_list_objects_versions_markers
 */
function findMarkerSequence(call: Call, bucket: Bucket, key: string): number | undefined {
  const marker = call.request.query.get('version-id-marker');
  if (marker === undefined) return undefined;
  const details = { ArgumentName: 'version-id-marker', ArgumentValue: marker };
  if (key === '') {
    const message = 'A version-id marker cannot be specified without a key marker.';
    throw new S3Error('InvalidArgument', message, { details });
  }
  if (marker === '')
    throw new S3Error('InvalidArgument', 'A version-id marker cannot be empty.', { details });
  const sequence = call.store.objects.version(bucket, key, marker)?.sequence ?? parseVersionId(marker);
  if (sequence !== undefined) return sequence;
  if (marker === 'null') return Number.POSITIVE_INFINITY;
  throw new S3Error('InvalidArgument', 'Invalid version id specified', { details });
}

function versionElement(
  item: ListedObject,
  write: (text: string) => string,
  showRestore: boolean,
): Markup | undefined {
  const identity = [
    element('Key', write(item.key)),
    element('VersionId', item.version),
    element('IsLatest', item.latest),
  ];
  const owner = ownerElement(item.properties.owner);
  if (item.marker)
    return element('DeleteMarker', [...identity, element('LastModified', isoDate(item.modified)), owner]);
  return element('Version', [...identity, ...listedElements(item, showRestore), owner]);
}

const listObjectVersions: Operation = {
  headers: ['x-amz-optional-object-attributes'],
  query: ['versions', 'prefix', 'delimiter', 'key-marker', 'version-id-marker', 'max-keys', 'encoding-type'],
  handle: (call) => {
    const { query } = call.request;
    const bucket = findBucket(call);
    call.permit('s3:ListBucketVersions', bucket.name);
    const [prefix, delimiter, after] = [
      query.get('prefix') ?? '',
      query.get('delimiter') ?? '',
      query.get('key-marker') ?? '',
    ];
    const size = pageSize(call, 'max-keys');
    const { type, write } = keyWriter(call.request);
    const showRestore = wantsRestoreStatus(call);
    const afterSequence = findMarkerSequence(call, bucket, after);
    const page = takePage(
      listVersions(call.store.db, bucket, { prefix, delimiter, after, afterSequence }),
      size,
    );
    const last = page.last;
    return xmlAnswer('ListVersionsResult', [
      element('Name', bucket.name),
      element('Prefix', write(prefix)),
      element('KeyMarker', write(after)),
      element('VersionIdMarker', query.get('version-id-marker') ?? ''),
      element('NextKeyMarker', page.truncated ? write(lastKey(page)) : undefined),
      element(
        'NextVersionIdMarker',
        page.truncated && last !== undefined && 'item' in last ? last.item.version : undefined,
      ),
      element('MaxKeys', size),
      element('Delimiter', delimiter === '' ? undefined : write(delimiter)),
      element('EncodingType', type),
      element('IsTruncated', page.truncated),
      ...page.items.map((item) => versionElement(item, write, showRestore)),
      ...prefixElements(page.commonPrefixes, write),
    ]);
  },
};

/** The operation that lists versions. */
export const versionOperations = { ListObjectVersions: listObjectVersions } satisfies Record<
  string,
  Operation
>;
