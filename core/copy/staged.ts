import type { PlannedObject } from '../model/batches.ts';
import { multipartEtag } from '../model/etags.ts';
import { partFileKeys } from '../model/part-files.ts';
import { findPairs, type Pair } from '../multipart/find-part-files.ts';
import type { MultipartCopy } from '../multipart/part-sources.ts';
import { openStaging, type Staging } from '../multipart/staging.ts';
import { hashes } from '../rules/hashes.ts';
import type { CopyContext, OutcomeOrLater } from '../run/copy-context.ts';
import { hasCode, type S3Error, withMessage } from '../s3/failures.ts';
import {
  abortForgottenUploads,
  findPublished,
  recordPublished,
  recordTarget,
  removeFiles,
  removePartFiles,
} from './clean-up.ts';
import { publish, recheckSource } from './complete-upload.ts';
import { makePartFiles, makeTempFiles } from './make-part-files.ts';
import { isHead } from './resolve-conflict.ts';

/**
 * Copies a multipart object in one invocation. A later invocation continues from the files that exist, since each step
 * makes only what is missing:
 *
 * | step               | made by                 | from                          | proven by                                     |
 * |--------------------|-------------------------|-------------------------------|-----------------------------------------------|
 * | `temp-NNNNN`       | an upload of one part   | a range of the source         | its ETag, which is made from the MD5          |
 * | `part-NNNNN`       | CopyObject              | `temp-NNNNN`                  | its ETag, which is that MD5; or checksums     |
 * | part of the target | UploadPartCopy          | `part-NNNNN`                  | the ETag or checksum of the part file         |
 * | target             | CompleteMultipartUpload | its parts                     | the expected proof (`proof.ts`)               |
 *
 * Under a KMS key, ETags are not MD5s: there S3's conditions, sizes and checksums count.
 */
export async function copyStaged(context: CopyContext, object: PlannedObject): Promise<OutcomeOrLater> {
  const before = await findPublished(context, object);
  if (before !== undefined) return before;
  const staging = await openStaging(context, object);
  if ((await makeTempFiles(context, staging, staging.parts)) > 0) return 'later';
  if ((await makePartFiles(context, staging, staging.parts)) > 0) return 'later';
  return finalize(context, staging);
}

/**
 * Makes the target of its part files, each step proved by the one before: the parts' ETags are those of the files,
 * and the target's is made of them.
 *
 * @throws {S3Error} 404, 409 or 412 when source or destination are not what the plan saw
 */
export async function finalize(context: CopyContext, staging: Staging): Promise<OutcomeOrLater> {
  const pairs = await completePairs(context, staging);
  if (pairs === undefined) return 'later';
  const source = await recheckSource(context, staging.object);
  if (!isHead(source)) return source;
  const outcome = await publish(context, stagedJob(context, staging, pairs), source).catch((error: unknown) =>
    withoutWrongFiles(context, staging, error),
  );
  if (outcome === 'later' || outcome.status !== 'copied') return outcome;
  const { keepParts } = context.run.copyRequest;
  await (keepParts ? recordTarget : recordPublished)(context, staging, outcome);
  await abortForgottenUploads(context, staging);
  return keepParts ? outcome : removePartFiles(context, staging, outcome);
}

/** The next attempt must not continue from part files that S3 found to be other bytes than those of the source. */
async function withoutWrongFiles(context: CopyContext, staging: Staging, error: unknown): Promise<never> {
  if (!hasCode(error, 'BadDigest')) throw error;
  const left = await removeFiles(context, staging);
  const files =
    left === undefined
      ? `the part files in ${staging.folder} are not the source's and were removed: the next attempt makes them again`
      : `the part files in ${staging.folder} are not the source's, and could not be removed (${left}): remove them`;
  throw withMessage(error as S3Error, `S3 refuses the whole by its checksum; ${files}`);
}

/** The parts of the target are the simple part files. */
function stagedJob(context: CopyContext, staging: Staging, pairs: ReadonlyMap<number, Pair>): MultipartCopy {
  const { bucket } = context.destination.temp;
  const { object, layout, folder, parts } = staging;
  const md5s = parts.flatMap(({ number }) => pairs.get(number)?.md5 ?? []);
  const findPartSource: MultipartCopy['findPartSource'] = ({ number }) => {
    const { etag = '', ...known } = pairs.get(number) ?? {};
    return { source: { bucket, key: partFileKeys.part(folder, number) }, sourceEtag: etag, ...known };
  };
  const isKnown = md5s.length === parts.length;
  return { object, layout, parts, findPartSource, ...(isKnown ? { etag: multipartEtag(md5s, hashes) } : {}) };
}

/** All pairs of part files; what is missing of them is made again. */
async function completePairs(
  context: CopyContext,
  staging: Staging,
): Promise<ReadonlyMap<number, Pair> | undefined> {
  const pairs = await findPairs(context, staging, staging.parts);
  if (pairs.size === staging.parts.length) return pairs;
  // Another run may have removed the files together with the record that says whose they are.
  if ((await openStaging(context, staging.object)).folder !== staging.folder) return undefined;
  if ((await makeTempFiles(context, staging, staging.parts)) > 0) return undefined;
  if ((await makePartFiles(context, staging, staging.parts)) > 0) return undefined;
  const made = await findPairs(context, staging, staging.parts);
  return made.size === staging.parts.length ? made : undefined;
}
