import * as z from 'zod';
import { utf8Length } from './bytes.ts';
import { S3Limits } from './limits.ts';

/** A bucket and the path below it, as in `s3://bucket/path`. The path has no leading slash. */
export interface Location {
  readonly bucket: string;
  readonly path: string;
}

const bucketName = /^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/;
const directoryBucketSuffix = '--x-s3';

/** The name of a general purpose bucket, also one of the years before today's naming rules. */
export const BucketName = z
  .string()
  .regex(bucketName, 'is not a bucket name: 3 to 255 letters, digits, dots, dashes and underscores')
  .refine(
    (name) => !name.endsWith(directoryBucketSuffix),
    'is a directory bucket (S3 Express), which s3copy does not support',
  );

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
  if (location === undefined) {
    context.addIssue({ code: 'custom', message: 'must have the form s3://bucket or s3://bucket/path' });
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
