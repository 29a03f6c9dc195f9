import { ReportInput } from '../../core/model/task-inputs.ts';
import { defineTask } from '../../core/run/task.ts';
import { report } from './report.ts';

/** Writes the report, or the batches that a redrive has to copy. */
export const handler = defineTask(ReportInput, report);
