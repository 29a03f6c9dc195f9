import type { DenyRule } from 'sandbox-s3/rule';
import type { Policy, Statement } from '../../core/access/policies.ts';

/** What the sandbox store asks rights for, but for making and removing buckets and their settings. */
const actions = [
  ...['GetObject', 'GetObjectVersion', 'GetObjectTagging', 'GetObjectVersionTagging', 'PutObject'],
  ...['PutObjectTagging', 'PutObjectVersionTagging', 'DeleteObject', 'DeleteObjectVersion', 'RestoreObject'],
  ...['GetObjectAcl', 'GetObjectVersionAcl', 'PutObjectAcl', 'PutObjectVersionAcl', 'GetObjectAttributes'],
  ...['GetObjectRetention', 'GetObjectLegalHold', 'PutObjectRetention', 'PutObjectLegalHold'],
  ...['ListObjectAnnotations', 'GetObjectAnnotation', 'PutObjectAnnotation', 'DeleteObjectTagging'],
  ...['AbortMultipartUpload', 'ListMultipartUploadParts', 'ListBucketMultipartUploads'],
  ...['GetBucketAcl', 'GetBucketOwnershipControls', 'GetBucketObjectLockConfiguration'],
  ...['ListBucket', 'ListBucketVersions', 'GetBucketLocation', 'GetBucketVersioning'],
].map((name) => `s3:${name}`);

/** Rules have one character with a meaning of its own, and escape it otherwise. */
const globOf = (pattern: string): string =>
  pattern.replace(/\$\{(.)\}/g, (_, character: string) => (character === '*' ? '\\*' : character));

const allowing = (statements: readonly Statement[], action: string): readonly Statement[] =>
  statements.filter(({ Action }) => Action.includes(action));

const resourcesOf = ({ Resource = [] }: Statement): readonly string[] => [Resource].flat();

/** What a statement lets be listed; undefined is everything. */
const prefixesOf = ({ Condition }: Statement): readonly string[] | undefined =>
  Condition?.['StringLike']?.['s3:prefix'] as readonly string[] | undefined;

/** What is left to be denied of an action on a bucket, or on its objects. */
function denialOf(statements: readonly Statement[], bucket: string): Pick<DenyRule, 'unless'> | undefined {
  const arn = `arn:aws:s3:::${bucket}`;
  const keys = statements
    .flatMap(resourcesOf)
    .filter((resource) => resource.startsWith(`${arn}/`))
    .map((resource) => globOf(resource.slice(arn.length + 1)));
  if (keys.length > 0) return { unless: { key: keys } };
  const onBucket = statements.filter((each) => resourcesOf(each).includes(arn));
  if (onBucket.length === 0) return {};
  const prefixes = onBucket.map(prefixesOf);
  if (prefixes.includes(undefined)) return undefined;
  return { unless: { prefix: prefixes.flatMap((some) => some ?? []).map(globOf) } };
}

/** Rules that deny a role whatever the statements of its policy do not allow. */
export function denialsOf(
  role: string,
  statements: readonly Statement[],
  buckets: readonly string[],
): readonly DenyRule[] {
  const principal = `arn:aws:sts::*:assumed-role/${role}/*`;
  return actions.flatMap((action) =>
    buckets.flatMap((bucket) => {
      const denial = denialOf(allowing(statements, action), bucket);
      return denial === undefined ? [] : [{ kind: 'deny' as const, principal, action, bucket, ...denial }];
    }),
  );
}

/** The statements of who has a field of the request. */
export const statementsOf = (policies: readonly Policy[], field: string): readonly Statement[] =>
  policies.find(({ title }) => title.includes(`(${field})`))?.document.Statement ?? [];
