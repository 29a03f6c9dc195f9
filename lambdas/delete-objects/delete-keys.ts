import { setTimeout as sleep } from 'node:timers/promises';
import { adviceToAdd } from '../../core/access/iam-actions.ts';
import type { PlanLine } from '../../core/model/plan.ts';
import { fitsXml } from '../../core/rules/delete-guard.ts';
import { forEachConcurrently } from '../../core/rules/for-each-concurrently.ts';
import { requestRetry, waitBefore } from '../../core/rules/retry.ts';
import { hasStatus, isPassingCode, S3Error } from '../../core/s3/failures.ts';
import type { ObjectStore } from '../../core/s3/object-store.ts';
import type { RequestLimiter } from '../../core/s3/request-limiter.ts';

/** A destination key that the source lacks, as the plan listed it. */
export type ExtraKey = PlanLine & { readonly action: 'extra' };

/** What deleting needs. */
export interface DeleteContext {
  readonly store: ObjectStore;
  readonly bucket: string;
  readonly limiter: RequestLimiter;
}

/** A key that S3 did not delete, and why. */
export interface Refusal {
  readonly target: string;
  readonly error: string;
  readonly message: string;
}

/** How the deletes of some keys ended. */
export interface DeleteEnds {
  /** Gone, by this or by an earlier attempt. */
  deleted: number;
  /** Written by another client since the listing. */
  kept: number;
  readonly undeleted: Refusal[];
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html (read 2026-11-22) */
const keysInRequest = 1_000;
const requestsAtOnce = 4;

/** Deletes keys that still have the ETag that was listed. Every refusal ends in one of the counts. */
export async function deleteKeys(context: DeleteContext, keys: readonly ExtraKey[]): Promise<DeleteEnds> {
  const ends: DeleteEnds = { deleted: 0, kept: 0, undeleted: [] };
  const plain = keys.filter(({ target }) => fitsXml(target));
  const others = keys.filter(({ target }) => !fitsXml(target));
  const chunks = Array.from({ length: Math.ceil(plain.length / keysInRequest) }, (_, n) =>
    plain.slice(n * keysInRequest, (n + 1) * keysInRequest),
  );
  await forEachConcurrently(chunks, requestsAtOnce, async (chunk) =>
    settle(context, chunk, await deleteMany(context, chunk), ends),
  );
  await forEachConcurrently(others, requestsAtOnce, async (key) =>
    settle(context, [key], await deleteOne(context, key), ends),
  );
  return ends;
}

/** Deletes up to 1,000 keys, and again what S3 refuses for a passing reason. */
async function deleteMany(context: DeleteContext, chunk: readonly ExtraKey[]): Promise<Refusal[]> {
  const { store, bucket, limiter } = context;
  const final: Refusal[] = [];
  let left = chunk;
  for (let attempt = 1; left.length > 0; attempt += 1) {
    const objects = left.map(({ target, etag }) => ({ key: target, etag }));
    const refusals = await limiter.send(() => store.deleteMany(bucket, objects));
    const isLast = attempt >= requestRetry.attempts;
    const again = new Set(
      refusals.filter(({ code }) => isPassingCode(code) && !isLast).map(({ key }) => key),
    );
    const ended = refusals.filter(({ key }) => !again.has(key));
    final.push(...ended.map(({ key, code, message }) => ({ target: key, error: code, message })));
    left = left.filter(({ target }) => again.has(target));
    if (left.length > 0) await sleep(waitBefore(requestRetry, attempt, Math.random()));
  }
  return final;
}

async function deleteOne(context: DeleteContext, { target, etag }: ExtraKey): Promise<Refusal[]> {
  const { store, bucket, limiter } = context;
  try {
    await limiter.send(() => store.deleteObject({ bucket, key: target }, etag));
    return [];
  } catch (error) {
    if (!(error instanceof S3Error) || error.passing) throw error;
    return [{ target, error: error.code, message: error.message }];
  }
}

/** Finds out what each refusal means: what S3 answers for a key that is gone or changed is not the same everywhere. */
async function settle(
  context: DeleteContext,
  chunk: readonly ExtraKey[],
  refusals: readonly Refusal[],
  ends: DeleteEnds,
): Promise<void> {
  const etags = new Map(chunk.map(({ target, etag }) => [target, etag]));
  ends.deleted += chunk.length - refusals.length;
  await forEachConcurrently(refusals, keysInRequest, async (refusal) => {
    const now = await etagNow(context, refusal.target);
    if (now === 'gone') ends.deleted += 1;
    else if (now !== 'unknown' && now !== etags.get(refusal.target)) ends.kept += 1;
    else ends.undeleted.push(withAdvice(refusal));
  });
}

const withAdvice = (refusal: Refusal): Refusal =>
  refusal.error === 'AccessDenied'
    ? { ...refusal, message: refusal.message + adviceToAdd(['DeleteDestination']) }
    : refusal;

async function etagNow(
  { store, bucket, limiter }: DeleteContext,
  key: string,
): Promise<string | 'gone' | 'unknown'> {
  try {
    return (await limiter.send(() => store.head({ bucket, key })))?.etag ?? 'gone';
  } catch (error) {
    if (hasStatus(error, 403)) return 'unknown';
    throw error;
  }
}
