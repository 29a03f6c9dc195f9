import * as z from 'zod';

/** What a list holds, in numbers of lines. */
export const ListLines = z.strictObject({
  field: z.enum(['filesFrom', 'prefixesFrom']),
  /** Lines that name something. */
  names: z.int().nonnegative(),
  /** Those of them that end in a carriage return. */
  returns: z.int().nonnegative(),
  /** Lines that are skipped since they begin with `#`. */
  comments: z.int().nonnegative(),
});
export type ListLines = z.infer<typeof ListLines>;

/** The lines of a list of which nothing is read yet. */
export const noLines = (field: ListLines['field']): ListLines => ({
  field,
  names: 0,
  returns: 0,
  comments: 0,
});
