import type { PlannedObject } from '../model/batches.ts';
import { endUpload } from '../multipart/end-upload.ts';
import { isDone, isOf, type Job } from '../multipart/part-sources.ts';
import { cutAnew } from '../multipart/source-layout.ts';
import {
  openUpload,
  recordedUpload,
  sealUpload,
  settleUpload,
  type Upload,
  type UploadRecord,
} from '../multipart/upload.ts';
import { inLanes } from '../rules/for-each-concurrently.ts';
import { type Part, partBytes } from '../rules/part-layout.ts';
import {
  type CopyContext,
  conditionOf,
  copyInTime,
  type Ended,
  type Outcome,
  targetOf,
} from '../run/copy-context.ts';
import {
  LayoutError,
  ProofError,
  SourceChanged,
  tryOtherStrategy,
  UnprovenError,
} from '../run/object-errors.ts';
import { absentIfDenied } from '../s3/absent-if-denied.ts';
import { hasCode, hasStatus } from '../s3/failures.ts';
import type { CopiedPart, ObjectHead } from '../s3/object-store.ts';
import { ofCurrent } from './current-version.ts';
import { type Claim, claimOf, copiedAs, foundAs, refuseClaim } from './proof.ts';
import { isHead, lookAtSource } from './resolve-conflict.ts';

/** An upload may be gone this often: ended by another invocation, or by somebody else. */
const mostUploads = 3;

/**
 * The source once more: what is gone or changed since its parts were copied is not published.
 *
 * @throws {SourceChanged} when it is another version
 */
export async function sourceOnceMore(
  context: CopyContext,
  object: PlannedObject,
): Promise<ObjectHead | Ended> {
  const source = await lookAtSource(context, object);
  if (!isHead(source) || source.etag === object.etag) return source;
  throw new SourceChanged(`${object.key} changed in the source`);
}

/** The recorded upload of a job, or a new one. */
export const uploadOf = async (context: CopyContext, job: Job, source: ObjectHead): Promise<Upload> =>
  (await recordedUpload(context, job)) ?? openUpload(context, job, source, undefined);

/**
 * Copies the parts that the upload of the target lacks, and publishes it if S3 finds that it is what it must be.
 *
 * @param source as it is now
 * @throws {S3Failure} 404, 409 or 412 when source or destination are not what the plan saw
 */
export async function publish(context: CopyContext, job: Job, source: ObjectHead): Promise<Outcome> {
  let upload = await uploadOf(context, job, source);
  for (let tried = 0; tried < mostUploads; tried += 1) {
    try {
      upload = await settleUpload(context, job, upload);
      return await fillAndComplete(context, job, source, upload);
    } catch (error) {
      // Another invocation has copied a part again, which under KMS has another ETag then.
      if (hasCode(error, 'InvalidPart')) continue;
      if (!hasCode(error, 'NoSuchUpload')) return giveUp(context, job, upload, error);
      const next = await afterUpload(context, job, source, upload);
      if ('outcome' in next) return next.outcome;
      upload = next.upload;
    }
  }
  throw new ProofError(
    `${mostUploads} uploads of ${job.object.target} were ended by another client`,
    'stop what ends them, such as a lifecycle rule or another run, and redrive',
  );
}

/** What became of an upload that is gone: the target that it was to be, or nothing. */
export async function afterUpload(
  context: CopyContext,
  job: Job,
  source: ObjectHead,
  gone: Upload,
): Promise<{ readonly outcome: Ended } | { readonly upload: Upload }> {
  const recorded = await recordedUpload(context, job);
  const outcome = await findTarget(context, job, source, recorded?.value);
  if (outcome !== undefined) return { outcome };
  const isReplaced = recorded !== undefined && recorded.value.uploadId !== gone.value.uploadId;
  return { upload: isReplaced ? recorded : await openUpload(context, job, source, recorded) };
}

/**
 * After a lost race, or when S3 refuses the whole, the upload is of no use: S3 answers 409 to each further Complete on a
 * condition once the target was written or deleted since Create. Else it stays for the next invocation.
 */
async function giveUp(context: CopyContext, job: Job, upload: Upload, error: unknown): Promise<Outcome> {
  const isOfNoUse =
    hasStatus(error, 409, 412) ||
    hasCode(error, 'BadDigest', 'InvalidRequest') ||
    error instanceof UnprovenError ||
    error instanceof LayoutError;
  if (isOfNoUse) await endUpload(context, targetOf(context, job.object), upload.value.uploadId);
  if (error instanceof LayoutError && (await cutAnew(context, job.object, job.cut))) return 'later';
  throw error;
}

async function fillAndComplete(
  context: CopyContext,
  job: Job,
  source: ObjectHead,
  upload: Upload,
): Promise<Outcome> {
  const { destination, requests, run } = context;
  const target = targetOf(context, job.object);
  const parts = await fill(context, job, upload, job.parts);
  if (parts === 'later') return parts;
  const claim = claimOf(job, source, upload.value, parts);
  refuseClaim(job, source, claim, run.request.verify);
  if (needsSeal(job, claim)) await sealUpload(context, job, upload, expectedOf(claim));
  try {
    const made = await requests.send(() =>
      destination.store.completeUpload(target, {
        uploadId: upload.value.uploadId,
        parts,
        size: job.object.size,
        ...(claim.checksum === undefined ? {} : { checksum: claim.checksum }),
        condition: conditionOf(context, job.object),
      }),
    );
    const ended = copiedAs(job, claim, made, run.request.verify);
    return await ofCurrent(context, job.object, source, ended);
  } catch (error) {
    if (!hasStatus(error, 409, 412)) throw error;
    // What S3 does not let us replace may be the target as it was to be, of another run or an invocation of ours.
    const wanted = { ...upload.value, expected: expectedOf(claim) };
    const outcome = await findTarget(context, job, source, wanted);
    if (outcome === undefined) throw error;
    await endUpload(context, target, wanted.uploadId);
    return outcome;
  }
}

/** How the object ended if what is at the destination is its target; undefined when it is absent or something else. */
async function findTarget(
  context: CopyContext,
  job: Job,
  source: ObjectHead,
  record: UploadRecord | undefined,
): Promise<Ended | undefined> {
  const { destination, requests } = context;
  const head = await absentIfDenied(() =>
    requests.send(() => destination.store.head(targetOf(context, job.object))),
  );
  return head === undefined ? undefined : foundAs(job, source, record, head);
}

/** Whether nothing would tell after a crash that the target is ours: neither source nor part files do. */
const needsSeal = (job: Job, { isOfSource, etag }: Claim): boolean =>
  !isOfSource && job.etag === undefined && etag !== job.object.etag;

const expectedOf = ({ etag, checksum }: Claim) => ({
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
  job: Job,
  upload: Upload,
  parts: readonly Part[],
): Promise<CopiedPart[] | 'later'> {
  const { destination, requests, run } = context;
  const { uploadId, isKms } = upload.value;
  const of = { first: parts[0]?.number ?? 1, last: parts.at(-1)?.number ?? 0 };
  const target = targetOf(context, job.object);
  const found = await requests.send(() => destination.store.listParts(target, uploadId, of));
  const have = new Map<number, CopiedPart>();
  for (const one of found) {
    const part = job.parts[one.number - 1];
    if (part !== undefined && isDone(job, part, one, isKms)) have.set(one.number, one);
  }
  const missing = parts.filter(({ number }) => !have.has(number));
  await inLanes(missing, run.request.concurrency, async (part) => {
    const made = await addPart(context, job, upload, part);
    if (made !== 'later') have.set(part.number, made);
  });
  const all = parts.flatMap(({ number }) => have.get(number) ?? []);
  return all.length === parts.length ? all : 'later';
}

async function addPart(
  context: CopyContext,
  job: Job,
  { value: { uploadId, isKms } }: Upload,
  part: Part,
): Promise<CopiedPart | 'later'> {
  const { destination } = context;
  const target = targetOf(context, job.object);
  const piece = job.pieceOf(part);
  const made = await copyInTime(context, partBytes(part), () =>
    destination.store.copyPart({ ...piece, target, uploadId, number: part.number }),
  );
  if (made === 'later' || isOf(piece, made, isKms)) return made;
  throw new ProofError(
    `part ${part.number} of ${target.key} has ETag ${made.etag} and checksum ${made.checksum?.value}, which are not those of ${piece.source.key}`,
    tryOtherStrategy,
  );
}
