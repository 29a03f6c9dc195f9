import { multipartEtag } from '../model/etags.ts';
import { partFileKeys } from '../model/part-files.ts';
import { findPairs, type Pair } from '../multipart/find-part-files.ts';
import type { Job } from '../multipart/part-sources.ts';
import { openStaging, type Staging } from '../multipart/staging.ts';
import { hashes } from '../rules/hashes.ts';
import type { CopyContext, Outcome } from '../run/copy-context.ts';
import { hasCode, inWords, type S3Failure } from '../s3/failures.ts';
import {
  abortForgottenUploads,
  recordPublished,
  recordTarget,
  removeFiles,
  removePartFiles,
} from './after-staging.ts';
import { publish, sourceOnceMore } from './complete-upload.ts';
import { isHead } from './resolve-conflict.ts';
import { stage1, stage2 } from './stages.ts';

/**
 * Makes the target of its part files, each step proved by the one before: the parts' ETags are those of the files,
 * and the target's is made of them.
 *
 * @throws {S3Failure} 404, 409 or 412 when source or destination are not what the plan saw
 */
export async function finalize(context: CopyContext, staging: Staging): Promise<Outcome> {
  const pairs = await completePairs(context, staging);
  if (pairs === undefined) return 'later';
  const source = await sourceOnceMore(context, staging.object);
  if (!isHead(source)) return source;
  const outcome = await publish(context, stagedJob(context, staging, pairs), source).catch((error: unknown) =>
    withoutWrongFiles(context, staging, error),
  );
  if (outcome === 'later' || outcome.status !== 'copied') return outcome;
  const { keepParts } = context.run.request;
  await (keepParts ? recordTarget : recordPublished)(context, staging, outcome);
  await abortForgottenUploads(context, staging);
  return keepParts ? outcome : removePartFiles(context, staging, outcome);
}

/** What S3 found to be other bytes than the source's must not be what the next attempt goes on from. */
async function withoutWrongFiles(context: CopyContext, staging: Staging, error: unknown): Promise<never> {
  if (!hasCode(error, 'BadDigest')) throw error;
  const left = await removeFiles(context, staging);
  const files =
    left === undefined
      ? `the part files in ${staging.folder} are not the source's and were removed: the next attempt makes them anew`
      : `the part files in ${staging.folder} are not the source's, and could not be removed (${left}): remove them`;
  throw inWords(error as S3Failure, `S3 refuses the whole by its checksum; ${files}`);
}

/** The parts of the target are the simple part files. */
function stagedJob(context: CopyContext, staging: Staging, pairs: ReadonlyMap<number, Pair>): Job {
  const { bucket } = context.destination.temp;
  const { object, cut, folder, parts } = staging;
  const md5s = parts.flatMap(({ number }) => pairs.get(number)?.md5 ?? []);
  const pieceOf: Job['pieceOf'] = ({ number }) => {
    const { etag = '', ...known } = pairs.get(number) ?? {};
    return { source: { bucket, key: partFileKeys.part(folder, number) }, sourceEtag: etag, ...known };
  };
  const isKnown = md5s.length === parts.length;
  return { object, cut, parts, pieceOf, ...(isKnown ? { etag: multipartEtag(md5s, hashes) } : {}) };
}

/** All pairs of part files; what is missing of them is made again. */
async function completePairs(
  context: CopyContext,
  staging: Staging,
): Promise<ReadonlyMap<number, Pair> | undefined> {
  const pairs = await findPairs(context, staging, staging.parts);
  if (pairs.size === staging.parts.length) return pairs;
  // Another run may have removed the files with the record that tells whose they are.
  if ((await openStaging(context, staging.object)).folder !== staging.folder) return undefined;
  if ((await stage1(context, staging, staging.parts)) > 0) return undefined;
  if ((await stage2(context, staging, staging.parts)) > 0) return undefined;
  const made = await findPairs(context, staging, staging.parts);
  return made.size === staging.parts.length ? made : undefined;
}
