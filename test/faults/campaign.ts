import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { draw } from './draw.ts';
import { type Counts, plusCounts, summaryOf } from './fired.ts';
import { type Killed, killed, killScenario } from './kills.ts';
import { play } from './play.ts';
import type { Scenario } from './scenario.ts';

/** One scenario of the campaign. */
interface Trial {
  readonly name: string;
  readonly scenario: Scenario;
  /** Words behind `npm run test:faults --` that play it again. */
  readonly replay: string;
}

const { values } = parseArgs({
  options: {
    /** Number of random scenarios. */
    seeds: { type: 'string', default: '20' },
    /** The first of them. */
    first: { type: 'string', default: '1' },
    /** Kills a run at every request of its functions, before the random scenarios. */
    kills: { type: 'boolean', default: false },
    /** Kills it only at every so manyth request. */
    every: { type: 'string', default: '1' },
    /** Kills it only at this request. */
    at: { type: 'string' },
    /** Scenarios at the same time. */
    jobs: { type: 'string', default: String(Math.max(1, availableParallelism())) },
  },
});
const [seeds, first, every, jobs] = [values.seeds, values.first, values.every, values.jobs].map(Number) as [
  number,
  number,
  number,
  number,
];

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const started = Date.now();
const trials = [...(await kills()), ...seedTrials()];
let failed = 0;
let fired: Counts = {};
let next = 0;
await Promise.all(Array.from({ length: jobs }, playAll));
for (const line of summaryOf(fired)) say(line);
const seconds = Math.round((Date.now() - started) / 1000);
say(`${trials.length - failed} passed, ${failed} failed in ${seconds} s`);
process.exit(failed > 0 ? 1 : 0);

/** One kill for every request that an undisturbed run of each strategy makes. */
async function kills(): Promise<Trial[]> {
  if (values.at !== undefined) return killed.map((strategy) => killTrial(strategy, Number(values.at)));
  if (!values.kills) return [];
  const trials: Trial[] = [];
  for (const strategy of killed) {
    const requests = await undisturbed(strategy);
    say(`a ${strategy} run that nothing disturbs makes ${requests} requests: killed at every ${every}`);
    const count = Math.ceil(requests / every);
    trials.push(...Array.from({ length: count }, (_, index) => killTrial(strategy, index * every)));
  }
  return trials;
}

/** The number of requests of a run in which nothing goes wrong. */
async function undisturbed(strategy: Killed): Promise<number> {
  const { problems, attempts, requests } = await play(killScenario(strategy));
  if (problems.length === 0 && attempts.join() === 'SUCCEEDED') return requests;
  say(
    `the ${strategy} run that nothing disturbs: WRONG (${attempts.join(', ')})\n  ${problems.join('\n  ')}`,
  );
  process.exit(1);
}

function killTrial(strategy: Killed, at: number): Trial {
  return {
    name: `${strategy} run killed at ${at}`,
    scenario: killScenario(strategy, at),
    replay: `--at ${at} --seeds 0`,
  };
}

function seedTrials(): Trial[] {
  return Array.from({ length: seeds }, (_, index) => {
    const seed = first + index;
    return { name: `seed ${seed}`, scenario: draw(seed), replay: `--first ${seed} --seeds 1` };
  });
}

/** Plays one trial after the other, until none is left. */
async function playAll(): Promise<void> {
  for (let trial = trials[next++]; trial !== undefined; trial = trials[next++]) {
    const { problems, attempts, fired: happened } = await play(trial.scenario);
    fired = plusCounts(fired, happened);
    say(`${trial.name}: ${problems.length === 0 ? 'right' : 'WRONG'} (${attempts.join(', ')})`);
    if (problems.length === 0) continue;
    failed += 1;
    for (const problem of problems) say(`  ${problem}`);
    say(`  replay: npm run test:faults -- ${trial.replay}`);
  }
}
