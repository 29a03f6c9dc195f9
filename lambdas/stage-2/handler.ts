import { stageGroup } from '../../core/copy/stage-parts.ts';
import { stage2 } from '../../core/copy/stages.ts';
import { PartsInput } from '../../core/model/task-inputs.ts';
import { commonSettings, readSettings } from '../../core/run/environment.ts';
import { task } from '../../core/run/task.ts';
import { ObjectStores } from '../../core/s3/clients.ts';

const settings = readSettings(commonSettings);
const place = { stores: new ObjectStores(), region: settings.AWS_REGION, bucket: settings.WORK_BUCKET };

/** Step Functions task: makes simple objects of the one-part uploads. */
export const handler = task(PartsInput, settings.DEADLINE_MARGIN_MILLIS, (input, invocation) =>
  stageGroup(stage2, input, place, invocation),
);
