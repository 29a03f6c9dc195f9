import * as z from 'zod';
import { utf8Length } from './bytes.ts';
import { S3Limits } from './limits.ts';

/** A bucket and the path below it, as in `s3://bucket/path`. The path has no leading slash. */
export interface Location {
  readonly bucket: string;
  readonly path: string;
}

const bucketName = /^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/;
const notABucket = 'is not a bucket name: 3 to 255 letters, digits, dots, dashes and underscores';
const behind = 'which s3copy does not support: name its bucket instead';

/**
 * What takes the place of a bucket in other tools, by the end of its name. IAM knows none of these as the bucket that a
 * stack is deployed for.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html (read 2026-11-27): reserved suffixes
 */
const reserved: readonly (readonly [suffix: string, refusal: string])[] = [
  ['-s3alias', `is the alias of an access point, ${behind}`],
  ['--ol-s3', `is the alias of an Object Lambda access point, ${behind}`],
  ['--op-s3', 'is the alias of an access point of S3 on Outposts, which s3copy does not support'],
  ['.mrap', 'is a Multi-Region Access Point, which s3copy does not support: name one of its buckets instead'],
  ['--x-s3', 'is a directory bucket (S3 Express), which s3copy does not support'],
  ['--xa-s3', 'is an access point of a directory bucket (S3 Express), which s3copy does not support'],
  ['--table-s3', 'is a table bucket (S3 Tables), which s3copy does not support'],
];

/** Why an ARN cannot be copied from or to. */
function refusalOfArn(arn: string): string {
  if (/:accesspoint\b/.test(arn)) return `is the ARN of an access point, ${behind}, as s3://bucket/path`;
  const [, bucket] = /^arn:[a-z-]+:s3:::(.+)$/.exec(arn) ?? [];
  return bucket === undefined ? 'is an ARN: write s3://bucket/path' : `is an ARN: write s3://${bucket}`;
}

/** The name of a general purpose bucket, also one of the years before today's naming rules. */
export const BucketName = z.string().superRefine((name, context) => {
  const refusal = name.startsWith('arn:')
    ? refusalOfArn(name)
    : reserved.find(([suffix]) => name.endsWith(suffix))?.[1];
  if (refusal !== undefined) context.addIssue({ code: 'custom', message: refusal });
  else if (!bucketName.test(name)) context.addIssue({ code: 'custom', message: notABucket });
});

/**
 * Splits `s3://bucket/path` at its first slash, since keys are bytes and no URL parser may touch them.
 *
 * @returns undefined when the text is not of that form
 */
export function splitLocation(text: string): Location | undefined {
  if (!text.startsWith('s3://')) return undefined;
  const rest = text.slice('s3://'.length);
  const slash = rest.indexOf('/');
  return slash === -1
    ? { bucket: rest, path: '' }
    : { bucket: rest.slice(0, slash), path: rest.slice(slash + 1) };
}

/** Writes a bucket and a path as `s3://bucket/path`. */
export const formatLocation = (bucket: string, path: string): string => `s3://${bucket}/${path}`;

/** A location in text, parsed. */
export const LocationText = z.string().transform((text, context): Location => {
  const location = splitLocation(text);
  if (text.startsWith('s3://arn:')) {
    context.addIssue({ code: 'custom', message: refusalOfArn(text.slice('s3://'.length)) });
    return z.NEVER;
  }
  if (location === undefined) {
    const form = 'must have the form s3://bucket or s3://bucket/path';
    context.addIssue({ code: 'custom', message: text.startsWith('arn:') ? refusalOfArn(text) : form });
    return z.NEVER;
  }
  if (!text.isWellFormed() || utf8Length(location.path) > S3Limits.maxKeyBytes) {
    const message = `must have a path of at most ${S3Limits.maxKeyBytes} bytes of well-formed Unicode`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  }
  const bucket = BucketName.safeParse(location.bucket);
  if (!bucket.success) {
    const message = `bucket ${JSON.stringify(location.bucket)} ${bucket.error.issues[0]?.message}`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  }
  return location;
});
