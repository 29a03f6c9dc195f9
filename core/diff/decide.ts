import { attests, isNeedless, type Receipt } from '../model/copy-records.ts';
import type { Listed } from '../model/listed.ts';
import { tempFolderOf } from '../model/part-files.ts';
import { isInDestination, isTooLong, relativeKey } from '../model/paths.ts';
import type { Verdict } from '../model/plan.ts';
import { becameTarget, layoutOf } from '../multipart/staging-area.ts';
import { type Checksum, type Decision, decide, type Evidence, type Headed } from '../rules/compare.ts';
import { hashes } from '../rules/hashes.ts';
import { kindOf } from '../rules/part-layout.ts';
import type { Destination, Run } from '../run/open-run.ts';
import { hasStatus } from '../s3/failures.ts';
import type { ObjectStore } from '../s3/object-store.ts';
import type { VersionAddress } from '../s3/property-store.ts';
import type { Requests } from '../s3/request-limiter.ts';
import type { Entry, SourceSeen } from './entries.ts';
import { PartFolders } from './part-folders.ts';

/**
 * What the plan makes of an entry: the rules of paths first, then whether the object is unchanged.
 *
 * @param partFolders what is known already of part files in the source
 */
export async function judge(
  run: Run,
  entry: Entry,
  requests: Requests,
  partFolders: PartFolders = new PartFolders(),
): Promise<Verdict> {
  const { key, target, source } = entry;
  if (source === 'lacking') return judgeLacking(run, entry);
  const size = typeof source === 'string' ? 0 : source.size;
  const leftOut = run.filter(relativeKey(run.path, key));
  if (leftOut !== undefined) return { action: 'filtered', key, size, reason: leftOut };
  const { destination } = run;
  const isNone = source === 'missing' || (source === 'delete-marker' && destination === undefined);
  if (isNone) return { action: 'missing', ...namedOf(entry) };
  if (destination === undefined) return { action: 'filtered', key, size, reason: 'list-only' };
  const filtered = overlapOf(run, destination, key);
  if (filtered !== undefined) return { action: 'filtered', key, size, reason: filtered };
  const refused = refusalOf(destination, target);
  const isPartFile =
    (await partFolders.hasFile(run, key, requests)) ||
    (refused === 'temp-area' && (await isGone(run, entry, requests)));
  if (isPartFile) return { action: 'filtered', key, size, reason: 'part-files' };
  if (refused !== undefined) return { action: 'refused', ...namedOf(entry), target, size, reason: refused };
  if (source === 'delete-marker')
    return { action: 'refused', ...namedOf(entry), target, size, reason: 'delete-marker' };
  // The worker asks again, and says that it is missing or denied if it still is.
  if (source === 'denied')
    return { action: 'copy', lane: 'objects', ...namedOf(entry), target, size, etag: '', reason: 'denied' };
  return judgeObject(run, destination, { ...entry, source }, requests);
}

const namedOf = ({ key, versionId }: Entry) => ({ key, ...(versionId === undefined ? {} : { versionId }) });

/** Part files are removed before the record that tells what they are: another run may just have done that. */
async function isGone({ source }: Run, entry: Entry, requests: Requests): Promise<boolean> {
  const object = { bucket: source.bucket, ...namedOf(entry) };
  try {
    return (await requests.send(() => source.store.head(object))) === undefined;
  } catch (error) {
    if (hasStatus(error, 400, 403, 405)) return false;
    throw error;
  }
}

/** A key that only the destination has: never one that the filters leave out, nor a part file. */
function judgeLacking(run: Run, { key, target, destination }: Entry): Verdict {
  const isOut = run.filter(relativeKey(run.path, key)) !== undefined;
  if (run.destination === undefined || destination === undefined || isOut)
    return { action: 'protected', key };
  if (refusalOf(run.destination, target) !== undefined) return { action: 'protected', key };
  return { action: 'extra', key, target, size: destination.size, etag: destination.etag };
}

function overlapOf(
  { request, source }: Run,
  { bucket, temp }: Destination,
  key: string,
): 'in-destination' | 'temp-area' | undefined {
  if (source.bucket === temp.bucket && tempFolderOf(temp.prefix, key) !== undefined) return 'temp-area';
  if (source.bucket !== bucket || request.dest === undefined) return undefined;
  return isInDestination(request.src, request.dest, key) ? 'in-destination' : undefined;
}

function refusalOf({ bucket, temp }: Destination, target: string): 'key-too-long' | 'temp-area' | undefined {
  if (isTooLong(target)) return 'key-too-long';
  const isTempArea = temp.bucket === bucket && tempFolderOf(temp.prefix, target) !== undefined;
  return isTempArea ? 'temp-area' : undefined;
}

/** An entry whose source S3 has shown. */
type JudgedEntry = Entry & { readonly source: SourceSeen };

async function judgeObject(
  run: Run,
  destination: Destination,
  entry: JudgedEntry,
  requests: Requests,
): Promise<Verdict> {
  const { key, target, source } = entry;
  const { decision, checksums, receipt } = await settle(run, destination, entry, requests);
  const { action, reason } = decision;
  if (action === 'same')
    return { action, key, size: source.size, reason, ...(receipt === undefined ? {} : { receipt }) };
  const { compareOnly, overwrite, archived } = run.request;
  if (entry.destination !== undefined && overwrite === 'never' && !compareOnly) {
    return { action: 'filtered', key, size: source.size, reason: 'exists' };
  }
  if (source.archived === true && archived === 'skip' && !compareOnly) {
    return { action: 'filtered', key, size: source.size, reason: 'archived' };
  }
  return {
    action: 'copy',
    lane: laneOf(run, source),
    ...namedOf(entry),
    target,
    size: source.size,
    etag: source.etag,
    ...(isStandard(source) ? {} : { storageClass: source.storageClass }),
    ...(source.archived === true ? { archived: true } : {}),
    reason,
    ...(entry.destination === undefined ? {} : { seen: entry.destination.etag }),
    ...(checksums === undefined ? {} : { checksums: [...checksums] }),
  };
}

const isStandard = ({ storageClass }: Listed): boolean =>
  storageClass === undefined || storageClass === 'STANDARD';

/** Big multipart objects get a workflow of their own. */
function laneOf({ request, parts }: Run, source: Listed): 'objects' | 'multipart' {
  const isBig = source.size > request.fanOutAbove;
  return isBig && kindOf(source, parts) === 'multipart' ? 'multipart' : 'objects';
}

/** A decision, and the checksums of the very version that it is about, if somebody has asked for them. */
interface Settled {
  readonly decision: Made;
  readonly checksums: readonly Checksum[] | undefined;
  /** What has been proven, for runs to come. */
  readonly receipt: Receipt | undefined;
}

type Made = Exclude<Decision, { action: 'ask' }> | typeof namedVersion;

/** Asks S3 for what the ladder of evidence needs, step by step. */
async function settle(
  run: Run,
  destination: Destination,
  entry: JudgedEntry,
  requests: Requests,
): Promise<Settled> {
  let evidence: Asked = { receipt: isAttested(run, entry) };
  let { checksums } = entry.source;
  while (true) {
    const decision = decide(run.request.compare, entry.source, entry.destination, evidence, hashes);
    if (decision.action !== 'ask') {
      const receipt = decision.action === 'same' ? provenOf(entry, decision.reason, evidence) : undefined;
      return { decision: ofVersion(entry, decision), checksums, receipt };
    }
    if (decision.ask === 'heads') {
      const heads = await headBoth(run, destination, entry, requests);
      evidence = { ...evidence, heads };
      if (heads.source.etag === entry.source.etag) ({ checksums } = heads.source);
    } else {
      evidence = { ...evidence, partFiles: await askPartFiles(run, destination, entry, requests) };
    }
  }
}

/** That a destination is younger tells nothing against a version that was named, which may be as old as it likes. */
const ofVersion = ({ versionId }: Entry, decision: Made): Made =>
  versionId !== undefined && decision.reason === 'unproven-older' ? namedVersion : decision;

const namedVersion = { action: 'copy', reason: 'unproven-version' } as const;

/** What HEAD tells, and of which ETag. */
type HeadedEtag = Headed & { readonly etag?: string };

type Asked = Evidence & {
  readonly heads?: { readonly source: HeadedEtag; readonly destination: HeadedEtag };
};

const isAttested = ({ request }: Run, { receipt, source, destination }: JudgedEntry): boolean =>
  receipt !== undefined &&
  destination !== undefined &&
  attests(receipt, { source, destination }, request.verify);

/** The receipt of a proof: of the versions that HEAD showed, should they be others than those that were listed. */
function provenOf(
  { key, source, destination }: JudgedEntry,
  proof: string,
  { heads }: Asked,
): Receipt | undefined {
  if (proof !== 'checksum' && proof !== 'part-files') return undefined;
  const versions = proof === 'checksum' ? heads : { source, destination };
  const ends = { source: versions?.source.etag ?? '', target: versions?.destination?.etag ?? '' };
  if (ends.source === '' || ends.target === '' || isNeedless(ends, hashes)) return undefined;
  return { key, ...ends, proof };
}

const nothing: HeadedEtag = { checksums: [], sseS3: false };

/** An object that is gone meanwhile, or that may not be looked at, tells nothing. */
async function headOne(store: ObjectStore, object: VersionAddress, requests: Requests): Promise<HeadedEtag> {
  try {
    return (await requests.send(() => store.head(object))) ?? nothing;
  } catch (error) {
    if (hasStatus(error, 400, 403)) return nothing;
    throw error;
  }
}

async function headBoth({ source: from }: Run, to: Destination, entry: Entry, requests: Requests) {
  const [source, destination] = await Promise.all([
    headOne(from.store, { bucket: from.bucket, ...namedOf(entry) }, requests),
    headOne(to.lister, { bucket: to.bucket, key: entry.target }, requests),
  ]);
  return { source, destination };
}

async function askPartFiles(
  run: Run,
  { lister, bucket, temp }: Destination,
  entry: JudgedEntry,
  requests: Requests,
): Promise<boolean> {
  if (kindOf(entry.source, run.parts) !== 'multipart' || entry.destination === undefined) return false;
  const { etag, size } = entry.source;
  const layout = layoutOf({ bucket: run.source.bucket, key: entry.key, etag, size }, run.parts.bytes);
  const target = { bucket, key: entry.target, etag: entry.destination.etag, size: entry.destination.size };
  try {
    return await becameTarget({ store: lister, ...temp }, layout, target, requests);
  } catch (error) {
    if (hasStatus(error, 403)) return false;
    throw error;
  }
}
