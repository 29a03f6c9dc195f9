import { ReportInput } from '../../core/model/task-inputs.ts';
import { commonVariables, readEnvironment } from '../../core/run/environment.ts';
import { task } from '../../core/run/task.ts';
import { ObjectStores } from '../../core/s3/clients.ts';
import { report } from './report.ts';

const settings = readEnvironment(commonVariables);
const place = { stores: new ObjectStores(), region: settings.AWS_REGION, bucket: settings.WORK_BUCKET };

/** Step Functions task: writes the report, or batches what a redrive has to attempt. */
export const handler = task(ReportInput, settings.DEADLINE_MARGIN_MILLIS, (input, invocation) =>
  report(input, place, invocation),
);
