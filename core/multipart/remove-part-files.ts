import { findTempFolder, partFileKeys } from '../model/part-files.ts';
import type { RequestLimiter } from '../s3/request-limiter.ts';
import { removeVersions } from '../s3/versions.ts';
import type { TempArea } from './staging-area.ts';

/**
 * Permanently removes the part files of a folder, by version, and no other file in it.
 *
 * @returns what S3 did not remove, as `code key`
 */
export const removeParts = (
  { store, bucket, prefix }: TempArea,
  folder: string,
  limiter: RequestLimiter,
): Promise<readonly string[]> => {
  const isMeant = (key: string): boolean => findTempFolder(prefix, key) === folder;
  return removeVersions(store, { bucket, prefix: partFileKeys.parts(folder), isMeant }, limiter);
};

/**
 * Removes a whole folder. What says whose it is goes last, and only when no part file is left, so that what a removal
 * has not done is found again.
 *
 * @returns what S3 did not remove, as `code key`
 */
export async function removeFolder(
  area: TempArea,
  folder: string,
  limiter: RequestLimiter,
): Promise<readonly string[]> {
  const left = await removeParts(area, folder, limiter);
  if (left.length > 0) return left;
  const { store, bucket, prefix } = area;
  const isMeant = (key: string): boolean => findTempFolder(prefix, key) === folder;
  return removeVersions(store, { bucket, prefix: `${folder}/`, isMeant }, limiter);
}
