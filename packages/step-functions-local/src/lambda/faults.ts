import { setTimeout as pause } from 'node:timers/promises';
import { isJsonObject, type Json } from '../json.ts';
import { throttled } from './concurrency.ts';
import type { Invocation, InvokeRequest, InvokeResponse } from './invocation.ts';

/**
 * Breaks invocations on purpose, as Lambda does on a bad day. Plain JSON, so that a child process can be
 * given it.
 */
export interface FaultRule {
  /** The function's name, or `*` for any. */
  readonly function: string;
  /** Which of the matching calls to break, from 1: one, a range (both ends included), or all. Default 1. */
  readonly calls?: number | { readonly from: number; readonly to: number } | 'all';
  /** Only payloads that hold all of this: objects as subsets, everything else equal. */
  readonly payload?: Json;
  readonly fault: Fault;
}

/** What goes wrong. Times are in milliseconds. */
export type Fault =
  /** The execution environment dies before the handler runs: `Lambda.Unknown`. */
  | { readonly kind: 'die-before' }
  /** It dies that long into the handler, whatever the handler has done by then. */
  | { readonly kind: 'die-during'; readonly afterMillis: number }
  /** The handler has done its work, but its answer is lost and the environment with it. */
  | { readonly kind: 'die-after' }
  /** Answers `Sandbox.Timedout` that long into the handler, while the handler runs on to its end as a zombie. */
  | { readonly kind: 'time-out'; readonly afterMillis: number }
  /** Runs twice at the same time; the first answer counts and the other invocation runs on. */
  | { readonly kind: 'twice' }
  /** `Lambda.TooManyRequestsException`, without running. */
  | { readonly kind: 'throttle' }
  /** Starts that much later. */
  | { readonly kind: 'delay'; readonly millis: number }
  /** Fails with this error, without running. */
  | { readonly kind: 'fail'; readonly errorType: string; readonly errorMessage: string };

/** What the pool offers to a fault: starts the invocation, once or more often. */
interface Startable {
  start(): Invocation;
}

/** How to run one invocation that a rule breaks. */
export type FaultPlan = (startable: Startable) => Promise<InvokeResponse>;

/** Finds the rule for each invocation, and counts the calls of each rule. */
export class FaultInjector {
  readonly #rules: { readonly rule: FaultRule; calls: number }[];
  readonly #onFault: (rule: FaultRule) => void;

  /**
   * @param onFault told of each invocation that is broken
   */
  constructor(rules: readonly FaultRule[], onFault: (rule: FaultRule) => void = () => undefined) {
    this.#rules = rules.map((rule) => ({ rule, calls: 0 }));
    this.#onFault = onFault;
  }

  add(rules: readonly FaultRule[]): void {
    this.#rules.push(...rules.map((rule) => ({ rule, calls: 0 })));
  }

  /** The plan of the first rule that breaks this call; every matching rule counts it. */
  plan(functionName: string, request: InvokeRequest): FaultPlan | undefined {
    const hits = this.#rules.filter((each) => {
      const { rule } = each;
      const matching =
        (rule.function === '*' || rule.function === functionName) && holds(request.payload, rule.payload);
      if (matching) each.calls += 1;
      return matching && isDue(rule.calls ?? 1, each.calls);
    });
    const rule = hits[0]?.rule;
    if (rule === undefined) return undefined;
    this.#onFault(rule);
    return (startable) => runBroken(rule.fault, startable);
  }
}

function isDue(calls: NonNullable<FaultRule['calls']>, call: number): boolean {
  if (calls === 'all') return true;
  return typeof calls === 'number' ? call === calls : call >= calls.from && call <= calls.to;
}

function holds(value: Json | undefined, wanted: Json | undefined): boolean {
  if (wanted === undefined) return true;
  if (isJsonObject(wanted)) {
    return isJsonObject(value) && Object.entries(wanted).every(([key, inner]) => holds(value[key], inner));
  }
  return JSON.stringify(value) === JSON.stringify(wanted);
}

const DIED: InvokeResponse = {
  functionError: { errorType: 'Lambda.Unknown', errorMessage: 'Process exited before completing request' },
};

async function runBroken(fault: Fault, { start }: Startable): Promise<InvokeResponse> {
  switch (fault.kind) {
    case 'die-before':
      return DIED;
    case 'die-during': {
      const invocation = start();
      const died = into(invocation, fault.afterMillis).then(() => {
        invocation.kill();
        return DIED;
      });
      return await Promise.race([died, invocation.response]);
    }
    case 'die-after': {
      const invocation = start();
      await invocation.response;
      invocation.kill();
      return DIED;
    }
    case 'time-out': {
      const errorMessage = `Error: Task timed out after ${(fault.afterMillis / 1_000).toFixed(2)} seconds`;
      await into(start(), fault.afterMillis);
      return { functionError: { errorType: 'Sandbox.Timedout', errorMessage } };
    }
    case 'twice':
      return await Promise.race([start().response, start().response]);
    case 'throttle':
      return throttled;
    case 'delay':
      await pause(fault.millis);
      return await start().response;
    case 'fail':
      return { functionError: { errorType: fault.errorType, errorMessage: fault.errorMessage } };
  }
}

/** Resolves so long after the handler began, or after the invocation ended before it could. */
async function into({ started, response }: Invocation, millis: number): Promise<void> {
  await Promise.race([started, response]);
  await pause(millis);
}
