import * as z from 'zod';
import { CopyError } from './errors.ts';
import { GiB, MiB, S3Limits, TiB } from './limits.ts';
import { LocationText } from './location.ts';
import { ByteSize } from './size.ts';

const sizeBetween = (min: number, max: number, words: string) =>
  ByteSize.refine((bytes) => bytes >= min && bytes <= max, `must be ${words}`);

const PartSize = sizeBetween(S3Limits.minPartBytes, S3Limits.maxPartBytes, 'from 5MiB to 5GiB');

const ListFile = LocationText.refine(({ path }) => path !== '' && !path.endsWith('/'), {
  error: 'must name an object, such as s3://bucket/list.txt',
});

const AccountId = z.string().regex(/^\d{12}$/, 'must be an account id of 12 digits');

const Role = z.strictObject({
  arn: z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/, 'must be the ARN of an IAM role'),
  externalId: z.string().min(2).max(1224).optional(),
});
const RoleOrArn = z.preprocess((value) => (typeof value === 'string' ? { arn: value } : value), Role);

const grantPermissions = ['READ', 'WRITE', 'READ_ACP', 'WRITE_ACP', 'FULL_CONTROL'] as const;
const grantForm = `must be PERMISSION:id=CANONICAL_ID or PERMISSION:uri=GROUP_URI, with PERMISSION one of ${grantPermissions.join(', ')}`;

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_Grantee.html (read 2026-11-22): e-mail grantees ended */
const emailRefusal =
  'names an e-mail address, which S3 refuses since 2025-10-01: grant to the canonical user id of the account (id=…, from "aws s3api list-buckets --query Owner.ID") or to a group (uri=…) instead';

const AclGrant = z.string().superRefine((text, context) => {
  const match = /^([A-Z_]+):(.+)$/.exec(text);
  const grantee = match?.[2] ?? '';
  if (/^[^=]*@/.test(grantee) || grantee.startsWith('emailAddress=')) {
    context.addIssue({ code: 'custom', message: emailRefusal });
  } else if (!grantPermissions.some((name) => name === match?.[1]) || !/^(id|uri)=.+$/.test(grantee)) {
    context.addIssue({ code: 'custom', message: grantForm });
  }
});

const preserveWords = [
  'metadata',
  'tags',
  'acl',
  'storageClass',
  'objectLock',
  'redirect',
  'annotations',
] as const;
const cannedAcls = [
  'private',
  'public-read',
  'public-read-write',
  'authenticated-read',
  'aws-exec-read',
  'bucket-owner-read',
  'bucket-owner-full-control',
] as const;
const storageClasses = [
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
] as const;

const Text = z.string().min(1);

const asFolder = (prefix: string): string => (prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`);

/** Where part files go: a folder of the destination bucket, or `s3://bucket/folder` in its region. */
const TempPrefix = z.string().transform((text, context): { bucket?: string; prefix: string } => {
  if (!text.startsWith('s3://')) return { prefix: asFolder(text) };
  const location = LocationText.safeParse(text);
  if (location.success) return { bucket: location.data.bucket, prefix: asFolder(location.data.path) };
  context.addIssue({ code: 'custom', message: location.error.issues[0]?.message ?? 'is not a location' });
  return z.NEVER;
});

/**
 * What a run is asked to do: the input of an execution, of a schedule and, as flags, of the command line.
 *
 * @see docs/request.md for every field in a table
 */
export const Request = z
  .strictObject({
    src: LocationText,
    dest: LocationText.optional(),
    files: z.array(Text).default([]),
    prefixes: z.array(z.string()).default([]),
    filesFrom: ListFile.optional(),
    prefixesFrom: ListFile.optional(),
    include: z.array(Text).default([]),
    exclude: z.array(Text).default([]),
    compare: z.enum(['content', 'newer', 'size', 'always']).default('content'),
    delete: z.boolean().default(false),
    maxDelete: z
      .strictObject({
        count: z.int().nonnegative().default(1000),
        percent: z.number().min(0).max(100).default(10),
      })
      .prefault({}),
    dryRun: z.boolean().default(false),
    compareOnly: z.boolean().default(false),
    strategy: z.enum(['staged', 'direct']).default('staged'),
    partSize: z.union([z.literal('source'), PartSize]).default(64 * MiB),
    keepParts: z.boolean().default(true),
    tempPrefix: TempPrefix.default({ prefix: 'temp/' }),
    fanOutAbove: sizeBetween(0, 50 * TiB, 'from 0 to 50TiB').default(1 * GiB),
    overwrite: z.enum(['ifUnchanged', 'always', 'never']).default('ifUnchanged'),
    verify: z.enum(['best', 'required']).default('best'),
    preserve: z.array(z.enum(preserveWords)).default(['metadata', 'tags']),
    storageClass: z.enum(storageClasses).optional(),
    sse: z
      .union([
        z.strictObject({ algorithm: z.literal('AES256') }),
        z.strictObject({
          algorithm: z.literal('aws:kms'),
          key: Text.optional(),
          bucketKey: z.boolean().optional(),
        }),
      ])
      .optional(),
    acl: z.enum(cannedAcls).optional(),
    aclGrant: z.array(AclGrant).default([]),
    archived: z.enum(['fail', 'skip']).default('fail'),
    workers: z.int().min(1).max(1000).default(8),
    concurrency: z.int().min(1).max(500).default(40),
    maxRequestsPerSecond: z.int().min(1).optional(),
    maxObjects: z.int().nonnegative().optional(),
    maxBytes: ByteSize.optional(),
    roles: z.strictObject({ copy: RoleOrArn.optional(), destination: RoleOrArn.optional() }).prefault({}),
    srcOwner: AccountId.optional(),
    destOwner: AccountId.optional(),
    requestPayer: z.boolean().default(false),
    logLevel: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']).default('INFO'),
  })
  .superRefine(refuseImpossible);
export type Request = z.infer<typeof Request>;

/** Combinations that no run can mean. */
function refuseImpossible(
  request: z.output<z.ZodObject> & Record<string, unknown>,
  context: z.RefinementCtx,
): void {
  const { src, delete: deletes, files, filesFrom, dest, acl, aclGrant } = request as unknown as Request;
  const refuse = (field: string, message: string) =>
    context.addIssue({ code: 'custom', path: [field], message, input: request[field] });
  if (deletes && (files.length > 0 || filesFrom !== undefined)) {
    refuse('delete', 'cannot be combined with files or filesFrom: what a list leaves out is not extra');
  }
  if (deletes && dest === undefined) refuse('delete', 'needs dest');
  if (acl !== undefined && aclGrant.length > 0)
    refuse('aclGrant', 'cannot be combined with acl, as in S3 itself');
  const star = src.path.indexOf('*');
  if (star !== -1 && star !== src.path.length - 1) {
    refuse(
      'src',
      'may have a * only as its last character, as in s3://bucket/folder/* or s3://bucket/folder/name*',
    );
  }
}

/** What is accepted in shape but not built yet: the value that a field may stand at. */
const notYet: Partial<{ [Field in keyof Request]: (value: Request[Field]) => boolean }> = {
  include: (value) => value.length === 0,
  exclude: (value) => value.length === 0,
  delete: (value) => !value,
  compareOnly: (value) => !value,
  strategy: (value) => value === 'staged',
  partSize: (value) => value !== 'source',
  verify: (value) => value === 'best',
  preserve: (value) => value.length === 2 && value.includes('metadata') && value.includes('tags'),
  storageClass: (value) => value === undefined,
  sse: (value) => value === undefined,
  acl: (value) => value === undefined,
  aclGrant: (value) => value.length === 0,
  archived: (value) => value === 'fail',
  maxRequestsPerSecond: (value) => value === undefined,
  roles: (value) => value.copy === undefined && value.destination === undefined,
  srcOwner: (value) => value === undefined,
  destOwner: (value) => value === undefined,
  requestPayer: (value) => !value,
};

const refuseNotYet = (request: Request, input: Record<string, unknown>): void => {
  for (const [field, isDefault] of Object.entries(notYet)) {
    const value = request[field as keyof Request];
    if (!(isDefault as (value: unknown) => boolean)(value)) {
      throw new CopyError('InvalidRequestError', `${field}: ${show(input[field])} is not supported yet`, {
        field,
      });
    }
  }
};

const longestValueShown = 200;

/** Shows a value of the input in a message, cut to a length that a person reads. */
const show = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > longestValueShown ? `${text.slice(0, longestValueShown)}…` : text;
};

const valueAt = (input: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, step) => (typeof value === 'object' ? (value as Record<PropertyKey, unknown>)?.[step] : value),
    input,
  );

/** Says what is wrong in words: the field, the value, what is allowed. */
function explain(issue: z.core.$ZodIssue, input: unknown): string {
  if (issue.code === 'unrecognized_keys') {
    const within = issue.path.length > 0 ? ` in ${issue.path.join('.')}` : '';
    return `unknown field ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}${within}: allowed are ${fieldNames(issue.path)}`;
  }
  if (issue.code === 'invalid_union') {
    const inner = issue.errors.flat().filter((error) => error.code === 'custom' || error.path.length > 0);
    const told = inner.length > 0 ? inner : issue.errors.flat();
    if (told.length > 0) {
      const said = told.map((error) => messageOf(error)).join(', or ');
      return `${issue.path.join('.')}: ${show(valueAt(input, issue.path))} ${said}`;
    }
  }
  const field = issue.path.join('.') || 'request';
  const value = valueAt(input, issue.path);
  if (value === undefined && issue.code === 'invalid_type')
    return `${field}: is required (${messageOf(issue)})`;
  return `${field}: ${show(value)} ${messageOf(issue)}`;
}

const messageOf = (issue: z.core.$ZodIssue): string => {
  if (issue.code === 'invalid_type') return `must be of type ${issue.expected}`;
  if (issue.code === 'invalid_value')
    return `must be one of ${issue.values.map((value) => show(value)).join(', ')}`;
  if (issue.code === 'too_small') return `must be at least ${issue.minimum}`;
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}`;
  return issue.message;
};

const fieldNames = (path: readonly PropertyKey[]): string => {
  const nested: Record<string, string> = {
    maxDelete: 'count, percent',
    roles: 'copy, destination',
    sse: 'algorithm, key, bucketKey',
  };
  return nested[String(path[0])] ?? Object.keys(Request.shape).join(', ');
};

/**
 * Parses a request strictly: an unknown field, a wrong type, an impossible combination or a field that is not
 * built yet is refused by name. Errors of shape come first.
 *
 * @param input the execution's input, or what the command line or a schedule makes of one
 * @throws {CopyError} `InvalidRequestError`, naming each field, its value and what is allowed
 */
export function parseRequest(input: unknown): Request {
  const result = Request.safeParse(input);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => explain(issue, input));
    throw new CopyError('InvalidRequestError', problems.join('; '));
  }
  refuseNotYet(result.data, input as Record<string, unknown>);
  return result.data;
}
