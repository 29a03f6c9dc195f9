import { stagePartGroup } from '../../core/copy/large-object.ts';
import { makePartFiles } from '../../core/copy/make-part-files.ts';
import { PartGroupInput } from '../../core/model/task-inputs.ts';
import { defineTask } from '../../core/run/task.ts';

/** Makes the part files of one group of the parts of a large object. */
export const handler = defineTask(PartGroupInput, (...args) => stagePartGroup(makePartFiles, ...args));
