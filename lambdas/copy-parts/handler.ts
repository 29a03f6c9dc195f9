import { copyPartGroup } from '../../core/copy/large-object.ts';
import { PartGroupInput } from '../../core/model/task-inputs.ts';
import { defineTask } from '../../core/run/task.ts';

/** Copies one group of the parts of a large object into the upload of its target. */
export const handler = defineTask(PartGroupInput, copyPartGroup);
