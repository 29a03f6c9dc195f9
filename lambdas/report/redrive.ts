import * as z from 'zod';
import { decideEntry } from '../../core/diff/decide.ts';
import { lookUp, type Named } from '../../core/diff/entries.ts';
import { type BatchedObject, batchName, type MapName } from '../../core/model/batches.ts';
import { FoundFiles, nothingFound } from '../../core/model/found-files.ts';
import { PlanLine, type RefusedLine } from '../../core/model/plan.ts';
import { PlanCursor } from '../../core/model/plan-cursor.ts';
import { isUnfinished } from '../../core/model/results.ts';
import { runPaths } from '../../core/model/run-paths.ts';
import type { Deadline } from '../../core/rules/deadline.ts';
import { PassIndex } from '../../core/rules/passes.ts';
import { count } from '../../core/rules/plan-counts.ts';
import { type ReportId, readBatchOutcomes } from '../../core/run/batch-outcomes.ts';
import { mapNames } from '../../core/run/batches.ts';
import type { Run } from '../../core/run/open-run.ts';
import type { Checkpoint } from '../../core/run/run-files.ts';
import { RequestLimiter } from '../../core/s3/request-limiter.ts';

const Counts = z.int().nonnegative();

/** How far the batches of a redrive's first pass are written. */
const Cursor = z.strictObject({
  v: z.literal(1),
  map: Counts,
  after: z.string(),
  next: z.strictObject({ objects: Counts, multipart: Counts }),
});
type Cursor = z.infer<typeof Cursor>;

const batchesAtOnce = 200;

/**
 * Writes the batches of the pass that a redrive begins with: every planned object that is neither copied nor
 * vanished, and the missing files that exist now.
 *
 * @param of the passes so far, and which redrive this is
 * @returns the index of the new pass; undefined when there was no time to write all
 */
export async function writeRedriveBatches(
  run: Run,
  { pass: passes, redrives }: ReportId,
  deadline: Deadline,
): Promise<PassIndex | undefined> {
  const { files } = run;
  const path = runPaths.redriveCursor(passes + 1, redrives);
  const first: Cursor = { v: 1, map: 0, after: '', next: { objects: 0, multipart: 0 } };
  let cursor: Checkpoint<Cursor> | undefined = (await files.checkpoint(path, Cursor)) ?? { value: first };
  while (cursor !== undefined && cursor.value.map < mapNames.length) {
    if (deadline.hasPassed()) return undefined;
    cursor = await files.commit(path, await goOn(run, passes, cursor.value, deadline), cursor);
  }
  if (cursor === undefined) return undefined;
  const found = await batchFound(run, { pass: passes + 1, redrives }, deadline);
  const { objects, multipart } = cursor.value.next;
  return { v: 1, objects: objects + found.objects, multipart: multipart + found.multipart, inARow: 0 };
}

async function goOn({ files }: Run, passes: number, from: Cursor, deadline: Deadline): Promise<Cursor> {
  const map = mapNames[from.map] as MapName;
  let cursor = from;
  let seen = 0;
  for await (const { batch, objects, results } of readBatchOutcomes(files, map, passes, from.after)) {
    const left = objects.filter(({ line }) => isUnfinished(results.get(line)));
    if (left.length > 0) await files.writeLines(runPaths.batch(passes + 1, map, batch), left);
    const next = { ...cursor.next, [map]: cursor.next[map] + (left.length > 0 ? 1 : 0) };
    cursor = { ...cursor, after: batch, next };
    seen += 1;
    if (seen === batchesAtOnce || deadline.hasPassed()) return cursor;
  }
  return { ...cursor, map: cursor.map + 1, after: '' };
}

/** Looks the missing files up again. Those that exist now get batches of their own, as if of the first pass. */
async function batchFound(
  run: Run,
  { pass, redrives }: ReportId,
  deadline: Deadline,
): Promise<FoundFiles['batches']> {
  const { files } = run;
  const before = (await files.find(runPaths.found, FoundFiles)) ?? nothingFound;
  if (before.last.pass === pass && before.last.redrives === redrives) return before.last.batches;
  const missing = await missingKeys(run, new Set(before.keys));
  if (missing.length === 0) return nothingFound.batches;
  const { counts, keys, refused, planned } = await planFound(run, missing, before, deadline);
  if (keys.length === 0) return nothingFound.batches;
  const index = await files.read(runPaths.pass(1), PassIndex);
  const added = { ...nothingFound.batches };
  for (const [map, lines] of batchesOfFound(planned)) {
    added[map] += 1;
    const name = batchName(index[map] + before.batches[map] + added[map]);
    await files.writeLines(runPaths.batch(pass, map, name), lines);
    await files.writeLines(runPaths.batch(1, map, name), lines);
  }
  const batches = {
    objects: before.batches.objects + added.objects,
    multipart: before.batches.multipart + added.multipart,
  };
  const found: FoundFiles = {
    v: 1,
    keys: [...before.keys, ...keys],
    refused: [...before.refused, ...refused],
    counts,
    batches,
    last: { pass, redrives, batches: added },
  };
  await files.write(runPaths.found, found);
  return added;
}

function batchesOfFound(planned: readonly Planned[]): [MapName, BatchedObject[]][] {
  const simple = planned.filter(({ map }) => map === 'objects').map(numbered);
  const large = planned.filter(({ map }) => map === 'multipart');
  const batches = large.map((object): [MapName, BatchedObject[]] => ['multipart', [numbered(object, 0)]]);
  return simple.length > 0 ? [['objects', simple], ...batches] : batches;
}

type Planned = PlanLine & { readonly action: 'copy' };

const numbered = ({ action: _, map: __, ...object }: Planned, line: number): BatchedObject => ({
  ...object,
  line,
});

async function missingKeys({ files }: Run, known: ReadonlySet<string>): Promise<Named[]> {
  const plan = await files.read(runPaths.planCursor, PlanCursor);
  if (plan.counts.missing === 0) return [];
  const keys: Named[] = [];
  for (const name of plan.files) {
    for (const line of await files.lines(runPaths.planLines(name), PlanLine)) {
      if (line.action !== 'missing' || known.has(line.key)) continue;
      const { action: _, ...named } = line;
      keys.push(named);
    }
  }
  return keys;
}

/** What there is no time to look up stays missing, for the next redrive. */
async function planFound(run: Run, missing: readonly Named[], before: FoundFiles, deadline: Deadline) {
  const limiter = new RequestLimiter(64);
  let { counts } = before;
  const keys: string[] = [];
  const refused: RefusedLine[] = [];
  const planned: Planned[] = [];
  for await (const chunk of lookUp(run, missing, limiter)) {
    for (const entry of chunk.filter(({ source }) => source !== 'missing')) {
      const verdict = await decideEntry(run, entry, limiter);
      counts = count({ ...counts, listed: counts.listed + 1 }, verdict, run.parts);
      keys.push(entry.key);
      if (verdict.action === 'copy') planned.push(verdict);
      if (verdict.action === 'refused') refused.push(verdict);
    }
    if (deadline.hasPassed()) break;
  }
  return { counts, keys, refused, planned };
}
