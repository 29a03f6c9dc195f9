import { CopyError } from '../../core/model/errors.ts';
import type { Run } from '../../core/run/open-run.ts';
import { hasStatus } from '../../core/s3/failures.ts';
import { RequestLimiter } from '../../core/s3/request-limiter.ts';

const limiter = new RequestLimiter(8);

/**
 * Refuses staged copies where the bucket of the part files retains every object for some time: none of them could be
 * removed, and nobody can end a compliance mode. If the setting may not be read, nothing is refused.
 *
 * @throws {CopyError} `InvalidRequestError`
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html (read 2026-11-22): "default retention"
 */
export async function refuseLockedPartFiles({ copyRequest, destination }: Run): Promise<void> {
  if (destination === undefined || copyRequest.strategy !== 'staged' || copyRequest.compareOnly) return;
  const { store, temp } = destination;
  const retention = await limiter
    .send(() => store.properties.defaultRetention(temp.bucket))
    .catch((error) => {
      if (hasStatus(error, 400, 403, 404, 405, 501)) return undefined;
      throw error;
    });
  if (retention === undefined) return;
  throw new CopyError(
    'InvalidRequestError',
    `strategy: "staged" would lock its part files in ${JSON.stringify(temp.bucket)}, which retains each object for ` +
      `${retention} by default: set \`strategy: direct\`, or \`tempPrefix\` to s3://bucket/prefix without such a default`,
    { field: 'strategy', bucket: temp.bucket },
  );
}
