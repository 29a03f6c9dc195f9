import { formatBytes } from '../core/model/byte-size.ts';
import { formatLocation, type Location } from '../core/model/location.ts';
import type { PlanLine } from '../core/model/plan.ts';
import { printable, shortPrintable } from './printable.ts';

/** Names of the buckets of a run. */
export interface Ends {
  readonly src: Location;
  readonly dest: Location | undefined;
}

/** The version that a list names. */
const versionText = (line: PlanLine): string =>
  'versionId' in line && line.versionId !== undefined ? ` (version ${line.versionId})` : '';

/**
 * What a dry run says of a key, in one line; without destination just the key.
 *
 * @returns undefined for what is only counted: keys that the run leaves alone
 */
export function planText(line: PlanLine, { src, dest }: Ends): string | undefined {
  const from = shortPrintable(formatLocation(src.bucket, line.key)) + versionText(line);
  if (line.action === 'missing') return `missing ${from}`;
  if (line.action === 'filtered') {
    return dest === undefined && line.reason === 'list-only' ? printable(line.key) : undefined;
  }
  if (dest === undefined) return printable(line.key);
  if (line.action === 'same') return undefined;
  const to = shortPrintable(formatLocation(dest.bucket, line.target));
  if (line.action === 'extra') return `would delete ${to} (${formatBytes(line.size)})`;
  if (line.action === 'refused') return `would refuse ${from} to ${to} (${line.reason})`;
  if (line.archived === true) return `would fail ${from} to ${to} (archived, ${formatBytes(line.size)})`;
  return `would copy ${from} to ${to} (${line.reason}, ${formatBytes(line.size)})`;
}
