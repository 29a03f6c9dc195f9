import { History } from './history.ts';
import { engineStopped } from './interpreter/execution.ts';
import { retentionMillis } from './limits.ts';
import type { Machine } from './machine.ts';

/**
 * Ends as ABORTED the executions that were running when the engine was killed or closed, or when its disk became full.
 * A redrive continues them. Also deletes executions that ended 90 days ago, as AWS does.
 *
 * @param cause recorded as the cause of their end
 */
export function endUnfinished(machine: Machine, cause: string = engineStopped): void {
  const { store, clock } = machine;
  store.transaction(() => {
    store.restorePendingRedrives();
    for (const execution of store.executions.unfinished()) {
      const history = new History(store, clock, execution.id);
      history.record('ExecutionAborted', 0, { cause });
      store.executions.end(execution.id, { status: 'ABORTED', cause }, clock.now(), history.count);
    }
    store.items.abortUnfinished();
    store.mapRuns.abortUnfinished(clock.now());
    store.executions.forgetEndedBefore(clock.now() - retentionMillis);
    store.definitions.forgetUnused();
  });
}
