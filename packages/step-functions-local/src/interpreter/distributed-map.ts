import { randomUUID } from 'node:crypto';
import { generatedLabel, mapRunArn } from '../arns.ts';
import type { MapState } from '../definition/schema.ts';
import { AbortedError, StateError } from '../errors.ts';
import { EvaluationError } from '../expressions.ts';
import type { Json } from '../json.ts';
import { Quotas } from '../limits.ts';
import { Dispatcher } from '../map-run/dispatcher.ts';
import { evaluateItems, readItems } from '../map-run/items.ts';
import { collectResults, prepareResults, writeResults } from '../map-run/results.ts';
import { chooseTolerance } from '../map-run/tolerance.ts';
import type { MapRunRow } from '../store/map-run-table.ts';
import { evaluateNumber } from './evaluate-field.ts';
import type { Frame } from './frame.ts';
import { findRedriveObstacle } from './redrive-obstacle.ts';

/**
 * Runs a Distributed Map: a Map Run whose child executions have their own histories.
 *
 * A redriven execution continues its Map Run. Children that succeeded do not run again, children that failed continue
 * from the state that failed, and the remaining items start. A retry starts a new Map Run.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/redrive-map-run.html (read 2026-11-22)
 */
export async function attemptDistributedMap(
  frame: Frame,
  state: MapState,
  retryCount: number,
): Promise<Json> {
  const items = await evaluateItems(frame, state, retryCount);
  const redriven = frame.resumed && frame.mapRun !== null;
  const mapRun = redriven
    ? redriveMapRun(frame)
    : await startMapRun(frame, state, retryCount, items?.length ?? 0);
  try {
    const output = await runMapRun(frame, state, mapRun, items);
    endMapRun(frame, mapRun, 'SUCCEEDED');
    frame.record('MapRunSucceeded');
    frame.recordAside('MapStateSucceeded');
    return output;
  } catch (error) {
    recordFailure(frame, mapRun, error);
    throw error;
  }
}

async function startMapRun(
  frame: Frame,
  state: MapState,
  retryCount: number,
  length: number,
): Promise<MapRunRow> {
  const { store, address, clock } = frame.run.machine;
  const bindings = frame.bindings({}, { retryCount });
  const concurrency = await evaluateNumber(frame, state.MaxConcurrency, bindings, 'MaxConcurrency');
  const percentage = await evaluateNumber(
    frame,
    state.ToleratedFailurePercentage,
    bindings,
    'ToleratedFailurePercentage',
  );
  const count = await evaluateNumber(frame, state.ToleratedFailureCount, bindings, 'ToleratedFailureCount');
  frame.signal.throwIfAborted();
  const label = state.Label ?? generatedLabel(frame.state);
  const arn = mapRunArn(address, label, randomUUID());
  return store.transaction(() => {
    frame.record('MapStateStarted', { length });
    frame.record('MapRunStarted', { mapRunArn: arn });
    const mapRun = store.mapRuns.insert({
      arn,
      execution: frame.run.execution.id,
      label,
      start_date: clock.now(),
      max_concurrency: concurrency ?? 0,
      ...chooseTolerance(percentage, count),
    });
    frame.mapRun = mapRun.id;
    store.frames.setMapRun(frame.run.execution.id, frame.path, mapRun.id);
    return mapRun;
  });
}

function redriveMapRun(frame: Frame): MapRunRow {
  const { store, clock } = frame.run.machine;
  const before = store.mapRuns.get(frame.mapRun ?? 0);
  if (before.redrive_count >= Quotas.mapRunRedrives) {
    throw frame.failure(
      'States.Runtime',
      `The Map Run was redriven ${before.redrive_count} times, which is the maximum.`,
    );
  }
  return store.transaction(() => {
    frame.record('MapRunRedriven', { mapRunArn: before.arn, redriveCount: before.redrive_count + 1 });
    const mapRun = store.mapRuns.redrive(before.id, clock.now());
    return mapRun;
  });
}

/** Queues the children of an earlier attempt that did not succeed. */
function queueRedrives(frame: Frame, mapRun: MapRunRow): void {
  frame.run.machine.store.transaction(() => {
    for (const status of ['FAILED', 'TIMED_OUT', 'ABORTED'] as const) queueChildren(frame, mapRun, status);
  });
}

/** Queues the children with a status that can be redriven. The others keep their failure. */
function queueChildren(frame: Frame, mapRun: MapRunRow, status: 'FAILED' | 'TIMED_OUT' | 'ABORTED'): void {
  const { store, clock } = frame.run.machine;
  for (let after = -1; ; ) {
    const page = store.items.page(mapRun.id, status, after, 500);
    for (const { item_index, execution } of page) {
      if (execution === null) {
        store.items.set(mapRun.id, item_index, 'PENDING', null);
      } else if (findRedriveObstacle(store.executions.get(execution), clock.now()) === undefined) {
        store.items.set(mapRun.id, item_index, 'PENDING_REDRIVE', execution);
        store.executions.markPendingRedrive(execution);
      }
    }
    const last = page.at(-1);
    if (!last) return;
    after = last.item_index;
  }
}

async function runMapRun(
  frame: Frame,
  state: MapState,
  mapRun: MapRunRow,
  items: readonly Json[] | undefined,
): Promise<Json> {
  const { machine } = frame.run;
  const target = await prepareResults(frame, state, mapRun);
  if (!machine.store.items.anyStarted(mapRun.id)) await readItems(frame, state, mapRun.id, items);
  frame.signal.throwIfAborted();
  queueRedrives(frame, mapRun);
  const tolerated = await new Dispatcher(frame.run, mapRun.id, state.processor, frame.signal).run();
  if (!tolerated) {
    if (target) await writeResults(frame, state, mapRun, target);
    throw frame.failure(
      'States.ExceedToleratedFailureThreshold',
      'The specified tolerated failure threshold was exceeded.',
    );
  }
  return target ? await writeResults(frame, state, mapRun, target) : collectResults(frame, mapRun);
}

function endMapRun(frame: Frame, mapRun: MapRunRow, status: 'SUCCEEDED' | 'FAILED' | 'ABORTED'): void {
  const { store, clock } = frame.run.machine;
  store.mapRuns.end(mapRun.id, status, clock.now());
}

function recordFailure(frame: Frame, mapRun: MapRunRow, error: unknown): void {
  endMapRun(frame, mapRun, error instanceof AbortedError ? 'ABORTED' : 'FAILED');
  if (error instanceof AbortedError && error.by === 'sibling') {
    frame.lastEvent = error.eventId;
    frame.record('MapRunAborted');
  } else if (error instanceof StateError) {
    const cause = error instanceof EvaluationError ? `${frame.whereabouts} ${error.cause}` : error.cause;
    frame.record('MapRunFailed', { error: error.error, ...(cause !== undefined && { cause }) });
    frame.record('MapStateFailed');
  }
}
