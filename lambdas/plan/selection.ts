import { listAccess } from '../../core/access/role-access.ts';
import { CopyError } from '../../core/model/errors.ts';
import { type ListLines, noLines } from '../../core/model/list-lines.ts';
import {
  absoluteKey,
  compareStarts,
  coversItem,
  type Selected,
  selectPrefix,
} from '../../core/model/paths.ts';
import type { Run } from '../../core/run/open-run.ts';
import type { ObjectStores } from '../../core/s3/clients.ts';
import { findRegion } from '../../core/s3/regions.ts';
import type { RequestLimiter } from '../../core/s3/request-limiter.ts';
import { type List, listedKeys, listedPrefixes, longestUnsorted } from './lists.ts';

/** What reading the lists of a request needs. */
export interface ListReader {
  readonly stores: ObjectStores;
  readonly limiter: RequestLimiter;
  /** Region to ask first for a bucket's own. */
  readonly home: string;
  /** Takes how many lines the lists have, which is known when all is selected. */
  readonly lines: ListLines[];
}

const hasLists = ({ files, filesFrom, prefixes, prefixesFrom }: Run['copyRequest']): boolean =>
  files.length > 0 || filesFrom !== undefined || prefixes.length > 0 || prefixesFrom !== undefined;

const named = (key: string, versionId?: string): Selected => ({
  kind: 'key',
  key,
  named: true,
  ...(versionId === undefined ? {} : { versionId }),
});

/**
 * What the run looks at, in byte order, each key once: what the path of `src` selects, or of that what the lists
 * name.
 *
 * @throws {CopyError} `InvalidRequestError` for a list that is missing, wrong or out of order
 */
export async function* selection(run: Run, reader: ListReader): AsyncGenerator<Selected> {
  if (!hasLists(run.copyRequest)) {
    yield* run.path.selected;
    return;
  }
  const keys = run.copyRequest.files.map((file) => named(absoluteKey(run.path, file)));
  const prefixes = (await namedPrefixes(run, reader)).flatMap((entry) => selectPrefix(run.path, entry));
  const few = [...keys, ...prefixes].sort(compareStarts);
  yield* united(merged(few, keysFromList(run, reader)));
}

async function namedPrefixes(run: Run, reader: ListReader): Promise<string[]> {
  const list = await openList('prefixesFrom', run, reader);
  const entries = [...run.copyRequest.prefixes];
  if (list === undefined) return entries;
  for await (const entry of listedPrefixes(list)) {
    entries.push(entry);
    if (entries.length > longestUnsorted) {
      throw new CopyError(
        'InvalidRequestError',
        `prefixesFrom: has more than ${longestUnsorted} lines; name fewer, shorter prefixes`,
      );
    }
  }
  return entries;
}

async function openList(field: ListLines['field'], run: Run, reader: ListReader): Promise<List | undefined> {
  const location = run.copyRequest[field];
  if (location === undefined) return undefined;
  const access = listAccess(run.copyRequest, location);
  const { stores, limiter, home } = reader;
  const region = await findRegion(field, location.bucket, stores, home, access);
  const lines = noLines(field);
  reader.lines.push(lines);
  return { location, store: stores.in(region, access), limiter, lines };
}

async function* keysFromList(run: Run, reader: ListReader): AsyncGenerator<Selected> {
  const list = await openList('filesFrom', run, reader);
  if (list === undefined) return;
  for await (const { key, versionId } of listedKeys(list, run.path)) yield named(key, versionId);
}

/** Two sequences in byte order as one. Of the same key the second comes first, since a list names it. */
async function* merged(few: readonly Selected[], many: AsyncGenerator<Selected>): AsyncGenerator<Selected> {
  let index = 0;
  for await (const item of many) {
    for (; index < few.length && compareStarts(few[index] as Selected, item) < 0; index += 1) {
      yield few[index] as Selected;
    }
    yield item;
  }
  yield* few.slice(index);
}

/**
 * Leaves out what an item before already covers, but for keys that a list names: below a prefix they follow it, since
 * one that does not exist is missed there too, and one may be of a certain version.
 */
async function* united(items: AsyncIterable<Selected>): AsyncGenerator<Selected> {
  let prefix: Selected | undefined;
  let key: SelectedKey | undefined;
  for await (const item of items) {
    if (item.kind === 'key' && item.key === key?.key) {
      refuseOtherVersion(key, item);
      continue;
    }
    const isCovered = prefix !== undefined && coversItem(prefix, item);
    if (isCovered && !(item.kind === 'key' && item.named === true)) continue;
    if (item.kind === 'key') key = item;
    else prefix = item;
    yield item;
  }
}

type SelectedKey = Selected & { readonly kind: 'key' };

/** Of the same key the one of `filesFrom` comes first, and only that can name a version. */
function refuseOtherVersion({ key, versionId }: SelectedKey, other: SelectedKey): void {
  if (other.named !== true || other.versionId === versionId) return;
  throw new CopyError(
    'InvalidRequestError',
    `filesFrom: names version ${JSON.stringify(versionId)} of ${JSON.stringify(key)}, which files names too: only one version of each key can be copied`,
    { key },
  );
}
