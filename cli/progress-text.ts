import { formatBytes } from '../core/model/byte-size.ts';
import { counted, grouped } from '../core/model/counted.ts';
import type { Progress } from './events.ts';
import { type Pace, shareDone } from './pace.ts';
import { duration } from './printable.ts';

/** A bar that is narrower than the least one shows nothing. */
const barWidth = { most: 24, least: 8 };
/** Verbs stand in a column of this width, where there is room for it. */
const verbWidth = 11;

function bar(share: number, width: number): string {
  const full = Math.floor(share * width);
  return `${'█'.repeat(full)}${'░'.repeat(width - full)}`;
}

/** Numbers of a line, in its batch. */
interface Numbers {
  readonly percent: string;
  readonly objects: string;
  readonly bytes: string;
  readonly rate: string;
  readonly objectRate: string;
  readonly left: string;
  readonly failed: string;
}

/** What gives way in a narrow terminal, one after the other. */
const lessImportant: readonly (keyof Numbers)[] = ['objectRate', 'bytes', 'objects', 'rate'];
const important: readonly (keyof Numbers)[] = ['failed', 'left'];

const joined = (numbers: Numbers): string =>
  Object.values(numbers)
    .filter((text) => text !== '')
    .join('  ');

/** As much of a line as there is room for: the bar gives way first, and the share of what is done last. */
function fitted(verb: string, share: number, all: Numbers, room: number): string {
  let head = verb.padEnd(verbWidth);
  let numbers = all;
  const isTooLong = () => head.length + joined(numbers).length > room;
  for (const name of lessImportant) if (isTooLong()) numbers = { ...numbers, [name]: '' };
  if (isTooLong()) head = `${verb} `;
  for (const name of important) if (isTooLong()) numbers = { ...numbers, [name]: '' };
  const width = Math.min(barWidth.most, room - head.length - joined(numbers).length - 1);
  const shown = width < barWidth.least ? '' : `${bar(share, width)} `;
  return `${head}${shown}${joined(numbers)}`;
}

const failures = (failed: number): string => (failed === 0 ? '' : `${grouped(failed)} failed`);

function planned({ listed, planned: { objects, bytes } }: Progress): string {
  const copies = objects === 0 ? 'nothing to copy' : `${grouped(objects)} to copy (${formatBytes(bytes)})`;
  return `${counted(listed, 'key')} listed, ${copies}`;
}

/** A run that copies nothing, whatever it plans, is through when its plan is. */
function lineOf(progress: Progress): string | undefined {
  const { kind, phase, listed } = progress;
  if (phase === 'preparing') return 'preparing';
  if (kind === 'list') {
    const keys = counted(listed, 'key');
    return phase === 'planning' ? `listing    ${keys}` : `reporting  ${keys} listed`;
  }
  if (phase === 'planning') return `planning   ${planned(progress)}`;
  if (kind === 'plan') return `reporting  ${planned(progress)}`;
  return progress.planned.objects === 0 ? 'reporting  nothing to copy' : undefined;
}

function numbersOf(progress: Progress, pace: Pace | undefined): Numbers {
  const { phase, planned: all, done, failed } = progress;
  const known = phase === 'copying' ? pace : undefined;
  return {
    percent: `${Math.floor(shareDone(progress) * 100)}%`.padStart(4),
    objects: `${grouped(done.objects)}/${grouped(all.objects)} objects`,
    bytes: `${formatBytes(done.bytes)}/${formatBytes(all.bytes)}`,
    rate: known === undefined ? '' : `${formatBytes(known.bytesPerSecond)}/s`,
    objectRate: known === undefined ? '' : `${grouped(Math.round(known.objectsPerSecond))}/s`,
    left: known?.secondsLeft === undefined ? '' : `${duration(known.secondsLeft)} left`,
    failed: failures(failed),
  };
}

/**
 * Formats the progress of a run as one line.
 *
 * @param pace undefined when it is unknown
 * @param columns of the terminal that it is drawn on, with a bar while it copies. @default as long as it is, no bar
 */
export function progressText(progress: Progress, pace: Pace | undefined, columns?: number): string {
  // A character in the last column makes some terminals begin a new line.
  const room = columns === undefined ? undefined : Math.max(0, columns - 1);
  const line = lineOf(progress);
  if (line !== undefined) return line.slice(0, room);
  const numbers = numbersOf(progress, pace);
  if (room === undefined) return `${progress.phase.padEnd(verbWidth)}${joined(numbers)}`;
  return fitted(progress.phase, shareDone(progress), numbers, room).slice(0, room);
}
