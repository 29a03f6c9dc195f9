import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { MiB } from '../../lambdas/core/limits.ts';
import type { Orders } from './run-child.ts';
import { changedBody, draw, type Planted, type Scenario } from './scenario.ts';
import { verify } from './verify.ts';

/** What an attempt, an execution or a redrive of it, came to. */
interface Attempt {
  readonly status: string;
  readonly error: string | null;
  readonly cause: string | null;
  /** Keys that were visible with bytes of no version. */
  readonly partial: readonly string[];
}

/** Redrives after which all lasting faults are healed, and after which a run must have ended. */
const redrives = { untilHealed: 2, atMost: 8 };
const attemptMillis = 120_000;

const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');

function firstBytes({ key, parts }: Planted): string | Buffer {
  if (parts === 0) return `first ${key}`;
  return Buffer.concat(
    Array.from({ length: parts }, (_, n) => Buffer.alloc(n + 1 === parts ? 9 : 5 * MiB, `${n + 1} ${key}`)),
  );
}

/** All bytes that each destination key may have: those of a version of its source. */
function allowedBytes({ objects, changes, request }: Scenario): Record<string, string[]> {
  const folder = String(request['dest']).endsWith('/folder') ? 'folder/' : '';
  const changed = new Set(changes.flatMap((rule) => (rule.kind === 'mutate' ? [rule.target.key] : [])));
  return Object.fromEntries(
    objects.map((object) => {
      const versions = [firstBytes(object), ...(changed.has(object.key) ? [changedBody(object.key)] : [])];
      return [folder + object.key, versions.map(sha256)];
    }),
  );
}

/** Runs one attempt in a process of its own. Undefined: it was killed. */
function attempt(orders: Orders, file: string): Promise<Attempt | undefined> {
  const child = join(import.meta.dirname, 'run-child.ts');
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [child, file],
      { timeout: attemptMillis, maxBuffer: 64 * MiB },
      (error, out, err) => {
        if (error === null) resolve(JSON.parse(out) as Attempt);
        else if (error.signal === 'SIGKILL') resolve(undefined);
        else
          reject(
            new Error(`attempt ${orders.attempt} of seed ${orders.scenario.seed}: ${error.message}\n${err}`),
          );
      },
    );
  });
}

/** How a scenario went. */
interface Played {
  readonly problems: readonly string[];
  /** How each attempt ended. */
  readonly attempts: readonly string[];
}

/** Runs a scenario to its end, and says what is wrong. */
async function play(scenario: Scenario): Promise<Played> {
  const dataDirectory = await mkdtemp(join(tmpdir(), `s3copy-faults-${scenario.seed}-`));
  const allowed = allowedBytes(scenario);
  const wrong: string[] = [];
  const attempts: string[] = [];
  let ended: Attempt | undefined;
  for (let n = 0; n <= redrives.atMost; n += 1) {
    const orders: Orders = {
      dataDirectory,
      scenario,
      attempt: n,
      healed: n >= redrives.untilHealed,
      allowed,
    };
    const file = join(dataDirectory, 'orders.json');
    await writeFile(file, JSON.stringify(orders));
    ended = await attempt(orders, file);
    attempts.push(ended?.status ?? 'killed');
    wrong.push(
      ...(ended?.partial ?? []).map((key) => `${JSON.stringify(key)} was visible with bytes of no version`),
    );
    if (ended?.status === 'SUCCEEDED') break;
    if (ended !== undefined && n >= redrives.untilHealed && (await verify(dataDirectory, allowed)).isFinal)
      break;
  }
  if (ended === undefined) return { attempts, problems: [`did not end in ${redrives.atMost} redrives`] };
  const checked = await verify(dataDirectory, allowed);
  const problems = [
    ...new Set([...wrong, ...checked.problems(ended.status, `${ended.error}: ${ended.cause}`)]),
  ];
  if (problems.length === 0) await rm(dataDirectory, { recursive: true });
  else problems.push(`data kept in ${dataDirectory}`);
  return { attempts, problems };
}

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '20' }, first: { type: 'string', default: '1' } },
});
const first = Number(values.first);
const failed: number[] = [];
for (let seed = first; seed < first + Number(values.seeds); seed += 1) {
  const { problems, attempts } = await play(draw(seed)).catch((error: Error) => ({
    problems: [error.message],
    attempts: [],
  }));
  const path = attempts.join(', ');
  if (problems.length === 0) {
    process.stdout.write(`seed ${seed}: right (${path})\n`);
    continue;
  }
  failed.push(seed);
  process.stdout.write(
    `seed ${seed}: WRONG (${path})\n${problems.map((problem) => `  ${problem}\n`).join('')}`,
  );
  process.stdout.write(`  replay: npm run test:faults -- --first ${seed} --seeds 1\n`);
}
process.stdout.write(`${Number(values.seeds) - failed.length} passed, ${failed.length} failed\n`);
process.exit(failed.length > 0 ? 1 : 0);
