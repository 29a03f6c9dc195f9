import { multipartEtag } from '../../core/etags.ts';
import { partFileKeys } from '../../core/part-files.ts';
import { type Part, partBytes } from '../../core/parts.ts';
import { hasCode, hasStatus } from '../../s3/failures.ts';
import type { ObjectHead, UploadedPart } from '../../s3/object-store.ts';
import { hashes } from '../../shared/hashes.ts';
import { inLanes } from '../../shared/lanes.ts';
import { type CopyContext, conditionOf, copyInTime, type Ended, type Outcome, targetOf } from '../context.ts';
import { ProofError, SourceChanged } from '../failure.ts';
import { uploadProperties } from '../properties.ts';
import { isHead, lookAtSource, publishedAs } from '../questions.ts';
import { abortForgottenUploads, recordTarget, removePartFiles } from './after.ts';
import { findPartFiles, hasPair, type PartFiles } from './part-files.ts';
import { stage1, stage2 } from './stages.ts';
import type { Staging } from './staging.ts';
import { abortStrayUploads, abortUploadsOf, openUpload, recordedUpload } from './upload.ts';

/** An upload may be gone this often: ended by another invocation, or by somebody else. */
const mostUploads = 3;

/**
 * Makes the target of its part files, each step proved by the one before: the parts' ETags are those of the files,
 * and the target's is made of them.
 *
 * @throws {S3Failure} 404, 409 or 412 when source or destination are not what the plan saw
 */
export async function finalize(context: CopyContext, staging: Staging): Promise<Outcome> {
  const files = await completeFiles(context, staging);
  if (files === undefined) return 'later';
  const etags = staging.parts.map(({ number }) => files.part.get(number)?.etag ?? '');
  const outcome = await publish(context, staging, etags);
  if (outcome === 'later' || outcome.status !== 'copied') return outcome;
  await recordTarget(context, staging, multipartEtag(etags, hashes));
  await abortForgottenUploads(context, staging);
  return context.run.request.keepParts ? outcome : removePartFiles(context, staging, outcome);
}

/** All pairs of part files; what is missing of them is made again. */
async function completeFiles(context: CopyContext, staging: Staging): Promise<PartFiles | undefined> {
  const files = await findPartFiles(context, staging, staging.parts);
  if (staging.parts.every((part) => hasPair(files, part))) return files;
  if ((await stage1(context, staging, staging.parts)) > 0) return undefined;
  if ((await stage2(context, staging, staging.parts)) > 0) return undefined;
  const made = await findPartFiles(context, staging, staging.parts);
  return staging.parts.every((part) => hasPair(made, part)) ? made : undefined;
}

/** The source is looked at once more: what is gone or changed since its parts were copied is not published. */
async function publish(context: CopyContext, staging: Staging, etags: readonly string[]): Promise<Outcome> {
  const source = await lookAtSource(context, staging.object);
  if (!isHead(source)) {
    await abortUploadsOf(context, staging.object);
    return source;
  }
  if (source.etag !== staging.object.etag) {
    throw new SourceChanged(`${staging.object.key} changed in the source`);
  }
  const expected = multipartEtag(etags, hashes);
  let record = await recordedUpload(context, staging);
  for (let tried = 0; tried < mostUploads; tried += 1) {
    if (record === undefined || tried > 0) {
      record = await openUpload(
        context,
        staging,
        await uploadProperties(context, staging.object, source),
        record,
      );
    }
    try {
      return await fillAndComplete(context, staging, { uploadId: record.value.uploadId, etags, expected });
    } catch (error) {
      if (!hasCode(error, 'NoSuchUpload'))
        throw await abortOn(context, staging, record.value.uploadId, error);
      const there = await findTarget(context, staging, expected);
      if (there !== undefined) return copied(publishedAs(there));
    }
  }
  throw new ProofError(`${mostUploads} uploads of ${staging.object.target} were ended by somebody else`);
}

const copied = (published: Pick<Ended, 'etag' | 'versionId'>): Outcome => ({
  status: 'copied',
  proof: 'part-md5s',
  ...published,
});

/** After a lost race the upload is of no use; after any other failure it stays for the next invocation. */
async function abortOn(
  context: CopyContext,
  staging: Staging,
  uploadId: string,
  error: unknown,
): Promise<unknown> {
  if (hasStatus(error, 409)) {
    const { destination, requests } = context;
    await requests.send(() => destination.store.abortUpload(targetOf(context, staging.object), uploadId));
  }
  return error;
}

interface Upload {
  readonly uploadId: string;
  readonly etags: readonly string[];
  readonly expected: string;
}

async function fillAndComplete(context: CopyContext, staging: Staging, upload: Upload): Promise<Outcome> {
  const { destination, requests } = context;
  const target = targetOf(context, staging.object);
  const found = await requests.send(() => destination.store.listParts(target, upload.uploadId));
  if (!(await fill(context, staging, upload, found))) return 'later';
  await abortStrayUploads(context, target, upload.uploadId);
  const published = await requests.send(() =>
    destination.store.completeUpload(target, {
      uploadId: upload.uploadId,
      partEtags: upload.etags,
      size: staging.object.size,
      condition: conditionOf(context, staging.object),
    }),
  );
  if (published.etag !== upload.expected) {
    throw new ProofError(
      `${target.key} has ETag ${published.etag} instead of ${upload.expected}, which its parts make`,
    );
  }
  return copied(published);
}

/** Copies the parts that the upload lacks. @returns whether there was time for all */
async function fill(
  context: CopyContext,
  staging: Staging,
  { uploadId, etags }: Upload,
  found: readonly UploadedPart[],
): Promise<boolean> {
  const have = new Map(found.map(({ number, etag }) => [number, etag]));
  const missing = staging.parts.filter(({ number }) => have.get(number) !== etags[number - 1]);
  let late = 0;
  await inLanes(missing, context.run.request.concurrency, async (part) => {
    const isAdded = await addPart(context, staging, { part, uploadId, etag: etags[part.number - 1] ?? '' });
    if (!isAdded) late += 1;
  });
  return late === 0;
}

async function addPart(
  context: CopyContext,
  staging: Staging,
  { part, uploadId, etag }: { readonly part: Part; readonly uploadId: string; readonly etag: string },
): Promise<boolean> {
  const { destination } = context;
  const target = targetOf(context, staging.object);
  const source = { bucket: destination.temp.bucket, key: partFileKeys.part(staging.folder, part.number) };
  const made = await copyInTime(context, partBytes(part), () =>
    destination.store.copyPart({ source, sourceEtag: etag, target, uploadId, number: part.number }),
  );
  if (made === 'later') return false;
  if (made === etag) return true;
  throw new ProofError(
    `part ${part.number} of ${target.key} has ETag ${made} instead of ${etag}, that of its part file`,
  );
}

async function findTarget(
  { destination, requests }: CopyContext,
  staging: Staging,
  expected: string,
): Promise<ObjectHead | undefined> {
  const target = { bucket: destination.bucket, key: staging.object.target };
  const head = await requests.send(() => destination.store.head(target));
  return head?.etag === expected && head.size === staging.object.size ? head : undefined;
}
