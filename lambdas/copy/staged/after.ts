import { partFileKeys } from '../../core/part-files.ts';
import type { CopyContext } from '../context.ts';
import { ProofError } from '../failure.ts';
import type { TargetRecord } from '../layout.ts';
import type { Staging } from './staging.ts';

/** Writes `target.json`: that these part files became this target, for the next run to know. */
export async function recordTarget(context: CopyContext, staging: Staging, etag: string): Promise<void> {
  const { destination, requests } = context;
  const { size, target } = staging.object;
  const record: TargetRecord = {
    v: 1,
    source: staging.layout.source,
    target: { bucket: destination.bucket, key: target, etag, size },
  };
  const file = { bucket: destination.temp.bucket, key: partFileKeys.target(staging.folder) };
  await requests.send(() => destination.store.put(file, JSON.stringify(record)));
}

/** Removes the part files for good, by version id, so that a bucket with versioning keeps none either. */
export async function removePartFiles(
  { destination, requests }: CopyContext,
  staging: Staging,
): Promise<void> {
  const { store, temp } = destination;
  const prefix = partFileKeys.parts(staging.folder);
  while (true) {
    const versions = await requests.send(() => store.listVersions(temp.bucket, prefix));
    if (versions.length === 0) return;
    const kept = await requests.send(() => store.deleteVersions(temp.bucket, versions));
    if (kept.length > 0)
      throw new ProofError(
        `the target is right, but part files were not removed: ${kept.slice(0, 3).join(', ')}`,
      );
  }
}
