import { readFileSync } from 'node:fs';
import type { Rule } from '../src/rules/rule.ts';
import { startSandboxStore } from '../src/server.ts';

// Runs a store in this process. The arguments are the data directory, and the rules as JSON.
const [dataDirectory = '', faults = '[]'] = process.argv.slice(2);
const store = await startSandboxStore({ dataDirectory, faults: JSON.parse(faults) as Rule[] });
process.send?.(store.url);
process.on('message', () => process.send?.(readPeakKibibytes()));

/**
 * Reads the largest amount of memory that this process has used. On Linux, `maxRSS` would include the memory that the
 * parent had when it started this process.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_status.5.html (read 2026-11-28): `VmHWM`
 */
function readPeakKibibytes(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS;
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  if (peak === undefined) throw new Error('/proc/self/status has no line VmHWM');
  return Number(peak);
}
