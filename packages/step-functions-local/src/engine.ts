import { join } from 'node:path';
import { parseStateMachineArn } from './arns.ts';
import { type Clock, systemClock } from './clock.ts';
import { loadDefinition } from './definition/load.ts';
import { Executions } from './executions.ts';
import { Expressions } from './expressions.ts';
import { atMost } from './lambda/concurrency.ts';
import type { FaultRule } from './lambda/faults.ts';
import type { Invoke } from './lambda/invocation.ts';
import { fileLogSink, type LogSink } from './lambda/log-sink.ts';
import { type Functions, LambdaPool } from './lambda/pool.ts';
import type { Machine } from './machine.ts';
import type { ItemSource, ResultSink } from './map-run/ports.ts';
import { Queries } from './queries.ts';
import type { Random } from './random.ts';
import { endUnfinished } from './recovery.ts';
import { type S3Settings, s3Ports } from './s3/s3-ports.ts';
import { Store } from './store/store.ts';

export interface EngineOptions {
  /** Holds the executions and the functions' logs; one engine at a time. */
  readonly dataDirectory: string;
  /** The state machine in Amazon States Language, as an object or as JSON. */
  readonly definition: string | object;
  /** `arn:aws:states:<region>:<account>:stateMachine:<name>`. */
  readonly stateMachineArn: string;
  /** What `$states.context.Execution.RoleArn` and DescribeStateMachine say. */
  readonly roleArn?: string;
  /** The functions that Tasks invoke, by name or ARN. */
  readonly functions?: Functions;
  /** Where Distributed Maps read their items and write their results. */
  readonly s3?: S3Settings;
  /** Invocations to break, for tests. */
  readonly faults?: readonly FaultRule[];
  /** Told of each invocation that is broken. */
  readonly onFault?: (rule: FaultRule) => void;
  readonly clock?: Clock;
  /** For jitter and `$random`. */
  readonly random?: Random;
  /** Runs functions in another way than in worker threads. */
  readonly invoke?: Invoke;
  /** Takes what functions write to standard output and error; a file for each function by default. */
  readonly logs?: LogSink;
  /** Items and results without S3. */
  readonly itemSource?: ItemSource;
  readonly resultSink?: ResultSink;
  /**
   * How late DescribeExecution learns of a start, an end or a redrive, in milliseconds: AWS documents its answers as
   * eventually consistent. 0 by default.
   */
  readonly describeLagMillis?: number;
  /** Invocations of all functions at the same time; Lambda throttles the others. Any number by default. */
  readonly concurrentExecutions?: number;
  /** Threads of one function at the same time. */
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
  /** Starts threads ahead of the first invocation. Without names: one of each function. */
  warm(functionNames?: readonly string[]): void;
  /** Adds rules that break invocations. */
  addFaults(rules: readonly FaultRule[]): void;
  /** Ends what is RUNNING as ABORTED (`engine stopped`), then all threads. */
  close(): Promise<void>;
}

/**
 * Opens the engine on its data directory and ends, as ABORTED, what a killed engine left RUNNING there.
 *
 * @throws {DefinitionError} when the definition has anything that the engine would not run as AWS does
 */
export function createEngine(options: EngineOptions): Engine {
  const definition = loadDefinition(options.definition);
  const address = parseStateMachineArn(options.stateMachineArn);
  const random = options.random ?? Math.random;
  const logs = options.logs ?? fileLogSink(join(options.dataDirectory, 'logs'));
  const { functions = {}, faults, onFault, maxThreads, concurrentExecutions } = options;
  const pool = new LambdaPool({ functions, logs, faults, onFault, maxThreads });
  const invoke = options.invoke ?? pool.invoke;
  const ports = options.s3 ? s3Ports(options.s3) : undefined;
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
    invoke: concurrentExecutions === undefined ? invoke : atMost(concurrentExecutions, invoke),
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

/** Distributed Maps of an engine without S3 fail by name. */
const noPorts: ItemSource & ResultSink = {
  // biome-ignore lint/correctness/useYield: it fails before there is anything to yield
  async *listObjects(bucket) {
    throw new Error(`this engine has no S3 endpoint to list ${bucket}`);
  },
  putObject: async (bucket) => {
    throw new Error(`this engine has no S3 endpoint to write to ${bucket}`);
  },
};
