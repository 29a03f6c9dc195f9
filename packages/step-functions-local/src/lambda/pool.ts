import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { FaultInjector, type FaultRule } from './faults.ts';
import type { FunctionError, Invocation, Invoke, InvokeRequest, InvokeResponse } from './invocation.ts';
import type { LogSink } from './log-sink.ts';
import { type FunctionSettings, FunctionThread } from './thread.ts';

/** The functions of a stack, by name or ARN. */
export type Functions = Readonly<Record<string, FunctionSettings>>;

export interface PoolOptions {
  readonly functions: Functions;
  readonly logs: LogSink;
  /** Invocations to break, for tests. */
  readonly faults?: readonly FaultRule[];
  /** Called for each invocation that a rule breaks. */
  readonly onFault?: (rule: FaultRule) => void;
  /** Threads per function. More invocations wait. @default the number of cores, at least 4 */
  readonly maxThreads?: number;
  /** Milliseconds after which an idle thread ends. @default 60,000 */
  readonly idleMillis?: number;
}

/** Not more, because starting a thread uses a core for a third of a second. Handlers mostly wait for S3. */
const defaultMaxThreads = Math.max(4, availableParallelism());
const defaultIdleMillis = 60_000;

/** Runs functions in worker threads: one pool per function, one invocation at a time per thread. */
export class LambdaPool {
  readonly #pools = new Map<string, FunctionPool>();
  readonly #faults: FaultInjector;

  constructor(options: PoolOptions) {
    this.#faults = new FaultInjector(options.faults ?? [], options.onFault);
    for (const [key, settings] of Object.entries(options.functions)) {
      this.#pools.set(key, new FunctionPool(key, settings, options));
    }
  }

  /** Invokes a function and waits for its response. Never rejects. */
  readonly invoke: Invoke = async (request) => {
    const pool = this.#find(request.functionName);
    if (!pool) return notFound(request.functionName);
    const event = JSON.stringify(request.payload);
    const plan = this.#faults.plan(pool.name, request);
    const start = () => pool.start(event, request.queued);
    return await (plan === undefined ? start().response : plan({ start }));
  };

  /** Starts a thread for each of these functions, so that their first invocation does not wait. */
  warm(names: readonly string[] = [...this.#pools.keys()]): void {
    for (const name of names) this.#find(name)?.warm();
  }

  /** Adds rules to those that break invocations. */
  addFaults(rules: readonly FaultRule[]): void {
    this.#faults.add(rules);
  }

  /** Ends all threads. Invocations that still wait for a thread never start. */
  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.close()));
  }

  /** Finds a function by its key, its name or its ARN, with or without a qualifier. */
  #find(nameOrArn: string): FunctionPool | undefined {
    const name = nameOrArn.startsWith('arn:') ? nameOrArn.split(':')[6] : nameOrArn;
    return this.#pools.get(nameOrArn) ?? [...this.#pools.values()].find((pool) => pool.name === name);
  }
}

function notFound(functionName: string): InvokeResponse {
  return {
    kind: 'serviceError',
    error: 'Lambda.ResourceNotFoundException',
    cause: `Function not found: ${functionName} (Service: Lambda, Status Code: 404)`,
  };
}

class FunctionPool {
  readonly name: string;
  readonly arn: string;
  readonly #settings: FunctionSettings;
  readonly #options: PoolOptions;
  readonly #idle: { thread: FunctionThread; timer: NodeJS.Timeout }[] = [];
  readonly #waiting: (() => void)[] = [];
  #threads = new Set<FunctionThread>();
  #closed = false;

  constructor(key: string, settings: FunctionSettings, options: PoolOptions) {
    this.name = key.startsWith('arn:') ? (key.split(':')[6] ?? key) : key;
    this.arn = key.startsWith('arn:') ? key : `arn:aws:lambda:us-east-1:000000000000:function:${key}`;
    this.#settings = settings;
    this.#options = options;
  }

  warm(): void {
    if (this.#threads.size === 0) this.#release(this.#spawn());
  }

  start(event: string, queued?: InvokeRequest['queued']): Invocation {
    const requestId = randomUUID();
    const start = Promise.withResolvers<void>();
    let thread: FunctionThread | undefined;
    let killed = false;
    const died = {
      errorType: 'Lambda.Unknown',
      errorMessage: `RequestId: ${requestId} Process exited before completing request`,
    };
    const run = async (): Promise<InvokeResponse> => {
      const acquiring = this.#acquire();
      queued?.(acquiring.then(() => undefined));
      thread = await acquiring;
      if (thread === undefined) return { kind: 'functionError', functionError: died };
      if (killed) return this.#discard(thread, died);
      return await this.#runIn(thread, requestId, event, start.resolve);
    };
    const response = run();
    return {
      response,
      started: start.promise,
      kill: () => {
        killed = true;
        thread?.kill(requestId, died);
      },
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { timer } of this.#idle) clearTimeout(timer);
    for (const wake of this.#waiting.splice(0)) wake();
    await Promise.all([...this.#threads].map((thread) => thread.terminate()));
  }

  async #runIn(
    thread: FunctionThread,
    requestId: string,
    event: string,
    onStart: () => void,
  ): Promise<InvokeResponse> {
    const response = await thread.invoke(requestId, event, this.#settings.timeoutSeconds, onStart);
    this.#release(thread);
    return response;
  }

  /** Resolves with a thread as soon as one is free, or with undefined when the pool is closed. */
  async #acquire(): Promise<FunctionThread | undefined> {
    while (!this.#closed) {
      const idle = this.#idle.pop();
      if (idle) clearTimeout(idle.timer);
      if (idle?.thread.alive) return idle.thread;
      if (idle) this.#threads.delete(idle.thread);
      else if (this.#threads.size < (this.#options.maxThreads ?? defaultMaxThreads)) return this.#spawn();
      else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return undefined;
  }

  /** Releases the thread of an invocation that was killed while it waited for the thread. */
  #discard(thread: FunctionThread, functionError: FunctionError): InvokeResponse {
    this.#release(thread);
    return { kind: 'functionError', functionError };
  }

  #spawn(): FunctionThread {
    const thread = new FunctionThread(this.name, this.arn, this.#settings, this.#options.logs);
    this.#threads.add(thread);
    return thread;
  }

  #release(thread: FunctionThread): void {
    if (thread.alive && !this.#closed) {
      const end = () => {
        this.#idle.splice(
          this.#idle.findIndex((each) => each.thread === thread),
          1,
        );
        this.#threads.delete(thread);
        void thread.terminate();
      };
      this.#idle.push({
        thread,
        timer: setTimeout(end, this.#options.idleMillis ?? defaultIdleMillis).unref(),
      });
    } else {
      this.#threads.delete(thread);
    }
    this.#waiting.shift()?.();
  }
}
