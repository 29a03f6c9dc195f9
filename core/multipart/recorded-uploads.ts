import * as z from 'zod';
import { runPaths } from '../model/run-paths.ts';
import { forEachConcurrently } from '../rules/for-each-concurrently.ts';
import { hashes } from '../rules/hashes.ts';
import type { AllRuns } from '../run/run-files.ts';
import type { Address } from '../s3/object-store.ts';

/** The fields of an upload file that say whose it is. Other versions of s3copy write them too. */
const UploadFile = z.object({
  uploadId: z.string().optional(),
  bucket: z.string().optional(),
  isOpen: z.boolean().optional(),
});

const runsAtOnce = 16;

/**
 * Finds the ids of the uploads of a target that any run has recorded. This takes one request per run, so call it only
 * when there is an unknown upload.
 *
 * @param own name of the run that asks
 * @param mostRuns how many runs are searched at most
 * @returns undefined when this cannot be known: another run is opening an upload, or there are too many runs
 */
export async function recordedByAny(
  runs: AllRuns,
  own: string,
  target: Address,
  mostRuns: number,
): Promise<ReadonlySet<string> | undefined> {
  const names: string[] = [];
  for await (const name of runs.folders()) {
    if (names.push(name) > mostRuns) return undefined;
  }
  const ids = new Set<string>();
  let isOpening = false;
  await forEachConcurrently(names, runsAtOnce, async (name) => {
    for await (const path of runs.list(`${name}/${runPaths.uploads(hashes.sha256(target.key))}`)) {
      const file = await runs.find(path, UploadFile);
      if (file?.uploadId !== undefined) ids.add(file.uploadId);
      isOpening ||= file?.isOpen === true && file.bucket === target.bucket && name !== own;
    }
  });
  return isOpening ? undefined : ids;
}
