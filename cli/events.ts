import type { PlanLine } from '../core/model/plan.ts';
import type { Report } from '../core/model/report.ts';

/** How far a run is. */
export interface Progress {
  /** Whether the run copies what it plans, only plans it, or only lists the source. */
  readonly kind: 'copy' | 'plan' | 'list';
  readonly phase: 'preparing' | 'planning' | 'copying' | 'reporting';
  /** Keys that the source has shown so far. */
  readonly listed: number;
  /** To be copied, as far as the plan goes. */
  readonly planned: { readonly objects: number; readonly bytes: number };
  /** Copied, or gone from the source meanwhile. `bytes` is an estimate in very large runs. */
  readonly done: { readonly objects: number; readonly bytes: number };
  /** Not copied so far. */
  readonly failed: number;
}

/** An object that is not where it should be: a line of `failures.jsonl`. */
export interface Failure {
  readonly sourceKey: string;
  readonly target?: string | undefined;
  readonly status: string;
  readonly reason?: string | undefined;
  readonly error?: string | undefined;
  readonly message?: string | undefined;
}

/** How an execution ended. */
export interface Ended {
  readonly executionArn: string;
  /** Of Step Functions: SUCCEEDED, FAILED, TIMED_OUT or ABORTED. */
  readonly status: string;
  /** Name of the error and what it says, unless it succeeded. */
  readonly error?: string | undefined;
  readonly message?: string | undefined;
  readonly exitCode: number;
  /** A redrive may do what is left undone. */
  readonly mayRedrive: boolean;
  /** What became of every key; left out when the run ended before its report. */
  readonly report?: Report | undefined;
  /** The first failures of the report. */
  readonly failures: readonly Failure[];
}

/** What Step Functions says of an execution. */
export interface Described {
  readonly executionArn: string;
  readonly run: string;
  readonly status: string;
  readonly startedAt: string | undefined;
  /** When it was redriven last. */
  readonly redrivenAt: string | undefined;
  readonly endedAt: string | undefined;
}

/** What happens while a run is watched. With `--json` each is a line. */
export type RunEvent =
  | {
      readonly event: 'started';
      readonly executionArn: string;
      readonly run: string;
      readonly request: Readonly<Record<string, unknown>>;
    }
  | { readonly event: 'redriven'; readonly executionArn: string; readonly run: string }
  | ({ readonly event: 'progress' } & Progress)
  | ({ readonly event: 'described' } & Described & Progress)
  | ({ readonly event: 'planned' } & PlanLine)
  | ({ readonly event: 'ended' } & Ended);

/** Shows events, to a person or a program. */
export interface View {
  show(event: RunEvent): void;
}
