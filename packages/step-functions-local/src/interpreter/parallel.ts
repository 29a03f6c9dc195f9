import type { ParallelState } from '../definition/schema.ts';
import { StateError } from '../errors.ts';
import type { Json } from '../json.ts';
import type { Frame } from './frame.ts';
import { type Member, runMembers } from './join.ts';

/**
 * Runs the branches of a Parallel at the same time. The first failure stops the others.
 *
 * @returns the outputs in the order of the branches
 */
export async function attemptParallel(frame: Frame, state: ParallelState): Promise<Json> {
  const { store } = frame.run.machine;
  const id = frame.run.execution.id;
  if (!frame.resumed || store.frames.inside(id, frame.path).length === 0) {
    store.transaction(() => {
      frame.record('ParallelStateStarted');
      store.frames.removeInside(id, frame.path);
      const input = JSON.stringify(frame.input);
      for (const [index, { startAt }] of state.branches.entries()) {
        store.frames.insert(id, `${frame.path}/${index}`, startAt, input);
      }
    });
  }
  const members = store.frames.inside(id, frame.path).map((row, index): Member => {
    const graph = state.branches[index];
    if (!graph) throw new Error(`The state "${frame.state}" has no branch ${index}.`);
    return { row, graph };
  });
  try {
    const outputs = await runMembers(frame, members, members.length);
    frame.recordAside('ParallelStateSucceeded');
    return outputs;
  } catch (error) {
    if (error instanceof StateError) frame.record('ParallelStateFailed');
    throw error;
  }
}
