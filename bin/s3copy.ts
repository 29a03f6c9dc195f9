#!/usr/bin/env node
import { ExitCode } from '../cli/exit-codes.ts';
import { main } from '../cli/main.ts';
import { outputTo } from '../cli/output.ts';

/** Milliseconds after the first Ctrl-C before the process exits anyway. Nothing is lost then, as with kill -9. */
const graceMillis = 3_000;

/** Runs the command line. The first Ctrl-C stops it in order, the second at once. */
const interrupted = new AbortController();
const output = outputTo(process.stdout, process.stderr);
const end = () => process.exit(process.exitCode ?? ExitCode.interrupted);
const giveUp = () => {
  if (process.exitCode === undefined) output.note('interrupted');
  end();
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // Closing a terminal sends SIGHUP twice: from the kernel and from the shell.
    if (interrupted.signal.aborted && signal === 'SIGHUP') return;
    if (interrupted.signal.aborted) end();
    interrupted.abort();
    setTimeout(giveUp, graceMillis).unref();
  });
}

// The terminal is closed: stop in order, without messages.
process.stderr.on('error', () => interrupted.abort());

// The reader of the output has closed it, as in `s3copy … | head`.
process.stdout.on('error', () => process.exit(ExitCode.interrupted));

process.exitCode = await main(process.argv.slice(2), output, interrupted.signal);
