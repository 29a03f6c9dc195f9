import { cpus, hostname, totalmem } from 'node:os';
import { formatBytes } from '../core/model/byte-size.ts';

/** What figures were measured on, in one line. */
export function machine(): string {
  const [cpu] = cpus();
  const cores = `${cpus().length} × ${cpu?.model.trim() ?? 'unknown processor'}`;
  return `${hostname()}: ${cores}, ${formatBytes(totalmem())}, ${process.platform}, Node ${process.version}`;
}
