import { join } from 'node:path';
import { parseStateMachineArn } from './arns.ts';
import { type Clock, systemClock } from './clock.ts';
import { loadDefinition } from './definition/load.ts';
import { Executions } from './executions.ts';
import { Expressions } from './expressions.ts';
import { limitConcurrency } from './lambda/concurrency.ts';
import type { FaultRule } from './lambda/faults.ts';
import type { Invoke } from './lambda/invocation.ts';
import { fileLogSink, type LogSink } from './lambda/log-sink.ts';
import { type Functions, LambdaPool } from './lambda/pool.ts';
import type { Machine } from './machine.ts';
import type { ItemSource, ResultSink } from './map-run/ports.ts';
import { Queries } from './queries.ts';
import type { Random } from './random.ts';
import { endUnfinished } from './recovery.ts';
import { createS3Ports, type S3Settings } from './s3/s3-ports.ts';
import { Store } from './store/store.ts';

export interface EngineOptions {
  /** The folder of the executions and the functions' logs. Only one engine at a time can use it. */
  readonly dataDirectory: string;
  /** The state machine in Amazon States Language, as an object or as JSON. */
  readonly definition: string | object;
  /** `arn:aws:states:<region>:<account>:stateMachine:<name>`. */
  readonly stateMachineArn: string;
  /** Shown in `$states.context.Execution.RoleArn` and by DescribeStateMachine. */
  readonly roleArn?: string;
  /** The functions that Tasks invoke, by name or ARN. */
  readonly functions?: Functions;
  /** Where Distributed Maps read their items and write their results. */
  readonly s3?: S3Settings;
  /** Invocations to break, for tests. */
  readonly faults?: readonly FaultRule[];
  /** Called for each invocation that a rule breaks. */
  readonly onFault?: (rule: FaultRule) => void;
  readonly clock?: Clock;
  /** For jitter and `$random`. */
  readonly random?: Random;
  /** Replaces the worker threads that run functions. */
  readonly invoke?: Invoke;
  /** Receives what functions write to standard output and error. @default one file per function */
  readonly logs?: LogSink;
  /** Replaces S3 as the place that items are listed from. */
  readonly itemSource?: ItemSource;
  /** Replaces S3 as the place that results are written to. */
  readonly resultSink?: ResultSink;
  /**
   * Milliseconds until DescribeExecution shows a start, an end or a redrive. AWS documents its answers as eventually
   * consistent.
   *
   * @default 0
   */
  readonly describeLagMillis?: number;
  /** How many invocations of all functions may run at the same time. More are throttled. @default no limit */
  readonly concurrentExecutions?: number;
  /** Threads per function. @default the number of cores, at least 4 */
  readonly maxThreads?: number;
}

/** Runs one state machine. */
export interface Engine
  extends Pick<
    Executions,
    'startExecution' | 'stopExecution' | 'redriveExecution' | 'waitFor' | 'updateMapRun'
  > {
  readonly queries: Queries;
  readonly machine: Machine;
  /** Starts one thread per function before the first invocation. @default all functions */
  warm(functionNames?: readonly string[]): void;
  /** Adds rules that break invocations, for tests. */
  addFaults(rules: readonly FaultRule[]): void;
  /** Ends running executions as ABORTED with the cause `engine stopped`, then ends all threads. */
  close(): Promise<void>;
}

/**
 * Opens the engine on its data directory. Executions that a killed engine left RUNNING there end as ABORTED.
 *
 * @throws {DefinitionError} when the definition contains something that the engine does not run as AWS does
 */
export function createEngine(options: EngineOptions): Engine {
  const definition = loadDefinition(options.definition);
  const address = parseStateMachineArn(options.stateMachineArn);
  const random = options.random ?? Math.random;
  const logs = options.logs ?? fileLogSink(join(options.dataDirectory, 'logs'));
  const { functions = {}, faults, onFault, maxThreads, concurrentExecutions } = options;
  const pool = new LambdaPool({ functions, logs, faults, onFault, maxThreads });
  const invoke = options.invoke ?? pool.invoke;
  const ports = options.s3 ? createS3Ports(options.s3) : undefined;
  const store = new Store(options.dataDirectory);
  const clock = options.clock ?? systemClock;
  const openMapRuns: Machine['openMapRuns'] = new Map();
  const executions = new Executions({
    address,
    roleArn: options.roleArn ?? `arn:aws:iam::${address.account}:role/local`,
    definition,
    store,
    clock,
    random,
    expressions: new Expressions(random),
    invoke: concurrentExecutions === undefined ? invoke : limitConcurrency(concurrentExecutions, invoke),
    itemSource: options.itemSource ?? ports ?? noPorts,
    resultSink: options.resultSink ?? ports ?? noPorts,
    openMapRuns,
  });
  endUnfinished(executions.machine);
  return {
    startExecution: (input) => executions.startExecution(input),
    stopExecution: (input) => executions.stopExecution(input),
    redriveExecution: (input) => executions.redriveExecution(input),
    updateMapRun: (input) => executions.updateMapRun(input),
    waitFor: (arn) => executions.waitFor(arn),
    queries: new Queries(executions.machine, options.describeLagMillis),
    machine: executions.machine,
    warm: (names) => pool.warm(names),
    addFaults: (rules) => pool.addFaults(rules),
    close: async () => {
      await executions.close();
      await pool.close();
      await logs.close();
      ports?.close();
      store.close();
    },
  };
}

/** Fails the Distributed Maps of an engine that has no S3. */
const noPorts: ItemSource & ResultSink = {
  // biome-ignore lint/correctness/useYield: it always throws
  async *listObjects(bucket) {
    throw new Error(`Cannot list the bucket "${bucket}": the engine was created without the option s3.`);
  },
  putObject: async (bucket) => {
    throw new Error(`Cannot write to the bucket "${bucket}": the engine was created without the option s3.`);
  },
};
