#!/usr/bin/env node
import { ExitCode } from '../cli/exit-codes.ts';
import { main } from '../cli/main.ts';
import { outputTo } from '../cli/output.ts';

/** Milliseconds in which the first Ctrl-C ends all in order. Nothing is lost after them, as nothing is by kill -9. */
const grace = 3_000;

/** The command line. The first Ctrl-C ends it in order, the second at once. */
const interrupted = new AbortController();
const output = outputTo(process.stdout, process.stderr);
const end = () => process.exit(process.exitCode ?? ExitCode.interrupted);
const giveUp = () => {
  if (process.exitCode === undefined) output.note('interrupted');
  end();
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // A terminal that is closed hangs up twice: the kernel does it, and the shell.
    if (interrupted.signal.aborted && signal === 'SIGHUP') return;
    if (interrupted.signal.aborted) end();
    interrupted.abort();
    setTimeout(giveUp, grace).unref();
  });
}

// Nobody reads what is said to a terminal that is gone. What is being stopped is stopped all the same.
process.stderr.on('error', () => interrupted.abort());

// Whoever reads our output has seen enough, as in `s3copy … | head`.
process.stdout.on('error', () => process.exit(ExitCode.interrupted));

process.exitCode = await main(process.argv.slice(2), output, interrupted.signal);
