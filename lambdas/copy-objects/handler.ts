import { BatchInput } from '../../core/model/task-inputs.ts';
import { defineTask } from '../../core/run/task.ts';
import { copyObjects } from './copy-objects.ts';

/** Copies the objects of one batch. */
export const handler = defineTask(BatchInput, copyObjects);
