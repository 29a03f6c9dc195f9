import * as z from 'zod';

/** Of one reason. */
const mostSamples = 5;
/** How many reasons are counted separately. All others are counted together, by status. */
const mostReasons = 50;
/** Characters of a message that a sample keeps: it may name a key of 1,024 more than once. */
const longestMessage = 4_000;

/** An object that is not where it should be, as an example of what failed for the same reason. */
const FailureSample = z.strictObject({
  sourceKey: z.string(),
  /** The version that a list names. */
  versionId: z.string().optional(),
  target: z.string().optional(),
  /** What happened, as text. */
  message: z.string().optional(),
});
export type FailureSample = z.infer<typeof FailureSample>;

/** What failed for the same reason. */
export const FailureGroup = z.strictObject({
  status: z.string(),
  /** Name of the error, or why the key is refused; left out where the status says it all, and of all other reasons. */
  reason: z.string().optional(),
  objects: z.int().min(1),
  /** The first ones. */
  samples: z.array(FailureSample),
});
export type FailureGroup = z.infer<typeof FailureGroup>;

/** Counts one failure more. */
export function countFailure(
  groups: readonly FailureGroup[],
  status: string,
  wanted: string | undefined,
  { message, ...named }: FailureSample,
): FailureGroup[] {
  const isOf = (reason: string | undefined) => (group: FailureGroup) =>
    group.status === status && group.reason === reason;
  const isKnown = groups.some(isOf(wanted));
  const reason = isKnown || groups.length < mostReasons ? wanted : undefined;
  const sample = {
    ...named,
    ...(message === undefined ? {} : { message: message.slice(0, longestMessage) }),
  };
  if (!groups.some(isOf(reason))) {
    return [
      ...groups,
      { status, ...(reason === undefined ? {} : { reason }), objects: 1, samples: [sample] },
    ];
  }
  return groups.map((group) =>
    isOf(reason)(group)
      ? {
          ...group,
          objects: group.objects + 1,
          samples: group.samples.length < mostSamples ? [...group.samples, sample] : group.samples,
        }
      : group,
  );
}
