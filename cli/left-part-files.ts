import { BatchedObject, type PlannedObject } from '../core/model/batches.ts';
import { findTempFolder, parseLayoutSource, partFileKeys, readWriter } from '../core/model/part-files.ts';
import { removeFolder } from '../core/multipart/remove-part-files.ts';
import { listFolders, readTargetRecord, type TargetRecord } from '../core/multipart/staging-area.ts';
import { objectKind, partRule } from '../core/rules/part-layout.ts';
import { absentIfDenied } from '../core/s3/absent-if-denied.ts';
import type { EndedRun } from './ended-run.ts';
import type { LeftUpload, LookingPlace } from './left-uploads.ts';

/** A folder of part files that belongs to a run. */
export interface LeftFolder {
  readonly bucket: string;
  /** Of the temp area. */
  readonly prefix: string;
  readonly folder: string;
  /** Part files, and the records that say what they are. */
  readonly files: number;
  readonly bytes: number;
  /** Of its part files. */
  readonly uploads: readonly LeftUpload[];
}

/**
 * The folders of part files of a run: its batches name the object, and either the run has written `layout.json`, or
 * the target that `target.json` names is still at the destination.
 */
export async function* partFilesLeft(run: EndedRun, place: LookingPlace): AsyncGenerator<LeftFolder> {
  const { request, isPartSizeNamed } = run;
  if (request.strategy !== 'staged') return;
  const rule = partRule(request, isPartSizeNamed);
  for await (const path of run.folder.list('batches/1/')) {
    for (const object of await run.folder.lines(path, BatchedObject)) {
      if (objectKind(object, rule) === 'multipart') yield* leftOf(run, object, place);
    }
  }
}

const tempOf = ({ dest, tempPrefix }: EndedRun['request']) => ({
  bucket: tempPrefix.bucket ?? dest.bucket,
  prefix: tempPrefix.prefix,
});

async function* leftOf(
  run: EndedRun,
  object: PlannedObject,
  place: LookingPlace,
): AsyncGenerator<LeftFolder> {
  const { store, requests } = place;
  const temp = tempOf(run.request);
  for await (const folder of listFolders({ store, ...temp }, object.key, requests)) {
    if (!(await isOwned(run, object, folder, place))) continue;
    const { files, bytes } = await sizeOf(temp, folder, place);
    const uploads = await uploadsIn(temp, folder, place);
    yield { ...temp, folder, files, bytes, uploads };
  }
}

/** Whether a folder belongs to the run. */
async function isOwned(
  run: EndedRun,
  object: PlannedObject,
  folder: string,
  { store, requests }: LookingPlace,
): Promise<boolean> {
  const temp = tempOf(run.request);
  const file = await requests.send(() =>
    store.get({ bucket: temp.bucket, key: partFileKeys.layout(folder) }),
  );
  const record = await readTargetRecord({ store, ...temp }, folder, requests);
  const source = parseLayoutSource(file?.text ?? '') ?? record?.source;
  const { src, dest } = run.request;
  if (source?.bucket !== src.bucket || source.key !== object.key) return false;
  const isTold =
    record?.target.bucket === dest.bucket &&
    record.target.key === object.target &&
    record.source.etag === source.etag;
  // Else another run has made another target of them since, and they are for it to keep or remove.
  if (record !== undefined && (await isTarget(record, { store, requests }))) return isTold;
  const writer = file === undefined ? record?.run : readWriter(file.metadata);
  return writer === run.name;
}

/** Whether the target that part files became is at the destination as they made it. */
async function isTarget(
  { target }: TargetRecord,
  { store, requests }: Pick<LookingPlace, 'store' | 'requests'>,
): Promise<boolean> {
  const head = await absentIfDenied(() =>
    requests.send(() => store.head({ bucket: target.bucket, key: target.key })),
  );
  return head?.etag === target.etag && head.size === target.size;
}

type Temp = Pick<LeftFolder, 'bucket' | 'prefix'>;

async function uploadsIn(
  { bucket, prefix }: Temp,
  folder: string,
  { store, requests }: LookingPlace,
): Promise<LeftUpload[]> {
  const open = await requests.send(() => store.listUploads(bucket, partFileKeys.parts(folder)));
  return open
    .filter(({ key }) => findTempFolder(prefix, key) === folder)
    .map(({ key, uploadId }) => ({ bucket, key, uploadId }));
}

async function sizeOf(
  { bucket, prefix }: Temp,
  folder: string,
  { store, requests }: LookingPlace,
): Promise<{ readonly files: number; readonly bytes: number }> {
  let files = 0;
  let bytes = 0;
  let next: string | undefined;
  do {
    const from = next === undefined ? {} : { next };
    const page = await requests.send(() => store.list(bucket, `${folder}/`, from));
    const partFiles = page.objects.filter(({ key }) => findTempFolder(prefix, key) === folder);
    files += partFiles.length;
    bytes += partFiles.reduce((sum, { size }) => sum + size, 0);
    next = page.next;
  } while (next !== undefined);
  return { files, bytes };
}

/**
 * Removes the part files of a folder, and the records that say what they are.
 *
 * @returns what S3 did not remove, as `code key`
 */
export const removeLeft = (
  { bucket, prefix, folder }: LeftFolder,
  { store, requests }: LookingPlace,
): Promise<readonly string[]> => removeFolder({ store, bucket, prefix }, folder, requests);
