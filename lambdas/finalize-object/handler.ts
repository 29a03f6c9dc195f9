import { BatchInput } from '../../core/model/task-inputs.ts';
import { defineTask } from '../../core/run/task.ts';
import { finalizeObject } from './finalize-object.ts';

/** Makes the target of one large object from its part files. */
export const handler = defineTask(BatchInput, finalizeObject);
