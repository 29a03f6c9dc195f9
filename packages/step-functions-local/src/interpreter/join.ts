import { Aborted, HistoryLimitError, StateError } from '../errors.ts';
import type { Json } from '../json.ts';
import type { FrameRow } from '../store/frame-table.ts';
import { Frame } from './frame.ts';
import { payloadText } from './payload.ts';

/** One branch or iteration to run, and the events around it. */
export interface Member {
  readonly row: FrameRow;
  readonly graph: Frame['graph'];
  /** Adds the event that begins it. */
  readonly onStart?: (inner: Frame) => void;
  readonly onSuccess?: (inner: Frame) => void;
  readonly onFailure?: (inner: Frame) => void;
  /** It was under way when a sibling failed. */
  readonly onAbort?: (inner: Frame) => void;
}

/**
 * Runs branches or iterations, at most `limit` at a time, and gives their outputs in order.
 *
 * Those that an earlier attempt of the execution finished are not run again. When one fails, the others
 * are stopped and no further one is started. Their outputs together are a payload of their own: it must fit
 * also when the state's Output makes it smaller.
 *
 * @throws what the first one to fail threw
 * @throws {StateError} `States.DataLimitExceeded` when the outputs together are above 256 KiB
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
  payloadText(outer, joined, 'joined outputs');
  return joined;
}

/** Siblings of which the first to fail stops the rest. */
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

  /** Ends the group: the member that failed is also aborted, last of all, as on AWS. */
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
    if (thrown instanceof Aborted && thrown.by === 'sibling') {
      whileThereIsRoom(() => recordAborted(inner, member, thrown.eventId));
    }
    if (this.#failure) return;
    this.#failure = { thrown, inner };
    this.#outer.lastEvent = inner.lastEvent;
    if (thrown instanceof Aborted) return; // whoever told this group to stop told all of it
    this.#siblings.abort(new Aborted('sibling', inner.lastEvent));
    whileThereIsRoom(() => member.onFailure?.(inner));
  }
}

/** Adds events of an end. A full history ends the execution, but not before all siblings have ended. */
function whileThereIsRoom(record: () => void): void {
  try {
    record();
  } catch (error) {
    if (!(error instanceof HistoryLimitError)) throw error;
  }
}

/** The types of state that have an `…Aborted` event. */
const ABORTABLE: ReadonlySet<string> = new Set(['Task', 'Wait', 'Map', 'Parallel']);

/** A member that had to stop: first the state it was in, then the member itself. */
function recordAborted(inner: Frame, member: Member, eventId: number): void {
  const type = inner.graph.states[inner.state]?.Type ?? '';
  inner.lastEvent = eventId;
  if (inner.enteredEvent > 0 && ABORTABLE.has(type)) inner.recordAside(`${type}StateAborted`);
  member.onAbort?.(inner);
}
