import type { PlannedObject } from '../model/batches.ts';
import type { PartLayout } from '../model/part-files.ts';
import { layoutFolders, layoutText, partFileKeys, writerMetadata } from '../model/part-files.ts';
import { hashes } from '../rules/hashes.ts';
import { type Part, planParts } from '../rules/part-layout.ts';
import type { CopyContext } from '../run/copy-context.ts';
import { ProofError } from '../run/object-errors.ts';
import { absentIfDenied } from '../s3/absent-if-denied.ts';
import { hasStatus } from '../s3/failures.ts';
import { makeEncryption } from './properties.ts';
import { choosePartLayout } from './source-layout.ts';

/** The part files of one object: what they hold and where they are. */
export interface Staging {
  readonly object: PlannedObject;
  readonly layout: PartLayout;
  readonly folder: string;
  readonly parts: readonly Part[];
}

/**
 * Finds the folder of an object's part files, and claims it by `layout.json` before the first part.
 *
 * @throws {ProofError} when both folders belong to other layouts, which takes equal hashes
 */
export async function openStaging(context: CopyContext, object: PlannedObject): Promise<Staging> {
  const made = await choosePartLayout(context, object, undefined);
  const { layout } = made;
  for (const folder of layoutFolders(context.destination.temp.prefix, layout, hashes)) {
    if (await takeFolder(context, folder, layoutText(layout))) {
      return { object, layout: made, folder, parts: planParts(object.size, layout.partSize) };
    }
  }
  throw new ProofError(
    `the folders of part files of ${object.key} belong to other layouts`,
    'remove them, or start a new run with another `tempPrefix`',
  );
}

/** Finds the folder of an object's part files, if a run has taken it for exactly this part layout. */
export async function findStaging(context: CopyContext, object: PlannedObject): Promise<Staging | undefined> {
  const { destination, limiter } = context;
  const { store, temp } = destination;
  const made = await choosePartLayout(context, object, undefined);
  const { layout } = made;
  for (const folder of layoutFolders(temp.prefix, layout, hashes)) {
    const file = { bucket: temp.bucket, key: partFileKeys.layout(folder) };
    const found = await absentIfDenied(() => limiter.send(() => store.get(file)));
    if (found?.text !== layoutText(layout)) continue;
    return { object, layout: made, folder, parts: planParts(object.size, layout.partSize) };
  }
  return undefined;
}

/** Takes a folder for this part layout. @returns whether the folder belongs to it, from now on or since an earlier run */
async function takeFolder(
  { destination, limiter, run }: CopyContext,
  folder: string,
  text: string,
): Promise<boolean> {
  const { store, temp } = destination;
  const file = { bucket: temp.bucket, key: partFileKeys.layout(folder) };
  const read = () => limiter.send(() => store.get(file));
  let isSure = true;
  const found = await read().catch((error: unknown) => {
    if (!hasStatus(error, 403)) throw error;
    isSure = false;
    return undefined;
  });
  if (found !== undefined) return found.text === text;
  try {
    const properties = { Metadata: writerMetadata(run.name), ...makeEncryption(run.copyRequest) };
    await limiter.send(() => store.put(file, text, { ifAbsent: true }, properties));
    if (isSure) return true;
  } catch (error) {
    if (!hasStatus(error, 409, 412)) throw error;
  }
  // Without permission to list, S3 answered 403 for a file that did not exist. Now it exists, and must be readable.
  return (await read())?.text === text;
}
