import { ReportInput } from '../core/tasks.ts';
import { ObjectStores } from '../s3/clients.ts';
import { commonSettings, readSettings } from '../shared/settings.ts';
import { task } from '../shared/task.ts';
import { report } from './report.ts';

const settings = readSettings(commonSettings);
const place = { stores: new ObjectStores(), region: settings.AWS_REGION, bucket: settings.WORK_BUCKET };

/** Step Functions task: writes the report, or orders what a redrive has to attempt. */
export const handler = task(ReportInput, settings.DEADLINE_MARGIN_MILLIS, (input, invocation) =>
  report(input, place, invocation),
);
