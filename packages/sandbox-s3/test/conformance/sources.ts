const api = (name: string): string =>
  `https://docs.aws.amazon.com/AmazonS3/latest/API/${name}.html (read 2026-11-22)`;
const guide = (name: string): string =>
  `https://docs.aws.amazon.com/AmazonS3/latest/userguide/${name}.html (read 2026-11-22)`;
/** Tests of other projects whose expected answers were recorded on AWS. */
const recorded = (name: string): string =>
  `https://github.com/localstack/localstack/blob/main/tests/aws/services/s3/${name}.py (read 2026-11-25)`;

/** The pages that state the facts, with the dates they were read. */
export const sources = {
  abort: api('API_AbortMultipartUpload'),
  acl: guide('about-object-ownership'),
  archive: guide('restoring-objects'),
  checksums: guide('checking-object-integrity-upload'),
  chunked: api('sigv4-streaming'),
  chunkedTrailers: api('sigv4-streaming-trailers'),
  complete: api('API_CompleteMultipartUpload'),
  conditionalDeletes: guide('conditional-deletes'),
  conditionalReads: guide('conditional-reads'),
  conditionalWrites: guide('conditional-writes'),
  copy: api('API_CopyObject'),
  create: api('API_CreateMultipartUpload'),
  createBucket: api('API_CreateBucket'),
  dates: 'https://www.rfc-editor.org/rfc/rfc9110#name-if-modified-since (read 2026-11-25)',
  deleteBucket: api('API_DeleteBucket'),
  deleteMarkers: guide('DeleteMarker'),
  deleteMany: api('API_DeleteObjects'),
  deleteObject: api('API_DeleteObject'),
  encryption: guide('UsingKMSEncryption'),
  errors: api('ErrorResponses'),
  get: api('API_GetObject'),
  attributes: api('API_GetObjectAttributes'),
  head: api('API_HeadObject'),
  headBucket: api('API_HeadBucket'),
  keys: guide('object-keys'),
  list: api('API_ListObjectsV2'),
  listBuckets: api('API_ListBuckets'),
  listOrder: guide('ListingKeysUsingAPIs'),
  listParts: api('API_ListParts'),
  listUploads: api('API_ListMultipartUploads'),
  listV1: api('API_ListObjects'),
  listVersions: api('API_ListObjectVersions'),
  lock: guide('object-lock'),
  metadata: guide('UsingMetadata'),
  multipart: guide('mpuoverview'),
  objectEtag: api('API_Object'),
  owner: guide('bucket-owner-condition'),
  part: api('API_UploadPart'),
  partCopy: api('API_UploadPartCopy'),
  put: api('API_PutObject'),
  quotas: guide('qfacts'),
  recordedConditions: recorded('test_s3_preconditions'),
  recordedListings: recorded('test_s3_list_operations'),
  recordedRequests: recorded('test_s3_api'),
  recordedTrailers:
    'https://github.com/openstack/swift/blob/master/test/s3api/test_input_errors.py (read 2026-11-25), whose tests also run against AWS',
  signature: api('sig-v4-header-based-auth'),
  storageClass: guide('storage-class-intro'),
  suspended: guide('AddingObjectstoVersionSuspendedBuckets'),
  tagging: guide('object-tagging'),
  versioning: guide('Versioning'),
  xmlKeys: guide('object-keys'),
} as const;
