import { partFileKeys, sourceOfLayout } from '../../core/part-files.ts';
import type { CopyContext } from '../context.ts';
import { foldersOf } from '../layout.ts';
import { removeFolder } from '../remove-folder.ts';
import type { Staging } from './staging.ts';

/**
 * Removes the part files of other versions of the same source object, which nobody needs once this one is at the
 * destination.
 *
 * @returns what S3 did not remove, as `code key`
 */
export async function removeOldVersions(context: CopyContext, staging: Staging): Promise<readonly string[]> {
  const { destination, requests } = context;
  const { store, temp } = destination;
  const area = { store, ...temp };
  const left: string[] = [];
  for await (const folder of foldersOf(area, staging.object.key, requests)) {
    if (folder === staging.folder || !(await isOldVersion(context, staging, folder))) continue;
    left.push(...(await removeFolder(area, folder, requests)));
  }
  return left;
}

/** Another version of the same object, not the object of another bucket, nor another layout of this version. */
async function isOldVersion(
  { destination, requests }: CopyContext,
  { cut }: Staging,
  folder: string,
): Promise<boolean> {
  const file = { bucket: destination.temp.bucket, key: partFileKeys.layout(folder) };
  const found = await requests.send(() => destination.store.get(file));
  const { source } = cut.layout;
  const other = sourceOfLayout(found?.text ?? '');
  return other?.bucket === source.bucket && other.key === source.key && other.etag !== source.etag;
}
