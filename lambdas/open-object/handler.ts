import { BatchInput } from '../../core/model/task-inputs.ts';
import { defineTask } from '../../core/run/task.ts';
import { openObject } from './open-object.ts';

/** Opens the copy of one large object. */
export const handler = defineTask(BatchInput, openObject);
