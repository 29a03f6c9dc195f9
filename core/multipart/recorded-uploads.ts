import * as z from 'zod';
import { runPaths } from '../model/run-paths.ts';
import { forEachConcurrently } from '../rules/for-each-concurrently.ts';
import { hashes } from '../rules/hashes.ts';
import type { AllRuns } from '../run/run-files.ts';
import type { Address } from '../s3/object-store.ts';

/** As much of a file about an upload as tells whose it is, also of other versions of s3copy. */
const UploadFile = z.object({
  uploadId: z.string().optional(),
  bucket: z.string().optional(),
  isOpen: z.boolean().optional(),
});

const runsAtOnce = 16;

/**
 * The ids of the uploads of a target that any run has recorded. It takes a request for each run that there is, so
 * ask only when there is an upload that nobody knows.
 *
 * @param own name of the run that asks
 * @param mostRuns runs that are looked through
 * @returns undefined when not all can be told: another run is opening one, or there are too many runs
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
