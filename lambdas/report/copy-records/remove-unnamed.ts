import { type CopyRecordFile, copyRecordPaths } from '../../../core/model/copy-records.ts';
import { CopyError } from '../../../core/model/errors.ts';
import { findIndex } from '../../../core/run/copy-record-files.ts';
import { logger } from '../../../core/run/log.ts';
import type { CopyRecordFolder } from '../../../core/run/open-run.ts';

/**
 * Milliseconds after which a file that no index names was left by an invocation that died: 30 days. A run ends after
 * 20, so that none is still to write an index that names it.
 */
const forgottenAfter = 30 * 24 * 60 * 60 * 1_000;

/**
 * Deletes files of copy records that no index names and none will: an index names but new files and those of the index
 * that it replaces. Who still reads by an older index finds them gone, and reads by the new one.
 *
 * @param replaced files that were named before, or were to be
 */
export async function removeUnnamed(
  copyRecords: CopyRecordFolder,
  replaced: readonly CopyRecordFile[],
): Promise<void> {
  try {
    const { files: named, problem } = await findIndex(copyRecords);
    if (problem !== undefined) return;
    const pathsOf = (files: readonly CopyRecordFile[]) =>
      new Set(files.map(({ name }) => copyRecordPaths.file(name)));
    const [kept, old] = [pathsOf(named), pathsOf(replaced)];
    const unnamed = [];
    for await (const file of copyRecords.files.listed(copyRecordPaths.files)) {
      const isForgotten = Date.now() - file.lastModified > forgottenAfter;
      if (!kept.has(file.path) && (old.has(file.path) || isForgotten)) unnamed.push(file);
    }
    await copyRecords.files.remove(unnamed);
  } catch (error) {
    if (!(error instanceof CopyError)) throw error;
    logger.warn('copy-records-unremoved', error);
  }
}
