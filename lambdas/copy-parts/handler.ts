import { copyGroup } from '../copy/direct/copy-group.ts';
import { PartsInput } from '../core/tasks.ts';
import { ObjectStores } from '../s3/clients.ts';
import { commonSettings, readSettings } from '../shared/settings.ts';
import { task } from '../shared/task.ts';

const settings = readSettings(commonSettings);
const place = { stores: new ObjectStores(), region: settings.AWS_REGION, bucket: settings.WORK_BUCKET };

/** Step Functions task: copies ranges of one big object into the upload of its target. */
export const handler = task(PartsInput, settings.DEADLINE_MARGIN_MILLIS, (input, invocation) =>
  copyGroup(input, place, invocation),
);
