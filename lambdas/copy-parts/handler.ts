import { copyPartGroup } from '../../core/copy/direct-parts.ts';
import { PartGroupInput } from '../../core/model/task-inputs.ts';
import { commonVariables, readEnvironment } from '../../core/run/environment.ts';
import { task } from '../../core/run/task.ts';
import { ObjectStores } from '../../core/s3/clients.ts';

const settings = readEnvironment(commonVariables);
const place = { stores: new ObjectStores(), region: settings.AWS_REGION, bucket: settings.WORK_BUCKET };

/** Step Functions task: copies ranges of one large object into the upload of its target. */
export const handler = task(PartGroupInput, settings.DEADLINE_MARGIN_MILLIS, (input, invocation) =>
  copyPartGroup(input, place, invocation),
);
