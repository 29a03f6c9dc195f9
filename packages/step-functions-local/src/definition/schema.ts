import { z } from 'zod';
import { forbiddenInNames } from '../arns.ts';
import { isExpression } from '../expressions.ts';
import { type NumberRange, NumberRanges, Quotas } from '../limits.ts';

/**
 * The part of the Amazon States Language that the engine runs, field by field.
 *
 * A field that is not listed is refused, so that a definition never does more on AWS than here. The fields of JSONPath
 * are not listed.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html (read 2026-11-22)
 */

const json = z.json();
const expression = z.string().refine(isExpression, 'must be a JSONata expression: {% … %}');
const numberOrExpression = (field: keyof typeof NumberRanges) => {
  const { integer, min, max }: NumberRange = NumberRanges[field];
  return z.union([(integer ? z.int() : z.number()).min(min).max(max), expression]).optional();
};

/** The first character is a letter or `_`. `states` is reserved for Step Functions. */
const variableName = z
  .string()
  .max(Quotas.nameCharacters)
  .regex(/^[\p{ID_Start}_][\p{ID_Continue}]*$/u)
  .refine((name) => name !== 'states', '"states" is reserved');
const assign = z.record(variableName, json);

const jsonata = z.literal('JSONata', { error: 'only QueryLanguage "JSONata" is supported' });

const described = { Comment: z.string().optional(), QueryLanguage: jsonata.optional() };
const transition = { Next: z.string().optional(), End: z.boolean().optional() };
const valued = { Output: json.optional(), Assign: assign.optional() };

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html (read 2026-11-22) */
const retrier = z.strictObject({
  Comment: z.string().optional(),
  ErrorEquals: z.array(z.string()).min(1),
  IntervalSeconds: z.int().min(1).max(99_999_999).default(1),
  MaxAttempts: z.int().min(0).max(99_999_999).default(3),
  BackoffRate: z.number().min(1).default(2),
  MaxDelaySeconds: z.int().min(1).max(31_622_400).optional(),
  JitterStrategy: z.enum(['FULL', 'NONE']).default('NONE'),
});
const catcher = z.strictObject({
  Comment: z.string().optional(),
  ErrorEquals: z.array(z.string()).min(1),
  Next: z.string(),
  ...valued,
});
const handled = {
  Retry: z.array(retrier).default([]),
  Catch: z.array(catcher).default([]),
};

const task = z.strictObject({
  Type: z.literal('Task'),
  ...described,
  ...transition,
  ...valued,
  ...handled,
  Resource: z
    .string()
    .regex(
      /^arn:aws[a-z-]*:states:::lambda:invoke$/,
      'only the resource arn:aws:states:::lambda:invoke is supported',
    ),
  Arguments: z.strictObject({ FunctionName: z.string().min(1), Payload: json.optional() }),
  TimeoutSeconds: numberOrExpression('TimeoutSeconds'),
});

const pass = z.strictObject({ Type: z.literal('Pass'), ...described, ...transition, ...valued });

const choice = z.strictObject({
  Type: z.literal('Choice'),
  ...described,
  ...valued,
  Choices: z
    .array(
      z.strictObject({
        Comment: z.string().optional(),
        Condition: z.union([z.boolean(), expression]),
        Next: z.string(),
        ...valued,
      }),
    )
    .min(1),
  Default: z.string().optional(),
});

const wait = z
  .strictObject({
    Type: z.literal('Wait'),
    ...described,
    ...transition,
    ...valued,
    Seconds: numberOrExpression('Seconds'),
    Timestamp: z.string().optional(),
  })
  .refine((state) => (state.Seconds === undefined) !== (state.Timestamp === undefined), {
    error: 'must have either Seconds or Timestamp',
  });

const succeed = z.strictObject({ Type: z.literal('Succeed'), ...described, Output: json.optional() });

const fail = z.strictObject({
  Type: z.literal('Fail'),
  ...described,
  Error: z.string().optional(),
  Cause: z.string().optional(),
});

/** A graph in the definition. Its states are parsed one by one, so that each error names its state. */
const graphFields = {
  Comment: z.string().optional(),
  StartAt: z.string(),
  States: z.record(z.string(), z.unknown()),
};

const parallel = z.strictObject({
  Type: z.literal('Parallel'),
  ...described,
  ...transition,
  ...valued,
  ...handled,
  Branches: z.array(z.strictObject(graphFields)).min(1),
});

const itemReader = z.strictObject({
  Resource: z
    .string()
    .regex(
      /^arn:aws[a-z-]*:states:::s3:listObjectsV2$/,
      'only the reader arn:aws:states:::s3:listObjectsV2 is supported',
    ),
  Arguments: z.strictObject({ Bucket: z.string(), Prefix: z.string().optional() }),
});

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html (read 2026-11-22) */
const resultWriter = z.strictObject({
  Resource: z
    .string()
    .regex(
      /^arn:aws[a-z-]*:states:::s3:putObject$/,
      'only the writer arn:aws:states:::s3:putObject is supported',
    ),
  Arguments: z.strictObject({ Bucket: z.string(), Prefix: z.string().optional() }),
  WriterConfig: z
    .strictObject({
      OutputType: z.enum(['JSON', 'JSONL']).default('JSON'),
      Transformation: z.enum(['NONE', 'COMPACT', 'FLATTEN']).default('NONE'),
    })
    .optional(),
});

const map = z.strictObject({
  Type: z.literal('Map'),
  ...described,
  ...transition,
  ...valued,
  ...handled,
  ItemProcessor: z.strictObject({
    ...graphFields,
    ProcessorConfig: z
      .union([
        z.strictObject({ Mode: z.literal('INLINE') }),
        z.strictObject({
          Mode: z.literal('DISTRIBUTED'),
          ExecutionType: z.literal('STANDARD', { error: 'only ExecutionType "STANDARD" is supported' }),
        }),
      ])
      .default({ Mode: 'INLINE' }),
  }),
  Items: z.union([z.array(json), expression]).optional(),
  ItemSelector: json.optional(),
  MaxConcurrency: numberOrExpression('MaxConcurrency'),
  ItemReader: itemReader.optional(),
  ResultWriter: resultWriter.optional(),
  Label: z
    .string()
    .min(1)
    .max(Quotas.labelCharacters)
    .refine(
      (label) => !forbiddenInNames.test(label),
      'must not contain blanks, control characters, characters above U+FFFF, or any of ? * < > { } [ ] : ; , \\ | ^ ~ $ # % & / ` "',
    )
    .optional(),
  ToleratedFailurePercentage: numberOrExpression('ToleratedFailurePercentage'),
  ToleratedFailureCount: numberOrExpression('ToleratedFailureCount'),
});

/** One state in the definition. */
export const WrittenState = z.discriminatedUnion(
  'Type',
  [task, pass, choice, wait, succeed, fail, parallel, map],
  {
    error: (issue) =>
      issue.code === 'invalid_union'
        ? `state type ${JSON.stringify((issue.input as { Type?: unknown } | null)?.Type)} is not supported`
        : undefined,
  },
);

/** The whole definition. */
export const WrittenMachine = z.strictObject({
  ...graphFields,
  QueryLanguage: jsonata,
  TimeoutSeconds: z
    .int()
    .min(NumberRanges.TimeoutSeconds.min)
    .max(NumberRanges.TimeoutSeconds.max)
    .optional(),
  Version: z.literal('1.0').optional(),
});

export type Retrier = z.infer<typeof retrier>;
export type Catcher = z.infer<typeof catcher>;
export type TaskState = z.infer<typeof task>;
export type PassState = z.infer<typeof pass>;
export type ChoiceState = z.infer<typeof choice>;
export type WaitState = z.infer<typeof wait>;
export type SucceedState = z.infer<typeof succeed>;
export type FailState = z.infer<typeof fail>;
type WrittenParallel = z.infer<typeof parallel>;
type WrittenMap = z.infer<typeof map>;

/** States and the first of them: a machine, a branch or an item processor. */
export interface Graph {
  readonly startAt: string;
  readonly states: Readonly<Record<string, State>>;
}
export type ParallelState = Omit<WrittenParallel, 'Branches'> & { readonly branches: readonly Graph[] };
export type MapState = Omit<WrittenMap, 'ItemProcessor'> & {
  readonly processor: Graph;
  readonly distributed: boolean;
};
/** One state with its inner graphs parsed. */
export type State =
  | TaskState
  | PassState
  | ChoiceState
  | WaitState
  | SucceedState
  | FailState
  | ParallelState
  | MapState;
