import { AbortedError, HistoryLimitError, StateError } from '../errors.ts';
import type { Json } from '../json.ts';
import type { FrameRow } from '../store/frame-table.ts';
import { Frame } from './frame.ts';
import { serializePayload } from './payload.ts';

/** One branch or iteration to run, and functions that record the events around it. */
export interface Member {
  readonly row: FrameRow;
  readonly graph: Frame['graph'];
  readonly onStart?: (inner: Frame) => void;
  readonly onSuccess?: (inner: Frame) => void;
  readonly onFailure?: (inner: Frame) => void;
  /** Called when it was running and a sibling failed. */
  readonly onAbort?: (inner: Frame) => void;
}

/**
 * Runs branches or iterations, at most `limit` at the same time, and returns their outputs in order.
 *
 * Those that finished before a redrive do not run again. When one fails, the others are stopped and no more are started.
 * The limit of 256 KiB applies to all outputs together, before the state's Output is evaluated.
 *
 * @throws the error of the first one that failed
 * @throws {StateError} `States.DataLimitExceeded` when the outputs together exceed 256 KiB
 */
export async function runMembers(outer: Frame, members: readonly Member[], limit: number): Promise<Json[]> {
  const group = new Group(outer);
  const queue = members.values();
  const outputs = new Map<Member, Json>();
  const worker = async () => {
    for (const member of queue) {
      outputs.set(member, await group.run(member));
      if (group.failed) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, members.length) }, worker));
  group.rethrow();
  const joined = members.map((member) => outputs.get(member) ?? null);
  serializePayload(outer, joined, 'joined outputs');
  return joined;
}

/** Siblings. The first one that fails stops the others. */
class Group {
  readonly #outer: Frame;
  readonly #siblings = new AbortController();
  readonly #signal: AbortSignal;
  readonly #startEvent: number;
  #failure: { thrown: unknown; inner: Frame } | undefined;

  constructor(outer: Frame) {
    this.#outer = outer;
    this.#startEvent = outer.lastEvent;
    this.#signal = AbortSignal.any([outer.signal, this.#siblings.signal]);
  }

  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** Throws the first failure. As on AWS, the task that failed also gets an `…Aborted` event, after all others. */
  rethrow(): void {
    if (!this.#failure) return;
    const { thrown, inner } = this.#failure;
    if (thrown instanceof StateError && inner.graph.states[inner.state]?.Type === 'Task') {
      this.#outer.recordAside('TaskStateAborted');
    }
    throw thrown;
  }

  async run(member: Member): Promise<Json> {
    const { row } = member;
    if (row.status === 'SUCCEEDED') return JSON.parse(row.output ?? 'null') as Json;
    const { run } = this.#outer;
    const around = { outer: this.#outer, signal: this.#signal, lastEvent: this.#startEvent };
    const inner = new Frame(run, member.graph, row, around);
    try {
      run.machine.store.transaction(() => {
        member.onStart?.(inner);
        run.machine.store.frames.start(run.execution.id, row.path);
      });
      const output = await run.interpreter.runFrame(inner, () => member.onSuccess?.(inner));
      this.#outer.lastEvent = inner.lastEvent;
      return output;
    } catch (thrown) {
      this.#fail(thrown, inner, member);
      return null;
    } finally {
      run.variables.release(row.path);
    }
  }

  #fail(thrown: unknown, inner: Frame, member: Member): void {
    if (thrown instanceof AbortedError && thrown.by === 'sibling') {
      recordIfRoom(() => recordAborted(inner, member, thrown.eventId));
    }
    if (this.#failure) return;
    this.#failure = { thrown, inner };
    this.#outer.lastEvent = inner.lastEvent;
    if (thrown instanceof AbortedError) return; // the whole group was stopped from outside
    this.#siblings.abort(new AbortedError('sibling', inner.lastEvent));
    recordIfRoom(() => member.onFailure?.(inner));
  }
}

/** Records events if the history has room. The execution with a full history ends only after all siblings have ended. */
function recordIfRoom(record: () => void): void {
  try {
    record();
  } catch (error) {
    if (!(error instanceof HistoryLimitError)) throw error;
  }
}

/** The types of state that have an `…Aborted` event. */
const typesWithAbortedEvent: ReadonlySet<string> = new Set(['Task', 'Wait', 'Map', 'Parallel']);

/** Records that a member was stopped: first its current state, then the member itself. */
function recordAborted(inner: Frame, member: Member, eventId: number): void {
  const type = inner.graph.states[inner.state]?.Type ?? '';
  inner.lastEvent = eventId;
  if (inner.enteredEvent > 0 && typesWithAbortedEvent.has(type)) inner.recordAside(`${type}StateAborted`);
  member.onAbort?.(inner);
}
