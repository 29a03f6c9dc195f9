import { copyGroup } from '../../core/copy/direct-parts.ts';
import { PartsInput } from '../../core/model/task-inputs.ts';
import { commonSettings, readSettings } from '../../core/run/environment.ts';
import { task } from '../../core/run/task.ts';
import { ObjectStores } from '../../core/s3/clients.ts';

const settings = readSettings(commonSettings);
const place = { stores: new ObjectStores(), region: settings.AWS_REGION, bucket: settings.WORK_BUCKET };

/** Step Functions task: copies ranges of one big object into the upload of its target. */
export const handler = task(PartsInput, settings.DEADLINE_MARGIN_MILLIS, (input, invocation) =>
  copyGroup(input, place, invocation),
);
