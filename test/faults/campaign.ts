import { draw } from './draw.ts';
import { neverHappened } from './expected.ts';
import { type Counts, plusCounts, summaryOf } from './fired.ts';
import { type Killed, killed, killScenario } from './kills.ts';
import { readOptions } from './options.ts';
import { play } from './play.ts';
import type { Scenario } from './scenario.ts';

/** One scenario of the campaign. */
interface Trial {
  readonly name: string;
  readonly scenario: Scenario;
  /** Words behind `npm run test:faults --` that play it again. */
  readonly replay: string;
}

const { seeds, first, kills, every, at, jobs } = readOptions();
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const started = Date.now();
const trials = [...(await killTrials()), ...seedTrials()];
let failed = 0;
let fired: Counts = {};
let next = 0;
await Promise.all(Array.from({ length: jobs }, playAll));
for (const line of summaryOf(fired)) say(line);
const seconds = Math.round((Date.now() - started) / 1000);
const missed = neverHappened(fired, seeds);
for (const line of missed) say(line);
say(`${trials.length - failed} passed, ${failed} failed in ${seconds} s`);
process.exit(failed + missed.length > 0 ? 1 : 0);

/** One kill for every request that an undisturbed run of each strategy makes. */
async function killTrials(): Promise<Trial[]> {
  if (at !== undefined) return killed.map((strategy) => killTrial(strategy, at));
  if (!kills) return [];
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
  say('  replay: npm run test:faults -- --kills --every 1000000 --seeds 0');
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
