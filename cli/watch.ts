import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeExecutionCommand, type DescribeExecutionCommandOutput } from '@aws-sdk/client-sfn';
import { abortable } from 'step-functions-local/clock';
import * as z from 'zod';
import { total } from '../core/model/plan.ts';
import { PlanCursor } from '../core/model/plan-cursor.ts';
import { runPaths } from '../core/model/run-paths.ts';
import { runRecordPath } from '../core/run/open-run.ts';
import type { Connection } from './connection.ts';
import { RecentExecution } from './describe.ts';
import type { Progress } from './events.ts';
import { ResultTally } from './result-tally.ts';
import { RunFolder } from './run-folder.ts';

/** Milliseconds between two looks: quick at first, for small runs. */
const firstPause = 100;
const longestPause = { here: 500, deployed: 2_000 };
/** A look may take at most this share of the time, however large the run: one in so many. */
const share = 10;

/** Name of a run, which its execution's ARN ends with. */
export const runOf = (executionArn: string): string => executionArn.split(':').at(-1) as string;

/** Follows one execution. */
export class Watch {
  readonly #connection: Connection;
  readonly #executionArn: string;
  readonly #folder: RunFolder;
  readonly #results: ResultTally;
  #plan: PlanCursor | undefined;
  #kind: Progress['kind'] | undefined;

  constructor(connection: Connection, executionArn: string) {
    this.#connection = connection;
    this.#executionArn = executionArn;
    this.#folder = new RunFolder(connection.s3, connection.workBucket, runOf(executionArn));
    this.#results = new ResultTally(this.#folder);
  }

  /** The files of the run. */
  get folder(): RunFolder {
    return this.#folder;
  }

  /** What Step Functions says of the execution. */
  describe(): Promise<DescribeExecutionCommandOutput> {
    return this.#connection.sfn.send(new DescribeExecutionCommand({ executionArn: this.#executionArn }));
  }

  /** How far the run is, from its plan and its results. */
  async look(): Promise<Progress> {
    if (this.#plan?.phase !== 'done') this.#plan = await this.#folder.json(runPaths.planCursor, PlanCursor);
    const plan = this.#plan;
    if (plan === undefined) return nothingYet;
    const kind = await this.#kindOfRun();
    const planned = total(plan.counts.planned);
    const { listed } = plan.counts;
    if (plan.phase !== 'done') {
      return { kind, phase: 'planning', listed, planned, done: { objects: 0, bytes: 0 }, failed: 0 };
    }
    if (kind !== 'copy') {
      return { kind, phase: 'reporting', listed, planned, done: { objects: 0, bytes: 0 }, failed: 0 };
    }
    await this.#results.update(planned.objects);
    const { bytes, failed } = this.#results;
    // In very large runs, results that two workers wrote of the same object count twice.
    const objects = Math.min(this.#results.objects, planned.objects);
    const estimate = Math.floor((planned.bytes * objects) / Math.max(1, planned.objects));
    const done = { objects, bytes: ResultTally.knowsBytes(planned.objects) ? bytes : estimate };
    const phase = objects >= planned.objects ? 'reporting' : 'copying';
    return { kind, phase, listed, planned, done, failed };
  }

  /** Asked once there is a plan, which Prepare's record precedes. */
  async #kindOfRun(): Promise<Progress['kind']> {
    if (this.#kind === undefined) {
      const record = await this.#folder.json(runRecordPath, Record);
      this.#kind = record === undefined ? 'copy' : kindOf(record.request);
    }
    return this.#kind;
  }

  /**
   * Polls an execution that was just started or redriven until it has ended.
   *
   * @param redrives how many redrives there were, including this one
   * @param tell called with each look, the last of them after the end
   * @throws the signal's reason when it is aborted: the execution continues
   */
  async untilEnd(
    redrives: number,
    tell: (progress: Progress) => void,
    signal: AbortSignal,
  ): Promise<DescribeExecutionCommandOutput> {
    const recent = new RecentExecution(this.#connection.sfn, this.#executionArn, redrives);
    let pause = firstPause;
    while (true) {
      const began = performance.now();
      // A server that does not answer must not keep the user waiting.
      const execution = await abortable(recent.describe(), signal);
      tell(await abortable(this.look(), signal));
      if (execution !== undefined && !isGoingOn(execution)) return execution;
      const took = performance.now() - began;
      signal.throwIfAborted();
      await sleep(Math.max(pause, took * share), undefined, { signal });
      const longest = this.#connection.isLocal ? longestPause.here : longestPause.deployed;
      pause = Math.min(longest, pause * 1.3);
    }
  }
}

const isGoingOn = ({ status }: DescribeExecutionCommandOutput): boolean =>
  status === 'RUNNING' || status === 'PENDING_REDRIVE';

/** The request of a run, as far as its progress depends on it. */
const Record = z.object({
  request: z.object({
    dest: z.string().optional(),
    dryRun: z.boolean().optional(),
    compareOnly: z.boolean().optional(),
  }),
});

function kindOf({ dest, dryRun, compareOnly }: z.infer<typeof Record>['request']): Progress['kind'] {
  if (dest === undefined) return 'list';
  return dryRun === true || compareOnly === true ? 'plan' : 'copy';
}

const nothingYet: Progress = {
  kind: 'copy',
  phase: 'preparing',
  listed: 0,
  planned: { objects: 0, bytes: 0 },
  done: { objects: 0, bytes: 0 },
  failed: 0,
};
