#!/usr/bin/env node
import { ExitCode } from '../cli/exit-codes.ts';
import { main } from '../cli/main.ts';
import { outputTo } from '../cli/output.ts';

/** The command line. The first Ctrl-C ends it in order, the second at once. */
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (interrupted.signal.aborted) process.exit(ExitCode.interrupted);
    interrupted.abort();
  });
}

// Whoever reads our output has seen enough, as in `s3copy … | head`.
process.stdout.on('error', () => process.exit(ExitCode.interrupted));

const output = outputTo(process.stdout, process.stderr);
process.exitCode = await main(process.argv.slice(2), output, interrupted.signal);
