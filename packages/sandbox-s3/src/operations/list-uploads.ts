import { isoDate, xmlAnswer } from '../http/answer.ts';
import type { S3Request } from '../http/s3-request.ts';
import { element, type Markup } from '../http/xml-writer.ts';
import type { Bucket } from '../index/buckets.ts';
import type { Upload } from '../index/uploads.ts';
import { S3Error } from '../s3-error.ts';
import { ownerElement } from './acl.ts';
import type { Call, Operation } from './call.ts';
import { findBucket } from './find-object.ts';
import { type Page, pageSize, prefixElements, takePage } from './list-objects.ts';
import { keyWriter } from './url-encoding.ts';

function uploadElement(upload: Upload, write: (text: string) => string): Markup | undefined {
  const { settings } = upload;
  return element('Upload', [
    element('Key', write(upload.key)),
    element('UploadId', upload.id),
    element('Initiator', [element('ID', settings.initiator), element('DisplayName', settings.initiator)]),
    ownerElement(settings.properties.owner),
    element('StorageClass', settings.properties.storageClass),
    element('Initiated', isoDate(upload.initiated)),
    element('ChecksumAlgorithm', settings.named ? settings.algorithm : undefined),
    element('ChecksumType', settings.named ? settings.type : undefined),
  ]);
}

/**
 * Finds where the page starts: after the upload that the markers name, or after all uploads of the key marker.
 *
 * @throws {S3Error} `InvalidArgument` when the key does not have this upload
 * @see https://github.com/localstack/localstack/blob/main/tests/aws/services/s3/test_s3_list_operations.py (read 2026-11-25),
 * recorded on AWS: test_list_multiparts_next_marker
 */
function findMarkerSequence(call: Call, bucket: Bucket, { key, id }: UploadMarker): number {
  if (id === '') return Number.POSITIVE_INFINITY;
  const upload = call.store.uploads.find(bucket, key, id);
  if (upload !== undefined) return upload.sequence;
  throw new S3Error('InvalidArgument', 'Invalid uploadId marker', {
    details: { ArgumentName: 'upload-id-marker', ArgumentValue: id },
  });
}

/** The key and the upload id after which a page of uploads starts. */
interface UploadMarker {
  readonly key: string;
  /** Empty for all uploads of the key. */
  readonly id: string;
}

/** Reads the markers of a request. Without a key marker, S3 ignores the upload id marker. */
function uploadMarker({ query }: S3Request): UploadMarker {
  const key = query.get('key-marker') ?? '';
  return { key, id: key === '' ? '' : (query.get('upload-id-marker') ?? '') };
}

/**
 * Finds the markers for the next page. S3 returns them on the last page too, unless that page ends with a common prefix.
 */
function nextUploadMarker({
  last,
  truncated,
}: Pick<Page<Upload>, 'last' | 'truncated'>): Partial<UploadMarker> {
  if (last === undefined) return {};
  if ('item' in last) return last.item;
  return truncated ? { key: last.commonPrefix } : {};
}

const listMultipartUploads: Operation = {
  query: ['uploads', 'prefix', 'delimiter', 'key-marker', 'upload-id-marker', 'max-uploads', 'encoding-type'],
  handle: (call) => {
    const { query } = call.request;
    const bucket = findBucket(call);
    call.permit('s3:ListBucketMultipartUploads', bucket.name);
    const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter') ?? ''];
    const size = pageSize(call, 'max-uploads');
    const { type, write } = keyWriter(call.request);
    const marker = uploadMarker(call.request);
    const afterSequence = findMarkerSequence(call, bucket, marker);
    const scope = { prefix, delimiter, after: marker.key, afterSequence };
    const page = takePage(call.store.uploads.list(bucket, scope), size);
    const next = nextUploadMarker(page);
    return xmlAnswer('ListMultipartUploadsResult', [
      element('Bucket', bucket.name),
      element('KeyMarker', write(marker.key)),
      element('UploadIdMarker', marker.id),
      element('NextKeyMarker', next.key === undefined ? undefined : write(next.key)),
      element('NextUploadIdMarker', next.id),
      element('Prefix', write(prefix)),
      element('Delimiter', delimiter === '' ? undefined : write(delimiter)),
      element('EncodingType', type),
      element('MaxUploads', size),
      element('IsTruncated', page.truncated),
      ...page.items.map((upload) => uploadElement(upload, write)),
      ...prefixElements(page.commonPrefixes, write),
    ]);
  },
};

/** The operation that lists multipart uploads. */
export const uploadListOperations = { ListMultipartUploads: listMultipartUploads } satisfies Record<
  string,
  Operation
>;
