import { formatBytes } from '../core/model/byte-size.ts';
import { counted, grouped } from '../core/model/counted.ts';
import { countDifferences, type Report } from '../core/model/report.ts';
import { inFlags } from './in-flags.ts';
import { duration } from './printable.ts';

const sumOf = (report: Report, names: readonly (keyof Report)[]): string =>
  names.map((name) => `${grouped(report[name] as number)} ${name}`).join(' + ');

function headline(report: Report): string {
  const took = `in ${duration(report.seconds)}`;
  if (report.destination === undefined) {
    const listed = `listed ${counted(report.shown, 'key')} ${took}`;
    return report.outcome === 'failed' ? `FAILED: ${listed}; ${grouped(report.missing)} missing` : listed;
  }
  if (report.outcome === 'planned') {
    const copies = counted(report.planned - report.archived, 'object');
    const bytes = formatBytes(report.bytes.planned - report.bytes.archived);
    return `dry run: would copy ${copies} (${bytes}), ${grouped(report.same)} unchanged${foreseen(report)}`;
  }
  if (report.outcome === 'compared') return `compared: ${differenceText(report)}`;
  const copied = copiedText(report);
  if (report.outcome === 'failed' && notThere(report) === 0) return `FAILED: ${copied}; not all was deleted`;
  if (report.outcome === 'failed')
    return `FAILED: ${copied}; ${counted(notThere(report), 'object')} not there`;
  return report.planned + report.deleted === 0
    ? `done: nothing to copy, ${grouped(report.same)} unchanged`
    : `done: ${copied}`;
}

/** What was copied, and how long it took: of a redriven run by the last attempt. */
function copiedText({ copied, bytes, seconds, attempt }: Report): string {
  const all = `${counted(copied, 'object')} (${formatBytes(bytes.copied)})`;
  if (attempt === undefined) return `copied ${all} in ${duration(seconds)}`;
  const took = `in ${duration(attempt.seconds)}`;
  if (attempt.copied === undefined) return `copied ${all} in all, the redrive ${took}`;
  const now = `${counted(attempt.copied, 'object')} (${formatBytes(attempt.bytes ?? 0)})`;
  return `copied ${now} ${took} since the redrive, ${grouped(copied)} in all`;
}

/** What a dry run knows that the run would fail on; its notes tell the rest. */
function foreseen(report: Report): string {
  if (report.wouldFail !== true) return '';
  const failing = (['archived', 'refused', 'missing'] as const).filter((name) => report[name] > 0);
  const why = failing.map((name) => `${grouped(report[name])} ${name}`).join(', ');
  return `; the run would FAIL${why === '' ? '' : `: ${why}`}`;
}

const listedAs = ({ destination }: Report): (keyof Report)[] =>
  destination === undefined ? ['shown', 'filtered'] : ['same', 'filtered', 'refused', 'planned'];

function plannedRow(report: Report): string[] {
  const { outcome, planned, archived } = report;
  if (report.destination === undefined) return [];
  if (outcome === 'done' || outcome === 'failed') {
    const endings = sumOf(report, ['copied', 'vanished', 'changed', 'archived', 'conflict', 'failed']);
    return [row('planned', `${grouped(planned)} = ${endings}`)];
  }
  if (outcome !== 'planned' || archived === 0) return [];
  return [
    row(
      'planned',
      `${grouped(planned)} = ${grouped(planned - archived)} to copy + ${grouped(archived)} archived`,
    ),
  ];
}

function differenceText(report: Report): string {
  const { same, planned, extra } = report;
  const all = countDifferences(report);
  const others = all - planned - extra;
  const parts = [
    `${grouped(planned)} to copy`,
    `${grouped(extra)} not in the source`,
    ...(others > 0 ? [`${grouped(others)} refused or missing`] : []),
  ];
  return all === 0
    ? `no difference, ${grouped(same)} unchanged`
    : `${counted(all, 'difference')} (${parts.join(', ')}), ${grouped(same)} unchanged`;
}

const notThere = ({ refused, changed, archived, conflict, failed, missing }: Report): number =>
  refused + changed + archived + conflict + failed + missing;

function proofsOf({ proofs }: Report): string {
  const used = Object.entries(proofs).filter(([, objects]) => objects > 0);
  return used.map(([proof, objects]) => `${grouped(objects)} by ${proof}`).join(', ');
}

const deletedOf = ({ deleted, undeleted }: Report): string =>
  undeleted === 0 ? grouped(deleted) : `${grouped(deleted)}, ${grouped(undeleted)} could not be`;

const row = (name: string, text: string): string => `  ${name.padEnd(9)} ${text}`;

/** The report in a few lines: the outcome, both sums, what proved the copies, and where the rest is. */
export function summary(report: Report): string[] {
  const proofs = proofsOf(report);
  return [
    headline(report),
    row('listed', `${grouped(report.listed)} = ${sumOf(report, listedAs(report))}`),
    ...plannedRow(report),
    ...(report.missing > 0 ? [row('missing', `${grouped(report.missing)} named, not in the source`)] : []),
    ...(report.deleted + report.undeleted > 0 ? [row('deleted', deletedOf(report))] : []),
    ...(proofs === '' ? [] : [row('proven', proofs)]),
    ...(report.sizeOnly > 0
      ? [row('unproven', `${grouped(report.sizeOnly)} by size only; --verify required refuses these`)]
      : []),
    ...report.notes.map((note) => row('note', inFlags(note))),
    ...(report.files.differences === undefined ? [] : [row('keys', report.files.differences)]),
    row('report', report.files.report),
    row('page', report.files.page),
  ];
}
