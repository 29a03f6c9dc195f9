/** Bytes in one kibibyte. */
const KiB = 1024;

/** Milliseconds in one second. */
export const millisPerSecond = 1_000;
/** Milliseconds in one day. */
export const millisPerDay = 24 * 60 * 60 * millisPerSecond;

/**
 * Hard quotas of Step Functions that the engine enforces.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html (read 2026-11-22)
 */
export const Quotas = {
  /** Bytes of the JSON text, in UTF-8, of an input or output of a task, a state or an execution. */
  payloadBytes: 256 * KiB,
  /** Events in the history of one execution. The last one is its end. */
  historyEvents: 25_000,
  /** Bytes of a definition and of one API request. */
  definitionBytes: 1024 * KiB,
  /** Child executions of one Map Run at the same time. */
  mapRunConcurrency: 10_000,
  /** STANDARD child executions that one Map Run starts per second. */
  mapRunDispatchPerSecond: 100,
  /** Redrives of one Map Run. */
  mapRunRedrives: 1_000,
  /** Characters in the name of an execution, a state or a variable. */
  nameCharacters: 80,
  /** Characters in the `Label` of a Map. */
  labelCharacters: 40,
} as const;

/**
 * The largest number of iterations that an inline Map runs at the same time. A higher `MaxConcurrency` has no effect.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html (read 2026-11-22)
 */
export const inlineMapConcurrency = 40;

/** The numbers that a field accepts. `min` and `max` are included. */
export interface NumberRange {
  readonly integer: boolean;
  readonly min: number;
  readonly max: number;
}

/**
 * The fields that hold a number or an expression that returns one, and the numbers they accept.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html, …/state-wait.html, …/state-map-distributed.html (read 2026-11-22)
 */
export const NumberRanges = {
  TimeoutSeconds: { integer: true, min: 1, max: 99_999_999 },
  Seconds: { integer: true, min: 0, max: 99_999_999 },
  MaxConcurrency: { integer: true, min: 0, max: Number.MAX_SAFE_INTEGER },
  ToleratedFailurePercentage: { integer: false, min: 0, max: 100 },
  ToleratedFailureCount: { integer: true, min: 0, max: Number.MAX_SAFE_INTEGER },
} as const satisfies Record<string, NumberRange>;

/**
 * Limits on variables: `variableBytes` for one variable and one `Assign`, `totalBytes` for all variables of an execution.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html (read 2026-11-22)
 */
export const VariableLimits = { variableBytes: 256 * KiB, totalBytes: 10 * 1024 * KiB } as const;

/**
 * When an execution can be redriven: within 14 days of its end, less than a year after its start, and with fewer than
 * 24,999 events, so that `ExecutionRedriven` and one more event fit.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html (read 2026-11-22)
 */
export const RedriveLimits = {
  periodMillis: 14 * millisPerDay,
  durationMillis: 365 * millisPerDay,
  historyEvents: 24_999,
} as const;

/**
 * How long after its end an execution can still be described. Its name cannot be used again before that.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html (read 2026-11-22)
 */
export const retentionMillis = 90 * millisPerDay;

/**
 * The evaluation steps that one JSONata expression may take.
 *
 * AWS allows one second. The engine counts steps instead, about as many as fit into a second. A slow computer then does
 * not fail expressions that AWS accepts. AWS also limits memory and depth; the engine does not.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html (read 2026-11-22)
 */
export const maxExpressionSteps = 500_000;
