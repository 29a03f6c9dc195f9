import { formatBytes } from '../../core/model/byte-size.ts';
import { grouped } from '../../core/model/counted.ts';
import type { Report } from '../../core/model/report.ts';
import { formatDollars } from '../../core/rules/cost.ts';

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text that HTML shows as it is. */
const escaped = (text: string): string => text.replace(/[&<>"']/g, (char) => escapes[char] as string);

/** A text whose words in backticks are code. */
const marked = (text: string): string => escaped(text).replace(/`([^`]+)`/g, '<code>$1</code>');

const row = (name: string, value: string, mark = ''): string =>
  `<tr class="${mark}"><th scope="row">${escaped(name)}</th><td>${escaped(value)}</td></tr>`;

const table = (caption: string, rows: readonly string[]): string =>
  rows.length === 0
    ? ''
    : `<table><caption>${escaped(caption)}</caption><tbody>${rows.join('')}</tbody></table>`;

const reasonRows = (report: Report): string[] =>
  Object.entries(report.reasons).flatMap(([action, byReason]) =>
    Object.entries(byReason).map(([reason, { objects, bytes }]) =>
      row(`${action}: ${reason}`, `${grouped(objects)} (${formatBytes(bytes)})`),
    ),
  );

const badStatuses = ['refused', 'changed', 'archived', 'conflict', 'failed', 'missing'] as const;

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}
h1{font-size:1.4rem}.state{display:inline-block;padding:.1rem .6rem;border-radius:.4rem;color:#fff}
.done,.planned,.listed,.compared{background:#1a7f37}.failed{background:#b3261e}
table{border-collapse:collapse;margin:1.2rem 0;width:100%}caption{text-align:left;font-weight:600;padding-bottom:.3rem}
th{text-align:left;font-weight:400}th,td{border-bottom:1px solid #d8dee4;padding:.25rem .5rem;overflow-wrap:anywhere}
td{text-align:right;font-variant-numeric:tabular-nums}.bad td{color:#b3261e;font-weight:600}
@media (prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}th,td{border-color:#30363d}.bad td{color:#ff8a80}}`;

/**
 * The report as one self-contained page.
 *
 * @param report what `report.json` holds
 */
export function renderPage(report: Report): string {
  const status = (name: (typeof badStatuses)[number]): string =>
    row(name, grouped(report[name]), report[name] > 0 ? 'bad' : '');
  const title = `s3copy: ${report.run}`;
  const facts = [
    row('source', report.source),
    row('destination', report.destination ?? '(only listed)'),
    row('started', report.startedAt),
    row('seconds', String(report.seconds)),
    row('passes', String(report.passes)),
    row('redrives', String(report.redrives)),
    ...(report.redrivenAt === undefined ? [] : [row('last redriven', report.redrivenAt)]),
    ...(report.attempt === undefined ? [] : [row('seconds since', String(report.attempt.seconds))]),
    ...(report.attempt?.copied === undefined ? [] : [row('copied since', grouped(report.attempt.copied))]),
    row('bytes copied', formatBytes(report.bytes.copied)),
  ];
  const listed = [
    row('listed', grouped(report.listed)),
    ...(report.destination === undefined ? [row('shown', grouped(report.shown))] : []),
    row('same', grouped(report.same)),
    row('filtered', grouped(report.filtered)),
    status('refused'),
    row('planned', grouped(report.planned)),
  ];
  const planned = [
    row('copied', grouped(report.copied)),
    row('vanished', grouped(report.vanished)),
    ...(['changed', 'archived', 'conflict', 'failed'] as const).map(status),
  ];
  const proofs = Object.entries(report.proofs).map(([proof, objects]) => row(proof, grouped(objects)));
  proofs.push(row('not proven: by size only', grouped(report.sizeOnly)));
  const { estimate } = report;
  const estimated = [
    row('requests that write', `${grouped(estimate.writes)} (${formatDollars(estimate.writesDollars)})`),
    row(
      'to another region',
      `${formatBytes(estimate.transferBytes)} (${formatDollars(estimate.transferDollars)})`,
    ),
    row(
      'part files kept',
      `${formatBytes(estimate.keptBytes)} (${formatDollars(estimate.keptDollarsAMonth)} a month)`,
    ),
  ];
  const files = Object.entries(report.files).map(([name, place]) => row(name, place));
  const notes = report.notes.map((note) => `<li>${marked(note)}</li>`).join('');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title>
<style>${style}</style></head><body>
<h1>${escaped(title)} <span class="state ${report.outcome}">${report.outcome}</span></h1>
${notes === '' ? '' : `<ul>${notes}</ul>`}
${table('Run', facts)}
${table('listed = same + filtered + refused + planned', listed)}
${table('planned = copied + vanished + changed + archived + conflict + failed', planned)}
${table('Apart', [status('missing'), row('deleted', grouped(report.deleted))])}
${table('What proved the copies', proofs)}
${table('Estimate of the plan', estimated)}
${table('Why', reasonRows(report))}
${table('Files', files)}
</body></html>
`;
}
