import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { killScenario } from './kills.ts';
import { play } from './play.ts';
import { draw, type Scenario } from './scenario.ts';

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
let next = 0;
await Promise.all(Array.from({ length: jobs }, playAll));
const seconds = Math.round((Date.now() - started) / 1000);
say(`${trials.length - failed} passed, ${failed} failed in ${seconds} s`);
process.exit(failed > 0 ? 1 : 0);

/** One kill for every request that an undisturbed run makes. */
async function kills(): Promise<Trial[]> {
  if (values.at !== undefined) return [killTrial(Number(values.at))];
  if (!values.kills) return [];
  const { problems, attempts, requests } = await play(killScenario());
  if (problems.length > 0 || attempts.join() !== 'SUCCEEDED') {
    say(`the run that nothing disturbs: WRONG (${attempts.join(', ')})\n  ${problems.join('\n  ')}`);
    process.exit(1);
  }
  say(`a run that nothing disturbs makes ${requests} requests: killed at every ${every}`);
  return Array.from({ length: Math.ceil(requests / every) }, (_, index) => killTrial(index * every));
}

function killTrial(at: number): Trial {
  return { name: `kill at ${at}`, scenario: killScenario(at), replay: `--at ${at} --seeds 0` };
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
    const { problems, attempts } = await play(trial.scenario);
    say(`${trial.name}: ${problems.length === 0 ? 'right' : 'WRONG'} (${attempts.join(', ')})`);
    if (problems.length === 0) continue;
    failed += 1;
    for (const problem of problems) say(`  ${problem}`);
    say(`  replay: npm run test:faults -- ${trial.replay}`);
  }
}
