import { attests, type CopyRecord, isImplied } from '../model/copy-records.ts';
import type { Listed } from '../model/listed.ts';
import { findTempFolder } from '../model/part-files.ts';
import { isInDestination, isTooLong, relativeKey } from '../model/paths.ts';
import type { Decision } from '../model/plan.ts';
import { becameTarget, makeEvenLayout } from '../multipart/staging-area.ts';
import {
  type Checksum,
  type Comparison,
  compareObjects,
  type Evidence,
  type Headed,
} from '../rules/compare.ts';
import { hashes } from '../rules/hashes.ts';
import { objectKind } from '../rules/part-layout.ts';
import type { Destination, Run } from '../run/open-run.ts';
import { hasStatus } from '../s3/failures.ts';
import type { ObjectStore } from '../s3/object-store.ts';
import type { VersionAddress } from '../s3/property-store.ts';
import type { RequestLimiter } from '../s3/request-limiter.ts';
import type { Entry, SourceSeen } from './entries.ts';
import { PartFolders } from './part-folders.ts';

/**
 * Decides what happens to a key: the rules of paths first, then whether the object is unchanged. The first row that
 * matches wins.
 *
 * | source        | case                                                                | decision                                 |
 * |---------------|---------------------------------------------------------------------|------------------------------------------|
 * | lacking       | filtered, in the temp area, or too long                             | `protected`                              |
 * | lacking       | otherwise                                                           | `extra`                                  |
 * | any           | a filter leaves the key out                                         | `filtered`, by the filter                |
 * | missing       |                                                                     | `missing`                                |
 * | delete marker | the run has no destination                                          | `missing`                                |
 * | any           | the run has no destination                                          | `filtered`, `list-only`                  |
 * | any           | the source overlaps the destination or the temp area                | `filtered`, `in-destination`/`temp-area` |
 * | any           | a part file of s3copy, or one that is gone by now                   | `filtered`, `part-files`                 |
 * | any           | the target is too long, or in the temp area                         | `refused`, `key-too-long`/`temp-area`    |
 * | delete marker |                                                                     | `refused`, `delete-marker`               |
 * | denied        | S3 does not show it, so the copy asks again                         | `copy`, `denied`                         |
 * | an object     | otherwise: see `compareObjects`                                     | `copy`, `same` or `filtered`             |
 *
 * @param partFolders folders of part files in the source that are already known
 */
export async function decideEntry(
  run: Run,
  entry: Entry,
  limiter: RequestLimiter,
  partFolders: PartFolders = new PartFolders(),
): Promise<Decision> {
  const { key, target, source } = entry;
  if (source === 'lacking') return decideExtra(run, entry);
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
    (await partFolders.hasFile(run, key, limiter)) ||
    (refused === 'temp-area' && (await isGone(run, entry, limiter)));
  if (isPartFile) return { action: 'filtered', key, size, reason: 'part-files' };
  if (refused !== undefined) return { action: 'refused', ...namedOf(entry), target, size, reason: refused };
  if (source === 'delete-marker')
    return { action: 'refused', ...namedOf(entry), target, size, reason: 'delete-marker' };
  // The worker asks again, and says that it is missing or denied if it still is.
  if (source === 'denied')
    return { action: 'copy', map: 'objects', ...namedOf(entry), target, size, etag: '', reason: 'denied' };
  return decideObject(run, destination, { ...entry, source }, limiter);
}

const namedOf = ({ key, versionId }: Entry) => ({ key, ...(versionId === undefined ? {} : { versionId }) });

/** Part files are removed before the record that says what they are: another run may just have removed them. */
async function isGone({ source }: Run, entry: Entry, limiter: RequestLimiter): Promise<boolean> {
  const object = { bucket: source.bucket, ...namedOf(entry) };
  try {
    return (await limiter.send(() => source.store.head(object))) === undefined;
  } catch (error) {
    if (hasStatus(error, 400, 403, 405)) return false;
    throw error;
  }
}

/** A key that only the destination has: never one that the filters leave out, nor a part file. */
function decideExtra(run: Run, { key, target, destination }: Entry): Decision {
  const isOut = run.filter(relativeKey(run.path, key)) !== undefined;
  if (run.destination === undefined || destination === undefined || isOut)
    return { action: 'protected', key };
  if (refusalOf(run.destination, target) !== undefined) return { action: 'protected', key };
  return { action: 'extra', key, target, size: destination.size, etag: destination.etag };
}

function overlapOf(
  { copyRequest, source }: Run,
  { bucket, temp }: Destination,
  key: string,
): 'in-destination' | 'temp-area' | undefined {
  if (source.bucket === temp.bucket && findTempFolder(temp.prefix, key) !== undefined) return 'temp-area';
  if (source.bucket !== bucket || copyRequest.dest === undefined) return undefined;
  return isInDestination(copyRequest.src, copyRequest.dest, key) ? 'in-destination' : undefined;
}

function refusalOf({ bucket, temp }: Destination, target: string): 'key-too-long' | 'temp-area' | undefined {
  if (isTooLong(target)) return 'key-too-long';
  const isTempArea = temp.bucket === bucket && findTempFolder(temp.prefix, target) !== undefined;
  return isTempArea ? 'temp-area' : undefined;
}

/** An entry whose source S3 has shown. */
type ShownEntry = Entry & { readonly source: SourceSeen };

async function decideObject(
  run: Run,
  destination: Destination,
  entry: ShownEntry,
  limiter: RequestLimiter,
): Promise<Decision> {
  const { key, target, source } = entry;
  const { decision, checksums, copyRecord } = await settle(run, destination, entry, limiter);
  const { action, reason } = decision;
  if (action === 'same')
    return { action, key, size: source.size, reason, ...(copyRecord === undefined ? {} : { copyRecord }) };
  const { compareOnly, overwrite, archived } = run.copyRequest;
  if (entry.destination !== undefined && overwrite === 'never' && !compareOnly) {
    return { action: 'filtered', key, size: source.size, reason: 'exists' };
  }
  if (source.archived === true && archived === 'skip' && !compareOnly) {
    return { action: 'filtered', key, size: source.size, reason: 'archived' };
  }
  return {
    action: 'copy',
    map: chooseMap(run, source),
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
function chooseMap({ copyRequest, parts }: Run, source: Listed): 'objects' | 'multipart' {
  const isBig = source.size > copyRequest.fanOutAbove;
  return isBig && objectKind(source, parts) === 'multipart' ? 'multipart' : 'objects';
}

/** A decision, with the checksums of the version that it is about, if they were read. */
interface Settled {
  readonly decision: Made;
  readonly checksums: readonly Checksum[] | undefined;
  /** What has been proven, for runs to come. */
  readonly copyRecord: CopyRecord | undefined;
}

type Made = Exclude<Comparison, { action: 'ask' }> | typeof namedVersion;

/** Asks S3 for what the ladder of evidence needs, step by step. */
async function settle(
  run: Run,
  destination: Destination,
  entry: ShownEntry,
  limiter: RequestLimiter,
): Promise<Settled> {
  let evidence: Asked = { copyRecord: isAttested(run, entry) };
  let { checksums } = entry.source;
  while (true) {
    const decision = compareObjects(
      run.copyRequest.compare,
      entry.source,
      entry.destination,
      evidence,
      hashes,
    );
    if (decision.action !== 'ask') {
      const copyRecord = decision.action === 'same' ? provenOf(entry, decision.reason, evidence) : undefined;
      return { decision: ofVersion(entry, decision), checksums, copyRecord };
    }
    if (decision.ask === 'heads') {
      const heads = await headBoth(run, destination, entry, limiter);
      evidence = { ...evidence, heads };
      if (heads.source.etag === entry.source.etag) ({ checksums } = heads.source);
    } else {
      evidence = { ...evidence, partFiles: await askPartFiles(run, destination, entry, limiter) };
    }
  }
}

/** A younger destination does not show that a named version is unchanged, since a named version may be of any age. */
const ofVersion = ({ versionId }: Entry, decision: Made): Made =>
  versionId !== undefined && decision.reason === 'unproven-older' ? namedVersion : decision;

const namedVersion = { action: 'copy', reason: 'unproven-version' } as const;

/** The answer to HEAD, with the ETag that it belongs to. */
type HeadedEtag = Headed & { readonly etag?: string };

type Asked = Evidence & {
  readonly heads?: { readonly source: HeadedEtag; readonly destination: HeadedEtag };
};

const isAttested = ({ copyRequest }: Run, { copyRecord, source, destination }: ShownEntry): boolean =>
  copyRecord !== undefined &&
  destination !== undefined &&
  attests(copyRecord, { source, destination }, copyRequest.verify);

/** The copy record of a proof: of the versions that HEAD showed, should they be others than those that were listed. */
function provenOf(
  { key, source, destination }: ShownEntry,
  proof: string,
  { heads }: Asked,
): CopyRecord | undefined {
  if (proof !== 'checksum' && proof !== 'part-files') return undefined;
  const versions = proof === 'checksum' ? heads : { source, destination };
  const ends = { source: versions?.source.etag ?? '', target: versions?.destination?.etag ?? '' };
  if (ends.source === '' || ends.target === '' || isImplied(ends, hashes)) return undefined;
  return { key, ...ends, proof };
}

const nothing: HeadedEtag = { checksums: [], sseS3: false };

/** An object that is gone, or that may not be read, adds no evidence. */
async function headOne(
  store: ObjectStore,
  object: VersionAddress,
  limiter: RequestLimiter,
): Promise<HeadedEtag> {
  try {
    return (await limiter.send(() => store.head(object))) ?? nothing;
  } catch (error) {
    if (hasStatus(error, 400, 403)) return nothing;
    throw error;
  }
}

async function headBoth({ source: from }: Run, to: Destination, entry: Entry, limiter: RequestLimiter) {
  const [source, destination] = await Promise.all([
    headOne(from.store, { bucket: from.bucket, ...namedOf(entry) }, limiter),
    headOne(to.lister, { bucket: to.bucket, key: entry.target }, limiter),
  ]);
  return { source, destination };
}

async function askPartFiles(
  run: Run,
  { lister, bucket, temp }: Destination,
  entry: ShownEntry,
  limiter: RequestLimiter,
): Promise<boolean> {
  if (objectKind(entry.source, run.parts) !== 'multipart' || entry.destination === undefined) return false;
  const { etag, size } = entry.source;
  const layout = makeEvenLayout({ bucket: run.source.bucket, key: entry.key, etag, size }, run.parts.bytes);
  const target = { bucket, key: entry.target, etag: entry.destination.etag, size: entry.destination.size };
  try {
    return await becameTarget({ store: lister, ...temp }, layout, target, limiter);
  } catch (error) {
    if (hasStatus(error, 403)) return false;
    throw error;
  }
}
