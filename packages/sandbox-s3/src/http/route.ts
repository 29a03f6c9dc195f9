type Table = Readonly<Record<string, string>>;

/** Sub-resources of a bucket, and the nouns in the names of their operations. */
const bucketThings: Table = {
  abac: 'BucketAbac',
  accelerate: 'BucketAccelerateConfiguration',
  acl: 'BucketAcl',
  analytics: 'BucketAnalyticsConfiguration',
  cors: 'BucketCors',
  encryption: 'BucketEncryption',
  'intelligent-tiering': 'BucketIntelligentTieringConfiguration',
  inventory: 'BucketInventoryConfiguration',
  lifecycle: 'BucketLifecycleConfiguration',
  location: 'BucketLocation',
  logging: 'BucketLogging',
  metadataConfiguration: 'BucketMetadataConfiguration',
  metadataTable: 'BucketMetadataTableConfiguration',
  metrics: 'BucketMetricsConfiguration',
  notification: 'BucketNotificationConfiguration',
  'object-lock': 'ObjectLockConfiguration',
  ownershipControls: 'BucketOwnershipControls',
  policy: 'BucketPolicy',
  policyStatus: 'BucketPolicyStatus',
  publicAccessBlock: 'PublicAccessBlock',
  replication: 'BucketReplication',
  requestPayment: 'BucketRequestPayment',
  tagging: 'BucketTagging',
  versioning: 'BucketVersioning',
  website: 'BucketWebsite',
};

const objectThings: Table = {
  acl: 'ObjectAcl',
  annotation: 'ObjectAnnotation',
  'legal-hold': 'ObjectLegalHold',
  retention: 'ObjectRetention',
  tagging: 'ObjectTagging',
  torrent: 'ObjectTorrent',
};

/** Sub-resources that a bucket can have several of. A request with an `id` is about one of them. */
const numbered = ['analytics', 'intelligent-tiering', 'inventory', 'metrics'];

const verbs: Table = { GET: 'Get', PUT: 'Put', DELETE: 'Delete' };

/** Operations whose names do not follow the pattern of verb and noun, by `METHOD sub-resource`. */
const bucketSpecials: Table = {
  'GET uploads': 'ListMultipartUploads',
  'GET versions': 'ListObjectVersions',
  'GET session': 'CreateSession',
  'DELETE lifecycle': 'DeleteBucketLifecycle',
  'POST delete': 'DeleteObjects',
  'POST metadataConfiguration': 'CreateBucketMetadataConfiguration',
  'POST metadataTable': 'CreateBucketMetadataTableConfiguration',
};

const objectSpecials: Table = {
  'GET attributes': 'GetObjectAttributes',
  'PUT encryption': 'UpdateObjectEncryption',
  'PUT renameObject': 'RenameObject',
  'POST restore': 'RestoreObject',
  'POST select': 'SelectObjectContent',
  'POST uploads': 'CreateMultipartUpload',
};

const bucketPlain: Table = {
  GET: 'ListObjects',
  PUT: 'CreateBucket',
  HEAD: 'HeadBucket',
  DELETE: 'DeleteBucket',
  POST: 'PostObject',
};
const objectPlain: Table = { GET: 'GetObject', PUT: 'PutObject', HEAD: 'HeadObject', DELETE: 'DeleteObject' };

/** What the operation of a request depends on. */
export interface Routable {
  readonly method: string;
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  readonly query: ReadonlyMap<string, string>;
  readonly copies: boolean;
}

function bySubresource(
  method: string,
  query: Routable['query'],
  things: Table,
  specials: Table,
): string | undefined {
  for (const name of query.keys()) {
    const special = specials[`${method} ${name}`];
    if (special !== undefined) return special;
    const thing = things[name];
    const verb = verbs[method];
    if (thing !== undefined && verb !== undefined) return `${verb}${thing}`;
  }
  return undefined;
}

function multipartOperation({ method, query, copies }: Routable): string | undefined {
  if (!query.has('uploadId')) return undefined;
  if (method === 'PUT') return copies ? 'UploadPartCopy' : 'UploadPart';
  return { GET: 'ListParts', POST: 'CompleteMultipartUpload', DELETE: 'AbortMultipartUpload' }[method];
}

function serviceOperation({ method }: Routable): string {
  return method === 'GET' ? 'ListBuckets' : method === 'POST' ? 'SecurityTokenService' : 'Unknown';
}

function bucketOperation(request: Routable): string | undefined {
  const { method, query } = request;
  if (method === 'GET' && query.get('list-type') === '2') return 'ListObjectsV2';
  const listed = method === 'GET' && !query.has('id') && numbered.find((name) => query.has(name));
  if (listed) return `List${bucketThings[listed]}s`;
  return bySubresource(method, query, bucketThings, bucketSpecials) ?? bucketPlain[method];
}

function objectOperation(request: Routable): string | undefined {
  const { method, query, copies } = request;
  if (method === 'GET' && query.has('annotation') && !query.has('annotationName')) {
    return 'ListObjectAnnotations';
  }
  const other = multipartOperation(request) ?? bySubresource(method, query, objectThings, objectSpecials);
  return other ?? (method === 'PUT' && copies ? 'CopyObject' : objectPlain[method]);
}

/** Finds the name of the S3 operation of a request, whether or not this store implements it. */
export function nameOperation(request: Routable): string {
  if (request.bucket === undefined) return serviceOperation(request);
  return (request.key === undefined ? bucketOperation(request) : objectOperation(request)) ?? 'Unknown';
}
