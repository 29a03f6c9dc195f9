import { draw } from './draw.ts';
import { addCounts, type Counts, summarize } from './fault-counter.ts';
import { type KilledStrategy, killedStrategies, killScenario } from './kills.ts';
import { findMissingFaults } from './missing-faults.ts';
import { readOptions } from './options.ts';
import { play } from './play.ts';
import type { Scenario } from './scenario.ts';

/** A scenario of the campaign. */
interface CampaignEntry {
  readonly name: string;
  readonly scenario: Scenario;
  /** The options of `npm run test:faults --` that play it again. */
  readonly replay: string;
}

const { seeds, first, kills, every, at, jobs } = readOptions();
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const started = Date.now();
const entries = [...(await createKillEntries()), ...createSeedEntries()];
let failed = 0;
let fired: Counts = {};
let next = 0;
await Promise.all(Array.from({ length: jobs }, playAll));
const summary = summarize(fired);
if (summary.length > 0) say('faults that happened:');
for (const line of summary) say(line);
const seconds = Math.round((Date.now() - started) / 1000);
const missed = findMissingFaults(fired, seeds);
for (const line of missed) say(line);
say(`${entries.length - failed} passed, ${failed} failed in ${seconds} s`);
process.exit(failed + missed.length > 0 ? 1 : 0);

/** Creates one scenario per request of a run without faults, for each strategy. The process is killed at that request. */
async function createKillEntries(): Promise<CampaignEntry[]> {
  if (at !== undefined) return killedStrategies.map((strategy) => createKillEntry(strategy, at));
  if (!kills) return [];
  const entries: CampaignEntry[] = [];
  for (const strategy of killedStrategies) {
    const requests = await countRequests(strategy);
    say(
      `a ${strategy} run without faults makes ${requests} requests; it is killed at ${every === 1 ? 'every request' : `one of every ${every} requests`}`,
    );
    const count = Math.ceil(requests / every);
    entries.push(...Array.from({ length: count }, (_, index) => createKillEntry(strategy, index * every)));
  }
  return entries;
}

/** Returns the number of requests of a run without faults. */
async function countRequests(strategy: KilledStrategy): Promise<number> {
  const { problems, attempts, requests } = await play(killScenario(strategy));
  if (problems.length === 0 && attempts.join() === 'SUCCEEDED') return requests;
  say(
    `${strategy} run without faults: FAILED (attempts: ${attempts.join(', ')})\n  ${problems.join('\n  ')}`,
  );
  say('  replay: npm run test:faults -- --kills --every 1000000 --seeds 0');
  process.exit(1);
}

function createKillEntry(strategy: KilledStrategy, at: number): CampaignEntry {
  return {
    name: `${strategy} run killed at request ${at}`,
    scenario: killScenario(strategy, at),
    replay: `--at ${at} --seeds 0`,
  };
}

function createSeedEntries(): CampaignEntry[] {
  return Array.from({ length: seeds }, (_, index) => {
    const seed = first + index;
    return { name: `seed ${seed}`, scenario: draw(seed), replay: `--first ${seed} --seeds 1` };
  });
}

/** Plays the remaining scenarios one after the other. */
async function playAll(): Promise<void> {
  for (let entry = entries[next++]; entry !== undefined; entry = entries[next++]) {
    const { problems, attempts, fired: happened } = await play(entry.scenario);
    fired = addCounts(fired, happened);
    say(`${entry.name}: ${problems.length === 0 ? 'passed' : 'FAILED'} (attempts: ${attempts.join(', ')})`);
    if (problems.length === 0) continue;
    failed += 1;
    for (const problem of problems) say(`  ${problem}`);
    say(`  replay: npm run test:faults -- ${entry.replay}`);
  }
}
