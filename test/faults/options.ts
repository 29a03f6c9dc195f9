import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

/** The options of a campaign. */
export interface Options {
  /** The number of random scenarios. */
  readonly seeds: number;
  /** The first seed. */
  readonly first: number;
  /** Whether to kill a run at every request of its functions, before the random scenarios. */
  readonly kills: boolean;
  /** Kill it only at every nth request. */
  readonly every: number;
  /** Kill it only at this request. */
  readonly at: number | undefined;
  /** The number of scenarios that run at the same time. */
  readonly jobs: number;
}

const usage = `usage: npm run test:faults -- [--seeds N] [--first SEED] [--jobs N] [--kills [--every N]] [--at REQUEST]`;

/** Reads the command line. Prints the usage and exits with 2 when it is wrong. */
export function readOptions(): Options {
  try {
    return parse();
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${usage}\n`);
    process.exit(2);
  }
}

function parse(): Options {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { seeds: text, first: text, every: text, at: text, jobs: text, kills: { type: 'boolean' } },
  });
  const { at, kills = false } = values;
  return {
    seeds: whole('seeds', values.seeds ?? '20', 0),
    first: whole('first', values.first ?? '1', 0),
    kills,
    every: whole('every', values.every ?? '1', 1),
    at: at === undefined ? undefined : whole('at', at, 0),
    jobs: whole('jobs', values.jobs ?? String(availableParallelism()), 1),
  };
}

function whole(name: string, text: string, least: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least) return number;
  throw new RangeError(
    `--${name}: ${JSON.stringify(text)} is not valid. Use a whole number of at least ${least}.`,
  );
}
