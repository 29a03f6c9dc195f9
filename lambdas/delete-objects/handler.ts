import { DeleteInput } from '../../core/model/task-inputs.ts';
import { defineTask } from '../../core/run/task.ts';
import { deleteObjects } from './delete-objects.ts';

/** Deletes at the destination what the source lacks. */
export const handler = defineTask(DeleteInput, deleteObjects);
