import { parseArguments } from '../../cli/arguments.ts';
import { cleanup } from '../../cli/commands/cleanup.ts';
import type { Output } from '../../cli/output.ts';

const silent: Output = {
  line: () => undefined,
  taken: async () => undefined,
  note: () => undefined,
  raw: () => undefined,
  isTerminal: false,
  columns: () => 80,
};

/** Runs `s3copy cleanup run --yes --local`. */
export async function cleanUp(dataDirectory: string): Promise<void> {
  await cleanup(parseArguments(['run', '--yes', '--local', '--data', dataDirectory]), silent);
}
