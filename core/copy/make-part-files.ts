import { multipartEtag } from '../model/etags.ts';
import { partFileKeys } from '../model/part-files.ts';
import { abortUpload } from '../multipart/abort-upload.ts';
import { findPairs, findPartFiles, hasTemp, isMadeOf, pairByHeads } from '../multipart/find-part-files.ts';
import { makeEncryption } from '../multipart/properties.ts';
import type { Staging } from '../multipart/staging.ts';
import { forEachConcurrently } from '../rules/for-each-concurrently.ts';
import { hashes } from '../rules/hashes.ts';
import { type Part, partBytes } from '../rules/part-layout.ts';
import { type CopyContext, copyInTime, sourceAddress } from '../run/copy-context.ts';
import { ProofError } from '../run/object-errors.ts';
import { absentIfDenied } from '../s3/absent-if-denied.ts';
import { hasCode } from '../s3/failures.ts';
import type { Opened } from '../s3/object-store.ts';

/**
 * Makes the temp files: each range of the source becomes a one-part multipart object `temp-NNNNN`. Only this step moves
 * bytes between regions.
 *
 * @returns how many of the parts there was no time for
 * @throws {S3Error} 412 when the source changed
 */
export async function makeTempFiles(
  context: CopyContext,
  staging: Staging,
  parts: readonly Part[],
): Promise<number> {
  const files = await findPartFiles(context, staging, parts);
  const missing = parts.filter((part) => !hasTemp(files, part));
  return inTime(context, missing, (part) => makeTemp(context, staging, part));
}

/**
 * Makes the part files: each `temp-NNNNN` becomes a simple object `part-NNNNN`, whose ETag must be the MD5 of the part. It
 * need not be remembered: the ETag of a one-part upload is made of it.
 *
 * @returns how many of the parts there was no time for, or whose first file is missing
 */
export async function makePartFiles(
  context: CopyContext,
  staging: Staging,
  parts: readonly Part[],
): Promise<number> {
  const files = await findPartFiles(context, staging, parts);
  const pairs = await findPairs(context, staging, parts, files);
  const ready = parts.filter((part) => !pairs.has(part.number) && hasTemp(files, part));
  const withoutTemp = parts.filter((part) => !hasTemp(files, part)).length;
  const late = await inTime(context, ready, (part) =>
    makePart(context, staging, part, files.temp.get(part.number)?.etag ?? ''),
  );
  return withoutTemp + late;
}

const tryDirect = 'start a new run with `strategy: direct`, which needs no part files';

/** Whether a file was made, or there was no time to. */
type Made = 'made' | 'later';

/** Does the work for all parts, as many at once as the request allows. @returns how many there was no time for */
async function inTime(
  { run }: CopyContext,
  parts: readonly Part[],
  work: (part: Part) => Promise<Made>,
): Promise<number> {
  let late = 0;
  await forEachConcurrently(parts, run.copyRequest.concurrency, async (part) => {
    if ((await work(part)) === 'later') late += 1;
  });
  return late;
}

async function makeTemp(context: CopyContext, staging: Staging, part: Part, tries = 3): Promise<Made> {
  const { destination, limiter, deadline } = context;
  if (!deadline.allowsCopy(partBytes(part))) return 'later';
  const target = { bucket: destination.temp.bucket, key: partFileKeys.temp(staging.folder, part.number) };
  const encryption = makeEncryption(context.run.copyRequest);
  const upload = await limiter.send(() => destination.store.createUpload(target, encryption));
  const { uploadId } = upload;
  const abandon = () => abortUpload(context, target, uploadId);
  try {
    const copied = await copyInTime(context, partBytes(part), () =>
      destination.store.copyPart({
        source: sourceAddress(context, staging.object),
        sourceEtag: staging.object.etag,
        target,
        uploadId,
        number: 1,
        // A range may be named only of a source above 5 MiB; one part is all of it.
        ...(staging.parts.length === 1 ? {} : { range: part }),
      }),
    );
    if (copied === 'later') {
      await abandon();
      return copied;
    }
    await completeTemp(context, target, { ...upload, etag: copied.etag, size: partBytes(part) });
    return 'made';
  } catch (error) {
    await abandon();
    // Another run that shares the part files has published its object, and ended what was open on them.
    if (hasCode(error, 'NoSuchUpload') && tries > 1) return makeTemp(context, staging, part, tries - 1);
    throw error;
  }
}

/** An upload that was completed without an answer is gone. Then the file counts. */
async function completeTemp(
  { destination, limiter }: CopyContext,
  target: { readonly bucket: string; readonly key: string },
  { uploadId, isKms, etag, size }: Opened & { readonly etag: string; readonly size: number },
): Promise<void> {
  const expected = isKms ? undefined : multipartEtag([etag], hashes);
  const upload = { uploadId, parts: [{ etag }], size, condition: {} };
  try {
    const { etag: made } = await limiter.send(() => destination.store.completeUpload(target, upload));
    if (expected === undefined || made === expected) return;
    const wrong = `${target.key} has ETag ${made} instead of ${expected}, which its part makes`;
    throw new ProofError(wrong, tryDirect);
  } catch (error) {
    if (!hasCode(error, 'NoSuchUpload')) throw error;
    const head = await absentIfDenied(() => limiter.send(() => destination.store.head(target)));
    if (head?.size !== size || (expected !== undefined && head.etag !== expected)) throw error;
  }
}

async function makePart(context: CopyContext, staging: Staging, part: Part, tempEtag: string): Promise<Made> {
  const { destination } = context;
  const { bucket } = destination.temp;
  const source = { bucket, key: partFileKeys.temp(staging.folder, part.number) };
  const target = { bucket, key: partFileKeys.part(staging.folder, part.number) };
  const made = await copyInTime(context, partBytes(part), () =>
    destination.store.copy(source, tempEtag, target, {}, makeEncryption(context.run.copyRequest)),
  );
  if (made === 'later') return made;
  if (isMadeOf(tempEtag, made.etag)) return 'made';
  if ((await pairByHeads(context, staging, part, tempEtag)) !== undefined) return 'made';
  throw new ProofError(
    `${target.key} has ETag ${made.etag}, which is neither the MD5 that ${source.key} was copied with nor its ETag, and no checksum says that they are the same`,
    tryDirect,
  );
}
