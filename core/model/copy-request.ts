import * as z from 'zod';
import { ByteSize } from './byte-size.ts';
import { utf8Length } from './bytes.ts';
import { CopyError } from './errors.ts';
import { findGlobFault } from './globs.ts';
import { permissions } from './grants.ts';
import { GiB, MiB, S3Limits, TiB } from './limits.ts';
import { LocationText } from './location.ts';
import { absoluteKey, hasMisplacedStar, isPattern, isTooLong, readSourcePath } from './paths.ts';

const sizeBetween = (min: number, max: number, words: string) =>
  ByteSize.refine((bytes) => bytes >= min && bytes <= max, `must be ${words}`);

const PartSize = sizeBetween(S3Limits.minPartBytes, S3Limits.maxPartBytes, '"source", or from 5MiB to 5GiB');

const ListFile = LocationText.refine(({ path }) => path !== '' && !path.endsWith('/'), {
  error: 'must name an object, such as s3://bucket/list.txt',
});

const AccountId = z.string().regex(/^\d{12}$/, 'must be an account id of 12 digits');

const Role = z.strictObject({
  arn: z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/, 'must be the ARN of an IAM role'),
  externalId: z.string().min(2).max(1224).optional(),
});
const RoleOrArn = z.preprocess((value) => (typeof value === 'string' ? { arn: value } : value), Role);

const grantForm = `must be PERMISSION:id=CANONICAL_ID or PERMISSION:uri=GROUP_URI, with PERMISSION one of ${permissions.join(', ')}`;

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_Grantee.html (read 2026-11-22): e-mail grantees ended */
const emailRefusal =
  'names an e-mail address, which S3 refuses since 2025-10-01: grant to the canonical user id of the account (id=…, from "aws s3api list-buckets --query Owner.ID") or to a group (uri=…) instead';

const AclGrant = z.string().superRefine((text, context) => {
  const match = /^([A-Z_]+):(.+)$/.exec(text);
  const grantee = match?.[2] ?? '';
  if (/^[^=]*@/.test(grantee) || grantee.startsWith('emailAddress=')) {
    context.addIssue({ code: 'custom', message: emailRefusal });
  } else if (!permissions.some((name) => name === match?.[1]) || !/^(id|uri)=.+$/.test(grantee)) {
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
/** What a copy may carry besides its bytes. */
export type PreserveWord = (typeof preserveWords)[number];
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

/** S3 keeps keys as UTF-8, which has no half of a surrogate pair. */
const isWellFormed = (text: string): boolean => text.isWellFormed();
const notWellFormed = 'is not well-formed Unicode, which keys are';

const Text = z.string().min(1);
const KeyText = Text.refine(isWellFormed, notWellFormed);

/**
 * A list that limits what a run does. An empty one is often made by a program that found nothing: to take it for no
 * limit would do the opposite of what it says.
 */
const limiting = <Item extends z.ZodType>(item: Item, without: string) =>
  z
    .array(item)
    .refine((items) => items.length > 0, `is an empty list: leave the field out to ${without}`)
    .default([]);

/** A filter on relative keys. */
const Glob = KeyText.superRefine((glob, context) => {
  const message = findGlobFault(glob);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

/** Encryption of the copies. Only KMS has keys to name. */
const Sse = z
  .strictObject({
    algorithm: z.enum(['AES256', 'aws:kms']),
    key: Text.optional(),
    bucketKey: z.boolean().optional(),
  })
  .refine(({ algorithm, key, bucketKey }) => algorithm === 'aws:kms' || (key ?? bucketKey) === undefined, {
    error: 'may have key and bucketKey with algorithm "aws:kms" only',
  });

const asFolder = (prefix: string): string => (prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`);

/** Bytes that leave room for the name of a part file, with a key that is shortened, in the 1,024 of a key. */
const longestTempPrefix = 900;

/** Where part files go: a folder of the destination bucket, or `s3://bucket/folder` in its region. */
const TempPrefix = z
  .string()
  .refine(isWellFormed, notWellFormed)
  .refine((text) => !text.includes('*'), 'must be a folder without *: leave the * out')
  .refine((text) => utf8Length(text) <= longestTempPrefix, `must be at most ${longestTempPrefix} bytes`)
  .transform((text, context): { bucket?: string; prefix: string } => {
    if (!text.startsWith('s3://')) return { prefix: asFolder(text) };
    const location = LocationText.safeParse(text);
    if (location.success) return { bucket: location.data.bucket, prefix: asFolder(location.data.path) };
    context.addIssue({ code: 'custom', message: location.error.issues.map(({ message }) => message).join() });
    return z.NEVER;
  });

/**
 * What a run is asked to do: the input of an execution, of a schedule and, as flags, of the command line.
 *
 * @see docs/request.md for every field in a table
 */
export const CopyRequest = z
  .strictObject({
    src: LocationText,
    dest: LocationText.optional(),
    files: limiting(KeyText, 'select all that src selects'),
    prefixes: limiting(z.string().refine(isWellFormed, notWellFormed), 'select all that src selects'),
    filesFrom: ListFile.optional(),
    prefixesFrom: ListFile.optional(),
    include: limiting(Glob, 'let every key pass'),
    exclude: z.array(Glob).default([]),
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
    sse: Sse.optional(),
    acl: z.enum(cannedAcls).optional(),
    aclGrant: limiting(AclGrant, 'set no ACL'),
    archived: z.enum(['fail', 'skip']).default('fail'),
    workers: z.int().min(1).max(1000).default(8),
    concurrency: z.int().min(1).max(500).default(40),
    maxObjects: z.int().nonnegative().optional(),
    maxBytes: ByteSize.optional(),
    roles: z.strictObject({ copy: RoleOrArn.optional(), destination: RoleOrArn.optional() }).prefault({}),
    srcOwner: AccountId.optional(),
    destOwner: AccountId.optional(),
    requestPayer: z.boolean().default(false),
    logLevel: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']).default('INFO'),
  })
  .superRefine(refuseImpossible);
export type CopyRequest = z.infer<typeof CopyRequest>;

/** Combinations that no run can mean. */
function refuseImpossible(
  request: z.output<z.ZodObject> & Record<string, unknown>,
  context: z.RefinementCtx,
): void {
  const parsed = request as unknown as CopyRequest;
  const { src, dest, files, filesFrom, acl, aclGrant } = parsed;
  const refuse = (path: readonly (string | number)[], message: string) =>
    context.addIssue({ code: 'custom', path: [...path], message });
  if (parsed.delete && (files.length > 0 || filesFrom !== undefined)) {
    refuse(['delete'], 'cannot be combined with files or filesFrom: what a list leaves out is not extra');
  }
  if (parsed.delete && dest === undefined) refuse(['delete'], 'needs dest');
  if (parsed.compareOnly && dest === undefined) refuse(['compareOnly'], 'needs dest');
  if (acl !== undefined && aclGrant.length > 0)
    refuse(['aclGrant'], 'cannot be combined with acl, as in S3 itself');
  if (dest?.path.includes('*') === true) {
    refuse(['dest'], 'must be a folder without *, which selects keys in src only: leave the * out');
  }
  refuseTwoOwners(parsed, refuse);
  if (hasMisplacedStar(src.path)) {
    refuse(
      ['src'],
      'may have a * only as its last character, as in s3://bucket/folder/* or s3://bucket/folder/name*',
    );
  } else if (isPattern(src.path)) refuseListsOfPattern(parsed, refuse);
  refuseWrongEntries(parsed, refuse);
}

type Refuse = (path: readonly (string | number)[], message: string) => void;

/** A bucket that is read and written has one owner. */
function refuseTwoOwners({ src, dest, tempPrefix, srcOwner, destOwner }: CopyRequest, refuse: Refuse): void {
  const isOne = src.bucket === dest?.bucket || src.bucket === tempPrefix.bucket;
  if (!isOne || srcOwner === undefined || destOwner === undefined || srcOwner === destOwner) return;
  refuse(['destOwner'], `is another account than srcOwner ${srcOwner}, for the same bucket`);
}

/** Entries cannot be relative to a pattern. A `.jsonl` list may name whole source keys. */
function refuseListsOfPattern(
  { files, prefixes, filesFrom, prefixesFrom }: CopyRequest,
  refuse: Refuse,
): void {
  const advice = 'cannot be combined with a src that ends in a pattern: name the folder in src';
  if (files.length > 0) refuse(['files'], advice);
  if (prefixes.length > 0) refuse(['prefixes'], advice);
  if (filesFrom?.path.endsWith('.jsonl') === false) refuse(['filesFrom'], advice);
  if (prefixesFrom !== undefined) refuse(['prefixesFrom'], advice);
}

/** Entries that no key of S3 can be meant by. */
function refuseWrongEntries({ src, files, prefixes }: CopyRequest, refuse: Refuse): void {
  const path = readSourcePath(src.path);
  files.forEach((file, index) => {
    if (isTooLong(absoluteKey(path, file)))
      refuse(['files', index], `names a key of more than ${S3Limits.maxKeyBytes} bytes`);
  });
  prefixes.forEach((entry, index) => {
    if (hasMisplacedStar(entry)) refuse(['prefixes', index], 'may have a * only as its last character');
  });
}

const longestValueShown = 200;
/** The cause of an execution's failure has room for 32,768 characters. */
const mostProblemsShown = 10;

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

/** The message of the schema library, if the schema has none of its own. */
const noMessage = 'Invalid input';

/** Says what is wrong: the field, the value, and what is allowed. */
function explain(issue: z.core.$ZodIssue, input: unknown): string {
  if (issue.code === 'unrecognized_keys') {
    const within = issue.path.length > 0 ? ` in ${issue.path.join('.')}` : '';
    return `unknown field ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}${within}: allowed are ${fieldNames(issue.path)}`;
  }
  const field = issue.path.join('.') || 'request';
  const value = valueAt(input, issue.path);
  if (value === undefined && issue.code === 'invalid_type')
    return `${field}: is required (${messageOf(issue)})`;
  return `${field}: ${show(value)} ${messageOf(issue)}`;
}

const messageOf = (issue: z.core.$ZodIssue): string => {
  if (issue.code === 'invalid_union' && issue.message === noMessage) {
    return issue.errors.flat().map(messageOf).join(', or ');
  }
  if (issue.code === 'invalid_type')
    return issue.expected === 'int' ? 'must be a whole number' : `must be of type ${issue.expected}`;
  if (issue.code === 'invalid_value') {
    const values = issue.values.map((value) => show(value)).join(', ');
    return issue.values.length === 1 ? `must be ${values}` : `must be one of ${values}`;
  }
  const unit = 'origin' in issue && issue.origin === 'string' ? ' characters long' : '';
  if (issue.code === 'too_small') return `must be at least ${issue.minimum}${unit}`;
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}${unit}`;
  return issue.message;
};

const fieldNames = (path: readonly PropertyKey[]): string => {
  const nested: Record<string, string> = {
    maxDelete: 'count, percent',
    roles: 'copy, destination',
    'roles.copy': 'arn, externalId',
    'roles.destination': 'arn, externalId',
    sse: 'algorithm, key, bucketKey',
  };
  return nested[path.join('.')] ?? Object.keys(CopyRequest.shape).join(', ');
};

/**
 * Parses a request strictly: an unknown field, a wrong type, an impossible combination or a field that is not
 * built yet is refused by name. Errors of shape come first.
 *
 * @param input the execution's input, or what the command line or a schedule makes of one
 * @throws {CopyError} `InvalidRequestError`, naming each field, its value and what is allowed
 */
export function parseCopyRequest(input: unknown): CopyRequest {
  const result = CopyRequest.safeParse(input);
  if (!result.success) {
    const { issues } = result.error;
    const problems = issues.slice(0, mostProblemsShown).map((issue) => explain(issue, input));
    if (issues.length > mostProblemsShown) problems.push(`and ${issues.length - mostProblemsShown} more`);
    throw new CopyError('InvalidRequestError', problems.join('; '));
  }
  return result.data;
}
