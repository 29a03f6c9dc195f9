import * as z from 'zod';
import { recordedByAny } from '../core/multipart/recorded-uploads.ts';
import type { AllRuns } from '../core/run/run-files.ts';
import type { Address, ObjectStore, OpenUpload } from '../core/s3/object-store.ts';
import type { RequestLimiter } from '../core/s3/request-limiter.ts';
import type { EndedRun } from './ended-run.ts';

/** Whom to ask what a run has left. */
export interface LookingPlace {
  readonly store: ObjectStore;
  readonly requests: RequestLimiter;
  readonly allRuns: AllRuns;
}

/** An upload at the destination that its run will not end any more. */
export interface LeftUpload extends Address {
  readonly uploadId: string;
}

/** What a run has written down about an upload, as far as it matters here. */
const UploadFile = z.object({
  key: z.string(),
  /** Left out: it was about to be opened. */
  uploadId: z.string().optional(),
  isOpen: z.boolean().optional(),
  orphansSince: z.number().optional(),
});

/** What a run knows of the uploads of a target. */
interface Target {
  readonly address: Address;
  readonly recorded: Set<string>;
  /** Since when there may be uploads that it has not recorded, in milliseconds since 1970. `Infinity` if there are none. */
  orphansSince: number;
  open: readonly OpenUpload[];
}

/** A function that outlives its execution may continue for as long as a function may run. */
const longestInvocationMillis = 15 * 60_000;

/**
 * The uploads of targets that a run has left open: those that it has recorded, and those that it may have opened
 * without learning of it. The latter are of the same role, were opened when the run had such a doubt and before its
 * end, and are of no other run.
 */
export async function uploadsLeft(run: EndedRun, place: LookingPlace): Promise<LeftUpload[]> {
  const targets = await targetsOf(run, place);
  for (const target of targets) {
    target.open = await place.requests.send(() => place.store.listUploadsOf(target.address));
  }
  // Without a recorded upload that is still open, it is unknown which of the others belong to the run.
  const roles = new Set(targets.flatMap((target) => recordedOf(target).map(({ initiator }) => initiator)));
  roles.delete('');
  const found: LeftUpload[] = [];
  for (const target of targets) {
    const uploads = [...recordedOf(target), ...(await lostOf(run, target, roles, place))];
    found.push(...uploads.map(({ uploadId }) => ({ ...target.address, uploadId })));
  }
  return found;
}

async function targetsOf(run: EndedRun, { allRuns }: LookingPlace): Promise<Target[]> {
  const targets = new Map<string, Target>();
  for await (const path of allRuns.list(`${run.name}/uploads/`)) {
    const file = await allRuns.checkpoint(path, UploadFile);
    if (file === undefined) continue;
    const { key, uploadId, isOpen, orphansSince = file.lastModified ?? 0 } = file.value;
    const target = targets.get(key) ?? newTarget({ bucket: run.request.dest.bucket, key });
    if (uploadId !== undefined) target.recorded.add(uploadId);
    const isInDoubt = isOpen === true || file.value.orphansSince !== undefined;
    if (isInDoubt) target.orphansSince = Math.min(target.orphansSince, orphansSince);
    targets.set(key, target);
  }
  return [...targets.values()];
}

const newTarget = (address: Address): Target => ({
  address,
  recorded: new Set(),
  orphansSince: Number.POSITIVE_INFINITY,
  open: [],
});

const recordedOf = ({ open, recorded }: Target): OpenUpload[] =>
  open.filter(({ uploadId }) => recorded.has(uploadId));

async function lostOf(
  run: EndedRun,
  { address, open, recorded, orphansSince }: Target,
  roles: ReadonlySet<string>,
  { allRuns }: LookingPlace,
): Promise<OpenUpload[]> {
  const until = run.endedAt.getTime() + longestInvocationMillis;
  const unknown = open.filter(
    ({ uploadId, initiator, initiated }) =>
      !recorded.has(uploadId) && roles.has(initiator) && initiated >= orphansSince && initiated <= until,
  );
  if (unknown.length === 0) return [];
  const known = await recordedByAny(allRuns, run.name, address, Number.POSITIVE_INFINITY);
  return known === undefined ? [] : unknown.filter(({ uploadId }) => !known.has(uploadId));
}

/** Aborts an upload, unless another client has done so. */
export const abortUpload = (upload: LeftUpload, { store, requests }: LookingPlace): Promise<void> =>
  requests.send(() => store.abortUpload(upload, upload.uploadId));
