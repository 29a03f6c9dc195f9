import { setTimeout as pause } from 'node:timers/promises';
import { isJsonObject, type Json } from '../json.ts';
import { throttled } from './concurrency.ts';
import type { Invocation, InvokeRequest, InvokeResponse } from './invocation.ts';

/**
 * Which invocations to break, and how. It is plain JSON, so that it can be passed to a child process.
 */
export interface FaultRule {
  /** The name of the function, or `*` for any function. */
  readonly function: string;
  /** Which of the matching calls to break, counted from 1: one, a range with both ends included, or all. @default 1 */
  readonly calls?: number | { readonly from: number; readonly to: number } | 'all';
  /** Matches only payloads that contain this: objects may have more fields, all other values must be equal. */
  readonly payload?: Json;
  readonly fault: Fault;
}

/** How an invocation is broken. Times are in milliseconds. */
export type Fault =
  /** The execution environment dies before the handler runs: `Lambda.Unknown`. */
  | { readonly kind: 'die-before' }
  /** The execution environment dies `afterMillis` after the handler has started. */
  | { readonly kind: 'die-during'; readonly afterMillis: number }
  /** The handler finishes, then the execution environment dies and the response is lost. */
  | { readonly kind: 'die-after' }
  /** `Sandbox.Timedout` `afterMillis` after the handler has started. The handler continues to its end. */
  | { readonly kind: 'time-out'; readonly afterMillis: number }
  /** Runs twice at the same time. The first response counts, and the other invocation continues. */
  | { readonly kind: 'twice' }
  /** `Lambda.TooManyRequestsException`, without running. */
  | { readonly kind: 'throttle' }
  /** Starts `millis` later. */
  | { readonly kind: 'delay'; readonly millis: number }
  /** Fails with this error, without running. */
  | { readonly kind: 'fail'; readonly errorType: string; readonly errorMessage: string };

/** An invocation that a fault may start, once or several times. */
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
   * @param onFault called for each invocation that a rule breaks
   */
  constructor(rules: readonly FaultRule[], onFault: (rule: FaultRule) => void = () => undefined) {
    this.#rules = rules.map((rule) => ({ rule, calls: 0 }));
    this.#onFault = onFault;
  }

  add(rules: readonly FaultRule[]): void {
    this.#rules.push(...rules.map((rule) => ({ rule, calls: 0 })));
  }

  /** Returns the plan of the first rule that breaks this call. Every matching rule counts the call. */
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

const diedResponse: InvokeResponse = {
  kind: 'functionError',
  functionError: { errorType: 'Lambda.Unknown', errorMessage: 'Process exited before completing request' },
};

async function runBroken(fault: Fault, { start }: Startable): Promise<InvokeResponse> {
  switch (fault.kind) {
    case 'die-before':
      return diedResponse;
    case 'die-during': {
      const invocation = start();
      const died = waitAfterStart(invocation, fault.afterMillis).then(() => {
        invocation.kill();
        return diedResponse;
      });
      return await Promise.race([died, invocation.response]);
    }
    case 'die-after': {
      const invocation = start();
      await invocation.response;
      invocation.kill();
      return diedResponse;
    }
    case 'time-out': {
      const errorMessage = `Error: Task timed out after ${(fault.afterMillis / 1_000).toFixed(2)} seconds`;
      await waitAfterStart(start(), fault.afterMillis);
      return { kind: 'functionError', functionError: { errorType: 'Sandbox.Timedout', errorMessage } };
    }
    case 'twice':
      return await Promise.race([start().response, start().response]);
    case 'throttle':
      return throttled;
    case 'delay':
      await pause(fault.millis);
      return await start().response;
    case 'fail':
      return {
        kind: 'functionError',
        functionError: { errorType: fault.errorType, errorMessage: fault.errorMessage },
      };
  }
}

/** Resolves `millis` after the handler has started, or after the invocation has ended without starting it. */
async function waitAfterStart({ started, response }: Invocation, millis: number): Promise<void> {
  await Promise.race([started, response]);
  await pause(millis);
}
