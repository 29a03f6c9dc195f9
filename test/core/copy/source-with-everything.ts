import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  GetObjectAclCommand,
  GetObjectAnnotationCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectAnnotationsCommand,
  PutObjectAnnotationCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { MiB } from '../../../core/model/limits.ts';

/** Ten tags with odd characters. */
export const shortTags = Array.from({ length: 10 }, (_, n) => ({
  Key: `k+${n} /ü`,
  Value: `a=b:${n}@_.-+/`,
}));
/** Ten tags that no header of 2 KiB holds. */
export const longTags = shortTags.map(({ Key }, n) => ({ Key, Value: `${'ßж'.repeat(120)}${n}` }));

const allUsers = 'http://acs.amazonaws.com/groups/global/AllUsers';
const everything: Omit<CreateMultipartUploadCommandInput, 'Bucket' | 'Key'> = {
  CacheControl: 'max-age=60',
  ContentDisposition: 'attachment; filename="a b.txt"',
  ContentEncoding: 'gzip',
  ContentLanguage: 'de, en',
  ContentType: 'text/x-test; charset=utf-8',
  Metadata: { plain: 'a value', accent: `=?UTF-8?B?${Buffer.from('grüße 🌍').toString('base64')}?=` },
  StorageClass: 'STANDARD_IA',
  ObjectLockMode: 'GOVERNANCE',
  ObjectLockRetainUntilDate: new Date('2099-01-02T03:04:05Z'),
  ObjectLockLegalHoldStatus: 'ON',
  WebsiteRedirectLocation: '/elsewhere',
  ServerSideEncryption: 'aws:kms',
  SSEKMSKeyId: 'arn:aws:kms:us-east-1:123456789012:key/source',
  BucketKeyEnabled: true,
};

function withExpires<T extends { middlewareStack: { add: (...args: never[]) => unknown } }>(command: T): T {
  const add = command.middlewareStack.add as (...args: unknown[]) => unknown;
  const middleware = (next: (args: unknown) => unknown) => (args: { request: { headers: object } }) => {
    Object.assign(args.request.headers, { expires: 'when it is over' });
    return next(args);
  };
  add.call(command.middlewareStack, middleware, { step: 'build' });
  return command;
}

/**
 * Writes an object that has everything an object can have.
 *
 * @param parts of 5 MiB, the last of one byte; 0 for a simple object
 */
export async function putEverything(
  s3: S3Client,
  Bucket: string,
  Key: string,
  { parts, tags = shortTags }: { readonly parts: number; readonly tags?: typeof shortTags },
): Promise<void> {
  const at = { Bucket, Key };
  const owner = await ownerOf(s3, Bucket);
  const given = {
    ...everything,
    ...at,
    GrantFullControl: `id="${owner}"`,
    GrantRead: `uri="${allUsers}"`,
  };
  if (parts === 0) await s3.send(withExpires(new PutObjectCommand({ ...given, Body: 'x'.repeat(1024) })));
  else await upload(s3, given, parts);
  await s3.send(new PutObjectTaggingCommand({ ...at, Tagging: { TagSet: tags } }));
  for (const AnnotationName of ['note', 'größe']) {
    const AnnotationPayload = Buffer.from(`what ${AnnotationName} says`);
    await s3.send(new PutObjectAnnotationCommand({ ...at, AnnotationName, AnnotationPayload }));
  }
}

async function ownerOf(s3: S3Client, Bucket: string): Promise<string> {
  const at = { Bucket, Key: 'of-whom', Body: '' };
  await s3.send(new PutObjectCommand(at));
  return (await s3.send(new GetObjectAclCommand({ Bucket, Key: at.Key }))).Owner?.ID ?? '';
}

async function upload(s3: S3Client, given: CreateMultipartUploadCommandInput, parts: number): Promise<void> {
  const at = { Bucket: given.Bucket, Key: given.Key };
  const { UploadId } = await s3.send(withExpires(new CreateMultipartUploadCommand(given)));
  const uploaded = [];
  for (let n = 1; n <= parts; n += 1) {
    const Body = Buffer.alloc(n === parts ? 1 : 5 * MiB, `part ${n}`);
    const { ETag } = await s3.send(new UploadPartCommand({ ...at, UploadId, PartNumber: n, Body }));
    uploaded.push({ PartNumber: n, ETag });
  }
  await s3.send(
    new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts: uploaded } }),
  );
}

/** Everything that an object has, by the names of the table in docs/properties.md. */
export async function propertiesOf(s3: S3Client, Bucket: string, Key: string) {
  const at = { Bucket, Key };
  const head = await s3.send(new HeadObjectCommand(at));
  const { TagSet = [] } = await s3.send(new GetObjectTaggingCommand(at));
  const { Grants = [] } = await s3.send(new GetObjectAclCommand(at));
  return {
    'Cache-Control': head.CacheControl,
    'Content-Disposition': head.ContentDisposition,
    'Content-Encoding': head.ContentEncoding,
    'Content-Language': head.ContentLanguage,
    'Content-Type': head.ContentType,
    'Expires, also text that is no date': head.ExpiresString,
    'user metadata, non-ASCII too': head.Metadata,
    tags: TagSet,
    'storage class': head.StorageClass,
    ACL: Grants.map(({ Permission, Grantee }) => `${Permission} ${Grantee?.ID ?? Grantee?.URI}`).sort(),
    'Object Lock mode and date': [head.ObjectLockMode, head.ObjectLockRetainUntilDate],
    'Object Lock legal hold': head.ObjectLockLegalHoldStatus,
    'website redirect': head.WebsiteRedirectLocation,
    annotations: await annotationsOf(s3, at),
    encryption: [head.ServerSideEncryption, head.SSEKMSKeyId],
    'bucket key': head.BucketKeyEnabled,
  };
}

async function annotationsOf(s3: S3Client, at: { Bucket: string; Key: string }) {
  const { Annotations = [] } = await s3.send(new ListObjectAnnotationsCommand(at));
  const entries = Annotations.map(async ({ AnnotationName = '' }) => {
    const { AnnotationPayload } = await s3.send(new GetObjectAnnotationCommand({ ...at, AnnotationName }));
    return [AnnotationName, await AnnotationPayload?.transformToString()] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
