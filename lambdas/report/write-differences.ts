import * as z from 'zod';
import { relativeKey } from '../../core/model/paths.ts';
import { PlanLine } from '../../core/model/plan.ts';
import { PlanCursor } from '../../core/model/plan-cursor.ts';
import { runPaths } from '../../core/model/run-paths.ts';
import type { Deadline } from '../../core/rules/deadline.ts';
import { differenceLine, differenceSymbol } from '../../core/rules/difference-lines.ts';
import type { Run } from '../../core/run/open-run.ts';
import type { Checkpoint } from '../../core/run/run-files.ts';

const Count = z.int().nonnegative();

/** How far the list of differences is written. */
const Cursor = z.strictObject({ v: z.literal(1), file: Count, chunks: Count, pending: z.string() });
type Cursor = z.infer<typeof Cursor>;

/** Above the least size of a part, since the chunks are joined by a multipart upload. */
const chunkCharacters = 8 * 1024 ** 2;

/**
 * Writes the list of differences of a run that only compares, from its plan.
 *
 * @returns whether there was time to write all of it
 */
export async function writeDifferences(run: Run, deadline: Deadline): Promise<boolean> {
  const { files } = run;
  const { files: names } = await files.read(runPaths.planCursor, PlanCursor);
  const path = runPaths.differencesCursor;
  const first: Cursor = { v: 1, file: 0, chunks: 0, pending: '' };
  let cursor: Checkpoint<Cursor> | undefined = (await files.checkpoint(path, Cursor)) ?? { value: first };
  while (cursor !== undefined && cursor.value.file < names.length) {
    if (deadline.hasPassed()) return false;
    cursor = await files.commit(path, await goOn(run, names, cursor.value), cursor);
  }
  if (cursor === undefined) return false;
  await join(run, cursor.value);
  return true;
}

async function goOn(run: Run, names: readonly string[], from: Cursor): Promise<Cursor> {
  const lines = await run.files.lines(runPaths.planLines(names[from.file] as string), PlanLine);
  let { pending } = from;
  for (const line of lines) {
    const symbol = differenceSymbol(line);
    if (symbol !== undefined) pending += differenceLine(symbol, relativeKey(run.path, line.key));
  }
  const next = { ...from, file: from.file + 1, pending };
  if (pending.length < chunkCharacters) return next;
  await run.files.writeText(runPaths.differencesChunk(from.chunks + 1), pending);
  return { ...next, chunks: from.chunks + 1, pending: '' };
}

async function join({ files }: Run, { chunks, pending }: Cursor): Promise<void> {
  if (chunks === 0) {
    await files.writeText(runPaths.differences, pending);
    return;
  }
  const paths = Array.from({ length: chunks }, (_, n) => runPaths.differencesChunk(n + 1));
  const last = runPaths.differencesChunk(chunks + 1);
  if (pending !== '') await files.writeText(last, pending);
  await files.join(pending === '' ? paths : [...paths, last], runPaths.differences);
}
