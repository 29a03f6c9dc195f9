import type { PlannedObject } from '../model/batches.ts';
import type { CopyContext } from '../run/copy-context.ts';
import { removeFolder } from './remove-part-files.ts';
import { listFolders, readFolderSource } from './staging-area.ts';

/**
 * Removes the part files of other versions of the same source object, which are not needed once this version is at
 * the destination.
 *
 * @returns what S3 did not remove, as `code key`
 */
export async function removeOldVersions(
  context: CopyContext,
  object: PlannedObject,
): Promise<readonly string[]> {
  const { destination, limiter } = context;
  const { store, temp } = destination;
  const area = { store, ...temp };
  const left: string[] = [];
  for await (const folder of listFolders(area, object.key, limiter)) {
    if (!(await isOldVersion(context, object, folder))) continue;
    left.push(...(await removeFolder(area, folder, limiter)));
  }
  return left;
}

/** Another version of the same object, not the object of another bucket, nor another layout of this version. */
async function isOldVersion(
  { run, destination, limiter }: CopyContext,
  { key, etag }: PlannedObject,
  folder: string,
): Promise<boolean> {
  const area = { store: destination.store, ...destination.temp };
  const other = await readFolderSource(area, folder, limiter);
  return other?.bucket === run.source.bucket && other.key === key && other.etag !== etag;
}
