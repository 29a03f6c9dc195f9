import type { MapState } from '../definition/schema.ts';
import { StateError } from '../errors.ts';
import type { Json } from '../json.ts';
import { inlineMapConcurrency } from '../limits.ts';
import { evaluateItems } from '../map-run/items.ts';
import { frameIndex } from '../store/frame-table.ts';
import { evaluateNumber } from './evaluate-field.ts';
import type { Frame } from './frame.ts';
import { type Member, runMembers } from './join.ts';
import { serializePayload } from './payload.ts';

/**
 * Runs the iterations of an inline Map, at most 40 at the same time. The first failure stops the others.
 *
 * @returns the outputs in the order of the items
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html (read 2026-11-22)
 */
export async function attemptInlineMap(frame: Frame, state: MapState, retryCount: number): Promise<Json> {
  const { store } = frame.run.machine;
  const id = frame.run.execution.id;
  const bindings = frame.bindings({}, { retryCount });
  const wanted = (await evaluateNumber(frame, state.MaxConcurrency, bindings, 'MaxConcurrency')) ?? 0;
  if (!frame.resumed || store.frames.inside(id, frame.path).length === 0) {
    const inputs = await iterationInputs(frame, state, retryCount);
    frame.signal.throwIfAborted();
    startIterations(frame, state, inputs);
  }
  const members = store.frames
    .inside(id, frame.path)
    .map((row): Member => iteration(frame.state, state, row));
  try {
    const outputs = await runMembers(
      frame,
      members,
      Math.min(wanted || inlineMapConcurrency, inlineMapConcurrency),
    );
    frame.recordAside('MapStateSucceeded');
    return outputs;
  } catch (error) {
    if (error instanceof StateError) frame.record('MapStateFailed');
    throw error;
  }
}

/** The inputs of the iterations: the items, after the ItemSelector. */
async function iterationInputs(frame: Frame, state: MapState, retryCount: number): Promise<string[]> {
  const { expressions } = frame.run.machine;
  const items = (await evaluateItems(frame, state, retryCount)) ?? [];
  return await Promise.all(
    items.map(async (value: Json, index) => {
      const details = { retryCount, mapItem: { Index: index, Value: value } };
      const input =
        state.ItemSelector === undefined
          ? value
          : await expressions.evaluate(state.ItemSelector, frame.bindings({}, details), 'ItemSelector');
      return serializePayload(frame, input, `input of iteration ${index}`);
    }),
  );
}

function startIterations(frame: Frame, state: MapState, inputs: readonly string[]): void {
  const { store } = frame.run.machine;
  const id = frame.run.execution.id;
  store.transaction(() => {
    frame.record('MapStateStarted', { length: inputs.length });
    store.frames.removeInside(id, frame.path);
    for (const [index, input] of inputs.entries()) {
      store.frames.insert(id, `${frame.path}/${index}`, state.processor.startAt, input);
    }
  });
}

function iteration(name: string, state: MapState, row: Member['row']): Member {
  const details = { name, index: frameIndex(row.path) };
  return {
    row,
    graph: state.processor,
    onStart: (inner) => inner.record('MapIterationStarted', details),
    onSuccess: (inner) => inner.record('MapIterationSucceeded', details),
    onFailure: (inner) => inner.record('MapIterationFailed', details),
    onAbort: (inner) => inner.record('MapIterationAborted', details),
  };
}
