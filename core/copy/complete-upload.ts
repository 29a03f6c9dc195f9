import type { PlannedObject } from '../model/batches.ts';
import { abortUpload } from '../multipart/abort-upload.ts';
import { holdsSource, isPartCopied, type MultipartCopy } from '../multipart/part-sources.ts';
import { findOtherLayout } from '../multipart/source-layout.ts';
import {
  openUpload,
  recordExpected,
  recordedUpload,
  settleUpload,
  type Upload,
  type UploadRecord,
} from '../multipart/upload.ts';
import { forEachConcurrently } from '../rules/for-each-concurrently.ts';
import { type Part, partBytes } from '../rules/part-layout.ts';
import {
  type CopyContext,
  copyInTime,
  type Outcome,
  type OutcomeOrLater,
  targetAddress,
  writeCondition,
} from '../run/copy-context.ts';
import {
  LayoutError,
  ProofError,
  SourceChangedError,
  tryOtherStrategy,
  UnprovenError,
} from '../run/object-errors.ts';
import { absentIfDenied } from '../s3/absent-if-denied.ts';
import { hasCode, hasStatus } from '../s3/failures.ts';
import type { CopiedPart, ObjectHead } from '../s3/object-store.ts';
import { confirmCurrentVersion } from './current-version.ts';
import { type ExpectedProof, expectProof, proveCopied, recognizeTarget, refuseUnproven } from './proof.ts';
import { isHead, lookAtSource } from './resolve-conflict.ts';

/** How many uploads of one target may disappear, aborted by another invocation or another client. */
const mostUploads = 3;

/**
 * The source once more: what is gone or changed since its parts were copied is not published.
 *
 * @throws {SourceChangedError} when it is another version
 */
export async function recheckSource(
  context: CopyContext,
  object: PlannedObject,
): Promise<ObjectHead | Outcome> {
  const source = await lookAtSource(context, object);
  if (!isHead(source) || source.etag === object.etag) return source;
  throw new SourceChangedError(`${object.key} changed in the source`);
}

/** The recorded upload of a job, or a new one. */
export const findOrOpenUpload = async (
  context: CopyContext,
  multipart: MultipartCopy,
  source: ObjectHead,
): Promise<Upload> =>
  (await recordedUpload(context, multipart)) ?? openUpload(context, multipart, source, undefined);

/**
 * Copies the parts that the upload of the target lacks, and publishes it if S3 finds that it is what it must be.
 *
 * @param source as it is now
 * @throws {S3Error} 404, 409 or 412 when source or destination are not what the plan saw
 */
export async function publish(
  context: CopyContext,
  multipart: MultipartCopy,
  source: ObjectHead,
): Promise<OutcomeOrLater> {
  let upload = await findOrOpenUpload(context, multipart, source);
  for (let tried = 0; tried < mostUploads; tried += 1) {
    try {
      upload = await settleUpload(context, multipart, upload);
      return await fillAndComplete(context, multipart, source, upload);
    } catch (error) {
      // Another invocation has copied a part again, which under KMS has another ETag then.
      if (hasCode(error, 'InvalidPart')) continue;
      if (!hasCode(error, 'NoSuchUpload')) return giveUp(context, multipart, upload, error);
      const next = await afterUpload(context, multipart, source, upload);
      if ('outcome' in next) return next.outcome;
      upload = next.upload;
    }
  }
  throw new ProofError(
    `${mostUploads} uploads of ${multipart.object.target} were ended by another client`,
    'stop what ends them, such as a lifecycle rule or another run, and redrive',
  );
}

/** What became of an upload that is gone: the target that it was to be, or nothing. */
export async function afterUpload(
  context: CopyContext,
  multipart: MultipartCopy,
  source: ObjectHead,
  gone: Upload,
): Promise<{ readonly outcome: Outcome } | { readonly upload: Upload }> {
  const recorded = await recordedUpload(context, multipart);
  const outcome = await findTarget(context, multipart, source, recorded?.value);
  if (outcome !== undefined) return { outcome };
  const isReplaced = recorded !== undefined && recorded.value.uploadId !== gone.value.uploadId;
  return { upload: isReplaced ? recorded : await openUpload(context, multipart, source, recorded) };
}

/**
 * After a lost race, or when S3 refuses the whole, the upload is of no use: S3 answers 409 to each further Complete on a
 * condition once the target was written or deleted since Create. Else it stays for the next invocation.
 */
async function giveUp(
  context: CopyContext,
  multipart: MultipartCopy,
  upload: Upload,
  error: unknown,
): Promise<OutcomeOrLater> {
  const isOfNoUse =
    hasStatus(error, 409, 412) ||
    hasCode(error, 'BadDigest', 'InvalidRequest') ||
    error instanceof UnprovenError ||
    error instanceof LayoutError;
  if (isOfNoUse) await abortUpload(context, targetAddress(context, multipart.object), upload.value.uploadId);
  if (error instanceof LayoutError && (await findOtherLayout(context, multipart.object, multipart.layout)))
    return 'later';
  throw error;
}

async function fillAndComplete(
  context: CopyContext,
  multipart: MultipartCopy,
  source: ObjectHead,
  upload: Upload,
): Promise<OutcomeOrLater> {
  const { destination, limiter, run } = context;
  const target = targetAddress(context, multipart.object);
  const parts = await fill(context, multipart, upload, multipart.parts);
  if (parts === 'later') return parts;
  const expected = expectProof(multipart, source, upload.value, parts);
  refuseUnproven(multipart, source, expected, run.copyRequest.verify);
  if (needsSeal(multipart, expected)) await recordExpected(context, multipart, upload, expectedOf(expected));
  try {
    const made = await limiter.send(() =>
      destination.store.completeUpload(target, {
        uploadId: upload.value.uploadId,
        parts,
        size: multipart.object.size,
        ...(expected.checksum === undefined ? {} : { checksum: expected.checksum }),
        condition: writeCondition(context, multipart.object),
      }),
    );
    const ended = proveCopied(multipart, expected, made, run.copyRequest.verify);
    return await confirmCurrentVersion(context, multipart.object, source, ended);
  } catch (error) {
    if (!hasStatus(error, 409, 412)) throw error;
    // The object that S3 does not let us replace may already be the right one, from another run or invocation.
    const wanted = { ...upload.value, expected: expectedOf(expected) };
    const outcome = await findTarget(context, multipart, source, wanted);
    if (outcome === undefined) throw error;
    await abortUpload(context, target, wanted.uploadId);
    return outcome;
  }
}

/** How the object ended if what is at the destination is its target; undefined when it is absent or something else. */
async function findTarget(
  context: CopyContext,
  multipart: MultipartCopy,
  source: ObjectHead,
  record: UploadRecord | undefined,
): Promise<Outcome | undefined> {
  const { destination, limiter } = context;
  const head = await absentIfDenied(() =>
    limiter.send(() => destination.store.head(targetAddress(context, multipart.object))),
  );
  return head === undefined ? undefined : recognizeTarget(multipart, source, record, head);
}

/** Whether, after a crash, neither the source nor the part files could show that this run wrote the target. */
const needsSeal = (multipart: MultipartCopy, { isOfSource, etag }: ExpectedProof): boolean =>
  !isOfSource && multipart.etag === undefined && etag !== multipart.object.etag;

const expectedOf = ({ etag, checksum }: ExpectedProof) => ({
  ...(etag === undefined ? {} : { etag }),
  ...(checksum === undefined ? {} : { checksum }),
});

/**
 * Copies those of the parts that the upload lacks; one of a wrong size is copied again.
 *
 * @param parts neighbors, in order
 * @returns all of them, or `later` when there was no time for some
 */
export async function fill(
  context: CopyContext,
  multipart: MultipartCopy,
  upload: Upload,
  parts: readonly Part[],
): Promise<CopiedPart[] | 'later'> {
  const { destination, limiter, run } = context;
  const { uploadId, isKms } = upload.value;
  const of = { first: parts[0]?.number ?? 1, last: parts.at(-1)?.number ?? 0 };
  const target = targetAddress(context, multipart.object);
  const found = await limiter.send(() => destination.store.listParts(target, uploadId, of));
  const have = new Map<number, CopiedPart>();
  for (const one of found) {
    const part = multipart.parts[one.number - 1];
    if (part !== undefined && isPartCopied(multipart, part, one, isKms)) have.set(one.number, one);
  }
  const missing = parts.filter(({ number }) => !have.has(number));
  await forEachConcurrently(missing, run.copyRequest.concurrency, async (part) => {
    const made = await addPart(context, multipart, upload, part);
    if (made !== 'later') have.set(part.number, made);
  });
  const all = parts.flatMap(({ number }) => have.get(number) ?? []);
  return all.length === parts.length ? all : 'later';
}

async function addPart(
  context: CopyContext,
  multipart: MultipartCopy,
  { value: { uploadId, isKms } }: Upload,
  part: Part,
): Promise<CopiedPart | 'later'> {
  const { destination } = context;
  const target = targetAddress(context, multipart.object);
  const partSource = multipart.findPartSource(part);
  const made = await copyInTime(context, partBytes(part), () =>
    destination.store.copyPart({ ...partSource, target, uploadId, number: part.number }),
  );
  if (made === 'later' || holdsSource(partSource, made, isKms)) return made;
  throw new ProofError(
    `part ${part.number} of ${target.key} has ETag ${made.etag} and checksum ${made.checksum?.value}, which are not those of ${partSource.source.key}`,
    tryOtherStrategy,
  );
}
