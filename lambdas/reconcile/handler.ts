import { ReconcileInput } from '../../core/model/task-inputs.ts';
import { defineTask } from '../../core/run/task.ts';
import { reconcile } from './reconcile.ts';

/** Compares the batches of a pass with its results, and writes the batches of the next pass. */
export const handler = defineTask(ReconcileInput, reconcile);
