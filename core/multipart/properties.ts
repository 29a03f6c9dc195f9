import type { CopyObjectCommandInput, Tag } from '@aws-sdk/client-s3';
import type { PlannedObject } from '../model/batches.ts';
import type { CopyRequest, PreserveWord } from '../model/copy-request.ts';
import { type Grant, grantFields, readGrant } from '../model/grants.ts';
import { type CopyContext, sourceAddress } from '../run/copy-context.ts';
import { encodeTags } from '../s3/encoding.ts';
import type { ObjectHead, UploadProperties } from '../s3/object-store.ts';
import { readProperty } from './permission-errors.ts';

/** Properties that CopyObject and CreateMultipartUpload need in the same form, since neither takes them from the source. */
type SharedProperties = Omit<CopyObjectCommandInput & UploadProperties, 'Bucket' | 'Key' | 'CopySource'>;

/**
 * The longest header of tags that an upload is opened with. What is longer is written to the published version.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html (read 2026-11-22)
 */
const maxTagHeaderBytes = 2048;

/** Whether the request wants this carried. */
export const keeps = ({ run }: CopyContext, word: PreserveWord): boolean =>
  run.copyRequest.preserve.includes(word);

/** Whether CopyObject needs properties that only a HEAD of the source returns. */
export const needsHead = (context: CopyContext): boolean =>
  keeps(context, 'redirect') ||
  keeps(context, 'objectLock') ||
  (keeps(context, 'storageClass') && context.run.copyRequest.storageClass === undefined);

/**
 * Builds the properties for CopyObject, which copies headers, metadata, tags and annotations itself, and nothing else.
 *
 * @param head of the source, if `needsHead` is true
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html (read 2026-11-22)
 */
export async function copyProperties(
  context: CopyContext,
  object: PlannedObject,
  head: ObjectHead | undefined,
): Promise<Partial<CopyObjectCommandInput>> {
  return {
    ...(await readSharedProperties(context, object, head)),
    ...(keeps(context, 'metadata') ? {} : { MetadataDirective: 'REPLACE' as const }),
    ...(keeps(context, 'tags') ? {} : { TaggingDirective: 'REPLACE' as const }),
    ...(keeps(context, 'annotations') ? {} : { AnnotationDirective: 'EXCLUDE' as const }),
  };
}

/**
 * Builds the properties for CreateMultipartUpload, which copies none itself.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html (read 2026-11-22)
 */
export async function uploadProperties(
  context: CopyContext,
  object: PlannedObject,
  head: ObjectHead,
): Promise<UploadProperties> {
  const tags = encodeTags(await tagsOf(context, object));
  return {
    ...(await readSharedProperties(context, object, head)),
    ...(keeps(context, 'metadata') ? headersOf(head) : {}),
    ...(tags === '' || isTooLong(tags) ? {} : { Tagging: tags }),
  };
}

/** The tags that no header holds: they are written to what was published. */
export async function readLongTags(context: CopyContext, object: PlannedObject): Promise<readonly Tag[]> {
  const tags = await tagsOf(context, object);
  return isTooLong(encodeTags(tags)) ? tags : [];
}

const isTooLong = (encoded: string): boolean => encoded.length > maxTagHeaderBytes;

/** How the copies are encrypted; left out: as their bucket says. */
export const makeEncryption = ({
  sse,
}: CopyRequest): Pick<SharedProperties, 'ServerSideEncryption' | 'SSEKMSKeyId' | 'BucketKeyEnabled'> =>
  withoutUndefined({
    ServerSideEncryption: sse?.algorithm,
    SSEKMSKeyId: sse?.key,
    BucketKeyEnabled: sse?.bucketKey,
  });

async function readSharedProperties(
  context: CopyContext,
  object: PlannedObject,
  head: ObjectHead | undefined,
): Promise<SharedProperties> {
  const { copyRequest } = context.run;
  const storageClass = keeps(context, 'storageClass') ? head?.headers.StorageClass : undefined;
  const { GrantWrite: _, ...grants } = grantFields(await readGrants(context, object));
  return withoutUndefined({
    ...makeEncryption(copyRequest),
    ...grants,
    ACL: copyRequest.acl,
    StorageClass: copyRequest.storageClass ?? storageClass,
    WebsiteRedirectLocation: keeps(context, 'redirect') ? head?.headers.WebsiteRedirectLocation : undefined,
    ...(keeps(context, 'objectLock') && head !== undefined ? await lockOf(context, object, head) : {}),
  });
}

const headersOf = ({ headers }: ObjectHead): UploadProperties =>
  withoutUndefined({
    CacheControl: headers.CacheControl,
    ContentDisposition: headers.ContentDisposition,
    ContentEncoding: headers.ContentEncoding,
    ContentLanguage: headers.ContentLanguage,
    ContentType: headers.ContentType,
    ExpiresString: headers.ExpiresString,
    Metadata: headers.Metadata,
  });

/**
 * HEAD leaves out what the reader may not see, so that what it does not show is asked for. A retention that is over
 * holds nothing, and S3 refuses to set one.
 */
async function lockOf(
  context: CopyContext,
  object: PlannedObject,
  { headers }: ObjectHead,
): Promise<SharedProperties> {
  const { properties } = context.run.source.store;
  const source = sourceAddress(context, object);
  const { ObjectLockMode: mode, ObjectLockRetainUntilDate: until } = headers;
  const retention =
    mode !== undefined && until !== undefined
      ? { mode, until }
      : await readProperty(context, 's3:GetObjectRetention', source, 'objectLock', () =>
          properties.retention(source),
        );
  const isHeld =
    headers.ObjectLockLegalHoldStatus === 'ON' ||
    (await readProperty(context, 's3:GetObjectLegalHold', source, 'objectLock', () =>
      properties.isHeld(source),
    ));
  const isOver = retention === undefined || retention.until.getTime() <= Date.now();
  return {
    ...(isOver ? {} : { ObjectLockMode: retention.mode, ObjectLockRetainUntilDate: retention.until }),
    ...(isHeld ? { ObjectLockLegalHoldStatus: 'ON' as const } : {}),
  };
}

/** What is read of an object once in an invocation, although it is needed before and after the copy. */
const remembered = {
  tags: new WeakMap<PlannedObject, Promise<readonly Tag[]>>(),
  grants: new WeakMap<PlannedObject, Promise<readonly Grant[]>>(),
  owners: new WeakMap<CopyContext, Promise<string>>(),
};

function once<K extends object, V>(
  memory: WeakMap<K, Promise<V>>,
  key: K,
  read: () => Promise<V>,
): Promise<V> {
  const known = memory.get(key);
  if (known !== undefined) return known;
  const value = read();
  memory.set(key, value);
  value.catch(() => memory.delete(key));
  return value;
}

/** HEAD does not say how many tags there are to those who may not read them: only asking for them does. */
function tagsOf(context: CopyContext, object: PlannedObject): Promise<readonly Tag[]> {
  if (!keeps(context, 'tags')) return Promise.resolve([]);
  const source = sourceAddress(context, object);
  return once(remembered.tags, object, () =>
    readProperty(context, 's3:GetObjectTagging', source, 'tags', () =>
      context.run.source.store.properties.tags(source),
    ),
  );
}

/** Reads the grants for a copy, besides those of its owner. The copy request takes precedence over the source. */
export function readGrants(context: CopyContext, object: PlannedObject): Promise<readonly Grant[]> {
  const { acl, aclGrant } = context.run.copyRequest;
  if (aclGrant.length > 0) return Promise.resolve(aclGrant.map(readGrant));
  if (acl !== undefined || !keeps(context, 'acl')) return Promise.resolve([]);
  return once(remembered.grants, object, () => sourceGrants(context, object));
}

/** A list that has only its owner is what a copy gets anyway. In any other, the destination's owner takes its place. */
async function sourceGrants(context: CopyContext, object: PlannedObject): Promise<readonly Grant[]> {
  const source = sourceAddress(context, object);
  const { owner, grants } = await readProperty(context, 's3:GetObjectAcl', source, 'acl', () =>
    context.run.source.store.properties.acl(source),
  );
  const isOwners = ({ kind, grantee }: Grant) => kind === 'id' && grantee === owner;
  if (grants.every(isOwners)) return [];
  const newOwner = await ownerOf(context);
  return grants.map((grant) => (isOwners(grant) ? { ...grant, grantee: newOwner } : grant));
}

function ownerOf(context: CopyContext): Promise<string> {
  const { bucket, store } = context.destination;
  return once(remembered.owners, context, () =>
    readProperty(context, 's3:GetBucketAcl', { bucket }, 'acl', () => store.properties.bucketOwner(bucket)),
  );
}

const withoutUndefined = <T extends object>(properties: T): T =>
  Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)) as T;
