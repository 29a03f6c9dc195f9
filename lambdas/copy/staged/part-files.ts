import { isPlain, multipartEtag, partsOf } from '../../core/etags.ts';
import { partFileKeys } from '../../core/part-files.ts';
import { type Part, partBytes } from '../../core/parts.ts';
import type { Page } from '../../s3/object-store.ts';
import { hashes } from '../../shared/hashes.ts';
import type { CopyContext } from '../context.ts';
import type { Staging } from './staging.ts';

/** A file of the temp area as a listing shows it. */
interface File {
  readonly etag: string;
  readonly size: number;
}

/** The files that parts have, by part number. */
export interface PartFiles {
  readonly temp: ReadonlyMap<number, File>;
  readonly part: ReadonlyMap<number, File>;
}

/** Whether a `temp-NNNNN` is the upload of one part of the right size. */
export const hasTemp = ({ temp }: PartFiles, part: Part): boolean => {
  const file = temp.get(part.number);
  return file !== undefined && file.size === partBytes(part) && partsOf(file.etag) === 1;
};

/** Whether a pair of files proves itself: the ETag of the one-part upload is made of the simple object's MD5. */
export const hasPair = (files: PartFiles, part: Part): boolean => {
  const simple = files.part.get(part.number);
  const upload = files.temp.get(part.number);
  if (simple === undefined || upload === undefined || !hasTemp(files, part)) return false;
  return simple.size === partBytes(part) && isMadeOf(upload.etag, simple.etag);
};

/** Whether an upload's ETag is that of one part with this MD5. */
export const isMadeOf = (uploadEtag: string, partEtag: string): boolean =>
  isPlain(partEtag) && multipartEtag([partEtag], hashes) === uploadEtag;

const numberIn = (key: string): number => Number(key.slice(-5));

/** Lists the files of neighbouring parts. */
export async function findPartFiles(
  context: CopyContext,
  staging: Staging,
  parts: readonly Part[],
): Promise<PartFiles> {
  const [temp, part] = await Promise.all([
    findFiles(context, (number) => partFileKeys.temp(staging.folder, number), parts),
    findFiles(context, (number) => partFileKeys.part(staging.folder, number), parts),
  ]);
  return { temp, part };
}

async function findFiles(
  { destination, requests }: CopyContext,
  keyOf: (number: number) => string,
  parts: readonly Part[],
): Promise<Map<number, File>> {
  const files = new Map<number, File>();
  const [first, last] = [parts[0]?.number ?? 1, parts.at(-1)?.number ?? 0];
  const prefix = keyOf(0).slice(0, -5);
  let from: { readonly next: string } | { readonly after: string } | undefined = { after: keyOf(first - 1) };
  while (from !== undefined) {
    const page: Page = await requests.send(() =>
      destination.store.list(destination.temp.bucket, prefix, from),
    );
    for (const { key, etag, size } of page.objects) files.set(numberIn(key), { etag, size });
    const isBehind = numberIn(page.objects.at(-1)?.key ?? '00000') >= last;
    from = isBehind || page.next === undefined ? undefined : { next: page.next };
  }
  return files;
}
