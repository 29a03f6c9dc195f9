import { z } from 'zod';
import { BucketName, LocationText } from '../core/model/location.ts';
import { isTimeZone, scheduleProblem } from './schedule-times.ts';

/** Stands for every bucket, and has to be asked for by name. */
export const anyBucket = '*';

const example = 'npx cdk deploy -c source=my-source-bucket -c destination=my-destination-bucket';

const missing = `s3copy needs to know which buckets it may read and write. Name them:

  ${example}

Several buckets: -c source=one,two or a list in cdk.json. Every bucket: -c "source=*".`;

/** Something in the CDK context is missing or wrong. The message is for the person at the terminal. */
export class ContextError extends Error {
  override readonly name = 'ContextError';
}

/** No bucket is named, and all else is right: nothing can be deployed, but environments and old stacks need none. */
export class NoBucketsError extends ContextError {
  /** Name of the stack. */
  readonly stackName: string;

  constructor(stackName: string) {
    super(missing);
    this.stackName = stackName;
  }
}

const shown = (value: unknown): string => JSON.stringify(value) ?? 'nothing';

/** Splits `a,b`, as typed after `-c`, into a list; a list from cdk.json passes as it is. */
const listed = (value: unknown): unknown =>
  typeof value === 'string' ? value.split(',').map((item) => item.trim()) : value;

const matching = (pattern: RegExp, allowed: string) =>
  z.string().regex(pattern, { error: ({ input }) => `${shown(input)} is not ${allowed}` });

const Bucket = z.string().superRefine((name, context) => {
  const problem = name === anyBucket ? undefined : BucketName.safeParse(name).error?.issues[0]?.message;
  if (problem !== undefined) {
    context.addIssue({ code: 'custom', message: `${shown(name)} ${problem}; * stands for every bucket` });
  }
});

const Buckets = z.preprocess(
  listed,
  z
    .array(Bucket)
    .min(1, { error: `names no bucket: give a bucket name, a list of them, or ${anyBucket}` })
    .refine((names) => !names.includes(anyBucket) || names.length === 1, {
      error: ({ input }) => `${shown(input)} has ${anyBucket} and names: give one or the other`,
    }),
);

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html (read 2026-11-22) */
const RoleArn = matching(
  /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/,
  'the ARN of a role, such as arn:aws:iam::123456789012:role/name',
);

/** A key by id, not by alias: IAM does not resolve an alias in a policy's Resource. */
const KeyArn = matching(
  /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[a-zA-Z0-9-]+$/,
  'the ARN of a KMS key, such as arn:aws:kms:eu-west-1:123456789012:key/1234abcd-…',
);

/** `true` and `false` as typed after `-c` are text. */
const Switch = z
  .preprocess((value) => (value === 'true' ? true : value === 'false' ? false : value), z.boolean())
  .default(false);

/** A folder of keys. In policies `*`, `?` and `$` have a meaning of their own. */
const Folder = matching(
  /^(?:\*|[^*?$]+)$/,
  'a folder such as temp/, without *, ? and $; * alone stands for every folder',
).transform((folder) => (folder === anyBucket || folder.endsWith('/') ? folder : `${folder}/`));

const ListLocation = z.string().superRefine((text, context) => {
  const problem = LocationText.safeParse(text).error?.issues[0]?.message;
  if (problem !== undefined) context.addIssue({ code: 'custom', message: `${shown(text)} ${problem}` });
});

/**
 * One scheduled sync. Its request is checked when the schedule is made, as at the begin of a run.
 *
 * @see https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html (read 2026-11-22)
 */
const Sync = z.strictObject({
  name: matching(/^[\w.-]{1,48}$/, 'a name of 1 to 48 letters, digits, dots, dashes or underscores'),
  schedule: z.string().superRefine((expression, context) => {
    const problem = scheduleProblem(expression);
    if (problem !== undefined)
      context.addIssue({ code: 'custom', message: `${shown(expression)} ${problem}` });
  }),
  timezone: z
    .string()
    .refine(isTimeZone, {
      error: ({ input }) => `${shown(input)} is not a time zone, such as Europe/Berlin or Etc/UTC`,
    })
    .optional(),
  enabled: z.boolean().default(true),
  request: z.record(z.string(), z.unknown()),
});

const Context = z.strictObject({
  name: matching(
    /^[a-zA-Z][a-zA-Z0-9-]{0,31}$/,
    'a name of 1 to 32 letters, digits and dashes that begins with a letter',
  ).default('s3copy'),
  source: Buckets,
  destination: Buckets,
  roles: z.preprocess(listed, z.array(RoleArn)).default([]),
  keys: z.preprocess(listed, z.array(KeyArn)).default([]),
  sourceKeys: z.preprocess(listed, z.array(KeyArn)).default([]),
  lists: z.preprocess(listed, z.array(ListLocation)).default([]),
  temp: z.preprocess(listed, z.array(Folder).min(1, { error: 'names no folder' })).default(['temp/']),
  delete: Switch,
  acl: Switch,
  objectLock: Switch,
  defaults: z.record(z.string(), z.unknown()).default({}),
  syncs: z
    .array(Sync)
    .refine((syncs) => new Set(syncs.map(({ name }) => name)).size === syncs.length, {
      error: 'two syncs have the same name',
    })
    .default([]),
});

/** What a deployment is made from: the buckets it may touch, and its schedules. */
export type Settings = z.infer<typeof Context>;

/** A named sync of the settings. */
export type SyncSettings = Settings['syncs'][number];

/** CDK's own entries have a separator in their names, as in `aws:cdk:…`, `@aws-cdk/…` or `ssm:account=…`. */
const isOurs = ([name]: [string, unknown]): boolean => /^\w+$/.test(name);

const explain = (issue: z.core.$ZodIssue): string => {
  if (issue.code === 'unrecognized_keys') {
    const allowed = issue.path.length === 0 ? Object.keys(Context.shape) : Object.keys(Sync.shape);
    return `unknown: ${issue.keys.join(', ')} (allowed are ${allowed.join(', ')})`;
  }
  const said = issue.code === 'custom' || issue.code === 'invalid_format' || issue.code === 'too_small';
  return `${issue.path.join('.')}: ${said ? issue.message : `${shown(issue.input)}: ${issue.message}`}`;
};

/**
 * Parses the context of the CDK app strictly: a name that is not known is refused, not ignored.
 *
 * @param context all of the app's context; entries of the CDK itself are passed over
 * @throws {ContextError} naming each field, its value and what is allowed; {NoBucketsError} when only buckets are missing
 */
export function parseContext(context: Readonly<Record<string, unknown>>): Settings {
  const ours = Object.fromEntries(Object.entries(context).filter(isOurs));
  const result = Context.safeParse(ours, { reportInput: true });
  if (result.success) return result.data;
  const unnamed = ['source', 'destination'].some((name) => ours[name] === undefined || ours[name] === '');
  const problems = result.error.issues.filter(
    ({ path }) => ours[String(path[0])] !== undefined || path.length !== 1,
  );
  const lines = problems.map((issue) => `  ${explain(issue)}`).join('\n');
  if (!unnamed) throw new ContextError(`the context of the app is wrong:\n${lines}`);
  if (lines === '') throw new NoBucketsError(Context.shape.name.parse(ours['name']));
  throw new ContextError(`${missing}\n\nAlso wrong:\n${lines}`);
}
