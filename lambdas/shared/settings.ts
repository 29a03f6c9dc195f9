import * as z from 'zod';

/**
 * Parses the environment once, at the start of a function.
 *
 * @throws {Error} naming every variable that is missing or wrong
 */
export function readSettings<T extends z.ZodRawShape>(shape: T): z.infer<z.ZodObject<T>> {
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
export const commonSettings = {
  /** The stack's own bucket. */
  WORK_BUCKET: z.string().min(3),
  AWS_REGION: z.string().min(1),
  /** Milliseconds kept free before Lambda ends the function, for writing what was done. */
  DEADLINE_MARGIN_MILLIS: z.coerce.number().int().nonnegative().default(1_000),
};

/** Settings of the function that parses the request. */
export const bucketSettings = {
  /** Buckets that the stack was deployed to read from, as a JSON array; `["*"]` for any. */
  SOURCE_BUCKETS: names,
  /** Buckets that the stack was deployed to write to, as a JSON array; `["*"]` for any. */
  DESTINATION_BUCKETS: names,
  /** ARNs of roles that requests may name, as a JSON array; `["*"]` for any, on a machine of the user's own. */
  ROLES: names.default([]),
};

/** Settings of the functions that read lists of keys. */
export const listSettings = {
  /** Places that lists may be read from besides the source and the work bucket: `s3://bucket/prefix`, as a JSON array. */
  LISTS: names.default([]),
};
