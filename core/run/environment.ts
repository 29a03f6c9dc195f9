import * as z from 'zod';

/**
 * Parses the environment once, at the start of a function.
 *
 * @throws {Error} naming every variable that is missing or wrong
 */
export function readEnvironment<T extends z.ZodRawShape>(shape: T): z.infer<z.ZodObject<T>> {
  const parsed = z.object(shape).safeParse(process.env);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`environment of the function: ${problems.join('; ')}`);
}

const names = z
  .string()
  .transform((text) => JSON.parse(text) as unknown)
  .pipe(z.array(z.string()));

/** Settings of every function. */
export const commonVariables = {
  /** The stack's own bucket. */
  WORK_BUCKET: z.string().min(3),
  AWS_REGION: z.string().min(1),
  /** Milliseconds kept free before Lambda ends the function, for writing what was done. */
  DEADLINE_MARGIN_MILLIS: z.coerce.number().int().nonnegative().default(1_000),
};

/**
 * What the function that parses the request allows in place of what the stack was deployed for. Set only where
 * s3copy runs on the user's own machine, each as a JSON array; `["*"]` is any.
 */
export const allowedVariables = {
  SOURCE_BUCKETS: names.optional(),
  DESTINATION_BUCKETS: names.optional(),
  ROLES: names.optional(),
  KEYS: names.optional(),
};

/** Set only where s3copy runs on the user's own machine, in place of the limit of an account. */
export const limitVariables = {
  /** How many functions run at once; `any` where nothing limits them. */
  FUNCTIONS_AT_ONCE: z.union([z.literal('any'), z.coerce.number().int().positive()]).optional(),
};
