import { counted, grouped } from '../lambdas/core/counted.ts';
import { formatBytes } from '../lambdas/core/size.ts';
import type { Progress } from './events.ts';
import { type Pace, shareDone } from './pace.ts';
import { duration } from './printable.ts';

const barWidth = 24;

function bar(share: number): string {
  const full = Math.floor(share * barWidth);
  return `${'█'.repeat(full)}${'░'.repeat(barWidth - full)}`;
}

const failures = (failed: number): string => (failed === 0 ? '' : `  ${grouped(failed)} failed`);

/** The progress of a run in one line, with a bar while it copies. */
export function progressText(progress: Progress, pace: Pace, withBar: boolean): string {
  const { phase, listed, planned, done, failed } = progress;
  if (phase === 'preparing') return 'preparing';
  if (phase === 'planning') {
    return `planning   ${counted(listed, 'key')} listed, ${grouped(planned.objects)} to copy (${formatBytes(planned.bytes)})`;
  }
  if (planned.objects === 0) return 'reporting  nothing to copy';
  const share = shareDone(progress);
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  const objects = `${grouped(done.objects)}/${grouped(planned.objects)} objects`;
  const bytes = `${formatBytes(done.bytes)}/${formatBytes(planned.bytes)}`;
  const sofar = `${withBar ? `${bar(share)} ` : ''}${percent}  ${objects}  ${bytes}`;
  if (phase === 'reporting') return `reporting  ${sofar}${failures(failed)}`;
  const rate = `${formatBytes(pace.bytesPerSecond)}/s  ${grouped(Math.round(pace.objectsPerSecond))}/s`;
  const left = pace.secondsLeft === undefined ? '' : `  ETA ${duration(pace.secondsLeft)}`;
  return `copying    ${sofar}  ${rate}${left}${failures(failed)}`;
}
