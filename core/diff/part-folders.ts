import { findTempFolder, isFolderFor, parseLayoutSource, partFileKeys } from '../model/part-files.ts';
import { parseTargetRecord } from '../multipart/staging-area.ts';
import { hashes } from '../rules/hashes.ts';
import type { Run } from '../run/open-run.ts';
import { hasStatus } from '../s3/failures.ts';
import type { Address } from '../s3/object-store.ts';
import type { RequestLimiter } from '../s3/request-limiter.ts';

/** Folders that are remembered. Keys come in order, so that those of one folder come soon after each other. */
const mostRemembered = 10_000;

/** Bytes of the longest record, with 10,000 parts of different sizes, and room to spare. */
const longestRecord = 1024 ** 2;

/**
 * The folders of part files that earlier copies have left in what is the source now, below whatever temp prefix. A
 * name alone proves nothing: the folder has to hold a record of s3copy that names the source of just this folder.
 */
export class PartFolders {
  readonly #known = new Map<string, Promise<boolean>>();

  /** Whether a key of the source is a file of such a folder. */
  async hasFile(run: Run, key: string, limiter: RequestLimiter): Promise<boolean> {
    const folder = findTempFolder('', key);
    if (folder === undefined) return false;
    const known = this.#known.get(folder) ?? hasRecord(run, folder, limiter);
    this.#known.set(folder, known);
    const [oldest] = this.#known.keys();
    if (this.#known.size > mostRemembered && oldest !== undefined) this.#known.delete(oldest);
    return known;
  }
}

async function hasRecord({ source }: Run, folder: string, limiter: RequestLimiter): Promise<boolean> {
  const { bucket } = source;
  const layout = await readRecord(source, { bucket, key: partFileKeys.layout(folder) }, limiter);
  const from = parseLayoutSource(layout ?? '');
  if (from !== undefined && isFolderFor(folder, from, hashes)) return true;
  const target = await readRecord(source, { bucket, key: partFileKeys.target(folder) }, limiter);
  const record = parseTargetRecord(target ?? '');
  return record !== undefined && isFolderFor(folder, record.source, hashes);
}

/** A text that may be a record; undefined for what is absent, may not be read, or is too long for one. */
function readRecord(
  { store }: Run['source'],
  file: Address,
  limiter: RequestLimiter,
): Promise<string | undefined> {
  return limiter.send(async () => {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of (await readable(store, file)) ?? []) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > longestRecord) return undefined;
    }
    return Buffer.concat(chunks).toString();
  });
}

async function readable(
  store: Run['source']['store'],
  file: Address,
): Promise<AsyncIterable<Uint8Array> | undefined> {
  try {
    return await store.stream(file);
  } catch (error) {
    if (hasStatus(error, 400, 403)) return undefined;
    throw error;
  }
}
