/** Bytes in one kibibyte. */
const KiB = 1024;

/** Milliseconds in one second and in one day. */
export const SECOND = 1_000;
export const DAY = 24 * 60 * 60 * SECOND;

/**
 * Hard quotas of Step Functions that the engine enforces; nothing here is tunable.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html (read 2026-11-22)
 */
export const Quotas = {
  /** Bytes of JSON in UTF-8 of an input or an output, of a task, a state or an execution. */
  payloadBytes: 256 * KiB,
  /** Events in the history of one execution; the last one must be its end. */
  historyEvents: 25_000,
  /** Bytes of a definition, and of one API request. */
  definitionBytes: 1024 * KiB,
  /** Child executions of one Map Run at the same time. */
  mapRunConcurrency: 10_000,
  /** STANDARD child executions that one Map Run starts in a second. */
  mapRunDispatchPerSecond: 100,
  /** Redrives of one Map Run. */
  mapRunRedrives: 1_000,
  /** Characters of the name of an execution, a state or a variable. */
  nameCharacters: 80,
  /** Characters of a Map's `Label`. */
  labelCharacters: 40,
} as const;

/**
 * Iterations of an inline Map at the same time, whatever `MaxConcurrency` asks for.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html (read 2026-11-22)
 */
export const INLINE_MAP_CONCURRENCY = 40;

/** What a number may be. */
export interface NumberRange {
  readonly integer: boolean;
  readonly min: number;
  readonly max: number;
}

/**
 * The fields that hold a number, or an expression that gives one, and what it may be.
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
 * Limits on variables: bytes of one variable and of one `Assign`, and of all variables of an execution.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html (read 2026-11-22)
 */
export const VariableLimits = { variableBytes: 256 * KiB, totalBytes: 10 * 1024 * KiB } as const;

/**
 * When an execution may be redriven: within 14 days of its end, less than a year after its start, with fewer than
 * 24,999 events, so that `ExecutionRedriven` and one more event fit.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html (read 2026-11-22)
 */
export const RedriveLimits = {
  periodMillis: 14 * DAY,
  durationMillis: 365 * DAY,
  historyEvents: 24_999,
} as const;

/**
 * Days after its end that an execution can be described, and that its name stays taken.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html (read 2026-11-22)
 */
export const RETENTION_MILLIS = 90 * DAY;

/**
 * Steps of evaluation that one JSONata expression may take.
 *
 * AWS allows one second. The engine counts steps instead, about as many as that second holds, so that a busy
 * machine does not fail an expression that AWS would not. AWS also bounds memory and depth; the engine does not.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html (read 2026-11-22)
 */
export const EXPRESSION_STEPS = 500_000;
