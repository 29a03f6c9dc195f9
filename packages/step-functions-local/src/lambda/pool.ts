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
  /** Told of each invocation that is broken. */
  readonly onFault?: (rule: FaultRule) => void;
  /** Threads of one function at the same time; further invocations wait. */
  readonly maxThreads?: number;
  /** Milliseconds after which an idle thread ends. */
  readonly idleMillis?: number;
}

/** Handlers wait for S3 most of the time, but to start a thread takes a core for a third of a second. */
const MAX_THREADS = Math.max(4, availableParallelism());
const IDLE_MILLIS = 60_000;

/** Runs functions in worker threads: one pool for each function, one invocation at a time in each thread. */
export class LambdaPool {
  readonly #pools = new Map<string, FunctionPool>();
  readonly #faults: FaultInjector;

  constructor(options: PoolOptions) {
    this.#faults = new FaultInjector(options.faults ?? [], options.onFault);
    for (const [key, settings] of Object.entries(options.functions)) {
      this.#pools.set(key, new FunctionPool(key, settings, options));
    }
  }

  /** Invokes a function and waits for its answer; never rejects. */
  readonly invoke: Invoke = async (request) => {
    const pool = this.#find(request.functionName);
    if (!pool) return notFound(request.functionName);
    const event = JSON.stringify(request.payload);
    const plan = this.#faults.plan(pool.name, request);
    const start = () => pool.start(event, request.queued);
    return await (plan ? plan({ start }) : start().response);
  };

  /** Starts a thread of each of these functions, so that their first invocation finds them warm. */
  warm(names: readonly string[] = [...this.#pools.keys()]): void {
    for (const name of names) this.#find(name)?.warm();
  }

  /** Adds rules to those that break invocations. */
  addFaults(rules: readonly FaultRule[]): void {
    this.#faults.add(rules);
  }

  /** Ends all threads. Nothing runs any more, however it was asked for. */
  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.close()));
  }

  /** By the key it was given under, or by the name in an ARN, qualified or not. */
  #find(nameOrArn: string): FunctionPool | undefined {
    const name = nameOrArn.startsWith('arn:') ? nameOrArn.split(':')[6] : nameOrArn;
    return this.#pools.get(nameOrArn) ?? [...this.#pools.values()].find((pool) => pool.name === name);
  }
}

function notFound(functionName: string): InvokeResponse {
  const error = 'Lambda.ResourceNotFoundException';
  return {
    serviceError: { error, cause: `Function not found: ${functionName} (Service: Lambda, Status Code: 404)` },
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
      if (thread === undefined) return { functionError: died };
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

  /** Ends what runs. What waits for a thread never starts. */
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

  /** A thread for an invocation, as soon as there is one; none when the pool is closed. */
  async #acquire(): Promise<FunctionThread | undefined> {
    while (!this.#closed) {
      const idle = this.#idle.pop();
      if (idle) clearTimeout(idle.timer);
      if (idle?.thread.alive) return idle.thread;
      if (idle) this.#threads.delete(idle.thread);
      else if (this.#threads.size < (this.#options.maxThreads ?? MAX_THREADS)) return this.#spawn();
      else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return undefined;
  }

  /** A killed invocation that had to wait for its thread never runs. */
  #discard(thread: FunctionThread, functionError: FunctionError): InvokeResponse {
    this.#release(thread);
    return { functionError };
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
      this.#idle.push({ thread, timer: setTimeout(end, this.#options.idleMillis ?? IDLE_MILLIS).unref() });
    } else {
      this.#threads.delete(thread);
    }
    this.#waiting.shift()?.();
  }
}
