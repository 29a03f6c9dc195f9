import type { PlannedObject } from '../model/batches.ts';
import type { PreserveWord } from '../model/copy-request.ts';
import { findPartition, s3Arn } from '../model/partitions.ts';
import { type CopyContext, sourceAddress, targetAddress } from '../run/copy-context.ts';
import { hasCode, S3Error, withMessage } from '../s3/failures.ts';
import type { UploadProperties } from '../s3/object-store.ts';
import { probeUpload } from './probe-upload.ts';

/** A bucket, or an object in it. */
interface Resource {
  readonly bucket: string;
  readonly key?: string;
  readonly versionId?: string | undefined;
}

/** A bucket of the run, or an object in it, as policies name it. */
export const makeArn = ({ run }: CopyContext, { bucket, key }: Resource): string =>
  s3Arn(findPartition(run.record.regions.source), bucket, key);

/** What is archived is answered with 403 as well, and lacks no right. */
const isDenied = (error: unknown): error is S3Error =>
  error instanceof S3Error && error.status === 403 && !hasCode(error, 'InvalidObjectState');

/**
 * Reads what `preserve` asks for. A refusal names the right that is missing.
 *
 * @param action right that the request needs
 * @param word of `preserve`
 */
export async function readProperty<T>(
  context: CopyContext,
  action: string,
  resource: Resource,
  word: PreserveWord,
  send: () => Promise<T>,
): Promise<T> {
  try {
    return await context.limiter.send(send);
  } catch (error) {
    if (!isDenied(error)) throw error;
    throw withMessage(
      error,
      `${missing(context, action, resource)}, or leave ${JSON.stringify(word)} out of preserve`,
    );
  }
}

/** To read a version by its id is a right of its own for these. */
const ofVersions = ['s3:GetObject', 's3:GetObjectTagging', 's3:GetObjectAcl'];

const missing = (context: CopyContext, action: string, resource: Resource): string => {
  const isOfVersion = resource.versionId !== undefined && ofVersions.includes(action);
  const right = isOfVersion ? action.replace('GetObject', 'GetObjectVersion') : action;
  return `${right} on ${makeArn(context, resource)} is denied: allow it`;
};

const ownershipEnforced =
  'the destination bucket has Object Ownership "BucketOwnerEnforced" and so takes no access control lists: leave out ' +
  'acl, aclGrant and "acl" in preserve, or set its Object Ownership to "BucketOwnerPreferred"';

const lockMissing =
  'the destination bucket has no Object Lock: enable it there, or leave "objectLock" out of preserve';

/** Objects of an invocation whose refusal is looked into, since that takes some requests. */
const mostDiagnosed = 10;
const diagnosed = new WeakMap<CopyContext, number>();

/**
 * Sends a request that writes an object with its properties. A refusal says what is missing for it.
 *
 * @param properties what the request carries
 */
export async function writeTarget<T>(
  context: CopyContext,
  object: PlannedObject,
  properties: UploadProperties,
  send: () => Promise<T>,
): Promise<T> {
  try {
    return await send();
  } catch (error) {
    throw await explained(context, object, properties, error);
  }
}

async function explained(
  context: CopyContext,
  object: PlannedObject,
  properties: UploadProperties,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof S3Error)) return error;
  if (hasCode(error, 'AccessControlListNotSupported')) return withMessage(error, ownershipEnforced);
  if (hasCode(error, 'InvalidRequest') && /missing Object Lock/i.test(error.message))
    return withMessage(error, lockMissing);
  const count = diagnosed.get(context) ?? 0;
  if (!isDenied(error) || isExact(error) || count >= mostDiagnosed) return error;
  diagnosed.set(context, count + 1);
  const cause = (await deniedSource(context, object)) ?? (await deniedTarget(context, object, properties));
  return cause === undefined ? error : withMessage(error, cause);
}

/** S3 itself names action and resource where the policies let it. */
const isExact = ({ message }: S3Error): boolean => /not authorized to perform: \S+ on resource/.test(message);

/** What of the source may not be read. */
async function deniedSource(context: CopyContext, object: PlannedObject): Promise<string | undefined> {
  const { limiter, run } = context;
  const { store } = run.source;
  const source = sourceAddress(context, object);
  const refuses = (send: () => Promise<unknown>) => isRefused(limiter.send(send));
  if (await refuses(() => store.head(source))) return missing(context, 's3:GetObject', source);
  const tagging = () => store.properties.tags(source);
  if (run.copyRequest.preserve.includes('tags') && (await refuses(tagging)))
    return `${missing(context, 's3:GetObjectTagging', source)}, or leave "tags" out of preserve`;
  const annotations = () => store.properties.annotations(source);
  if (run.copyRequest.preserve.includes('annotations') && (await refuses(annotations)))
    return `${missing(context, 's3:ListObjectAnnotations', source)}, or leave "annotations" out of preserve`;
  return undefined;
}

/** Rights that the properties of an object need, each with the properties that ask for it. */
const rights: readonly { readonly action: string; readonly fields: readonly (keyof UploadProperties)[] }[] = [
  {
    action: 's3:PutObjectAcl',
    fields: ['ACL', 'GrantRead', 'GrantReadACP', 'GrantWriteACP', 'GrantFullControl'],
  },
  { action: 's3:PutObjectRetention', fields: ['ObjectLockMode', 'ObjectLockRetainUntilDate'] },
  { action: 's3:PutObjectLegalHold', fields: ['ObjectLockLegalHoldStatus'] },
];

/** Finds the property that may not be written: opens an upload with it and aborts the upload, which publishes nothing. */
async function deniedTarget(
  context: CopyContext,
  object: PlannedObject,
  properties: UploadProperties,
): Promise<string | undefined> {
  const target = targetAddress(context, object);
  const mayNot = (fields: UploadProperties) => isRefused(probeUpload(context, object, fields));
  if (await mayNot({})) return missing(context, 's3:PutObject', target);
  if (context.run.copyRequest.preserve.includes('tags') && (await mayNot({ Tagging: 's3copy=' })))
    return `${missing(context, 's3:PutObjectTagging', target)}, or leave "tags" out of preserve`;
  for (const { action, fields } of rights) {
    const asked = Object.fromEntries(
      Object.entries(properties).filter(([name]) => fields.includes(name as 'ACL')),
    );
    if (Object.keys(asked).length > 0 && (await mayNot(asked))) return missing(context, action, target);
  }
  const { ServerSideEncryption, SSEKMSKeyId, BucketKeyEnabled } = properties;
  if (SSEKMSKeyId === undefined) return undefined;
  const isKey = await mayNot({ ServerSideEncryption, SSEKMSKeyId, BucketKeyEnabled });
  return isKey ? `kms:GenerateDataKey or kms:Decrypt on ${SSEKMSKeyId} is denied: allow both` : undefined;
}

async function isRefused(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return false;
  } catch (error) {
    if (error instanceof S3Error) return error.status === 403;
    throw error;
  }
}
