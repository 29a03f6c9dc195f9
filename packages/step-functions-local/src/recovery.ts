import { History } from './history.ts';
import { ENGINE_STOPPED } from './interpreter/execution.ts';
import { RETENTION_MILLIS } from './limits.ts';
import type { Machine } from './machine.ts';

/**
 * Ends, as ABORTED, what was under way when the last engine on this data ended, however it did, or when its disk was
 * full; a redrive continues it. Forgets what AWS would have forgotten: executions that ended 90 days ago.
 *
 * @param cause of their end
 */
export function endUnfinished(machine: Machine, cause: string = ENGINE_STOPPED): void {
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
    store.executions.forgetEndedBefore(clock.now() - RETENTION_MILLIS);
    store.definitions.forgetUnused();
  });
}
