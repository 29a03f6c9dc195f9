import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repeated } from './again.ts';
import { eventsOf } from './events.ts';
import { type Counts, firedIn, plusCounts } from './fired.ts';
import type { Attempt } from './found.ts';
import { copiedAgain } from './progress.ts';
import type { Orders } from './run-child.ts';
import type { Scenario } from './scenario.ts';
import { leftByCleanUp, verify } from './verify.ts';
import { seenIn, wronglySeen } from './watcher.ts';

/** Redrives after which all lasting faults are healed, and after which a run must have ended. */
const redrives = { untilHealed: 2, atMost: 8 };
/** Above what a busy machine needs: only a run that hangs takes longer. */
const attemptMillis = 600_000;

/** How a scenario went. */
export interface Played {
  readonly problems: readonly string[];
  /** How each attempt ended. */
  readonly attempts: readonly string[];
  /** Requests of the functions in the last attempt. */
  readonly requests: number;
  /** Faults that have happened. */
  readonly fired: Counts;
}

/** What is known of a scenario while it is played. */
interface Course {
  readonly attempts: string[];
  fired: Counts;
}

/** Runs one attempt in a process of its own. Undefined: it was killed. */
function attempt(orders: Orders, file: string): Promise<Attempt | undefined> {
  const child = join(import.meta.dirname, 'run-child.ts');
  const options = { timeout: attemptMillis, killSignal: 'SIGTERM', maxBuffer: 2 ** 26 } as const;
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [child, file], options, (error, out, err) => {
      if (error === null) resolve(JSON.parse(out) as Attempt);
      else if (error.signal === 'SIGKILL') resolve(undefined);
      else reject(new Error(`attempt ${orders.attempt}: ${error.message}\n${err}`));
    });
  });
}

/** Whether an attempt came as far as to tell of every object. */
const hasReport = ({ status, error }: Attempt): boolean =>
  status === 'SUCCEEDED' || error === 'ObjectsFailedError' || error === 'DeleteGuardError';

/** Runs a scenario to its end in a folder of its own, and says what is wrong. */
export async function play(scenario: Scenario): Promise<Played> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 's3copy-faults-'));
  const course: Course = { attempts: [], fired: {} };
  try {
    const { problems, requests } = await playIn(dataDirectory, scenario, course);
    if (problems.length === 0) await rm(dataDirectory, { recursive: true });
    else problems.push(`data kept in ${dataDirectory}`);
    return { problems, requests, ...course };
  } catch (error) {
    const problems = [(error as Error).message, `data kept in ${dataDirectory}`];
    return { problems, requests: 0, ...course };
  }
}

async function playIn(
  dataDirectory: string,
  scenario: Scenario,
  course: Course,
): Promise<{ readonly problems: string[]; readonly requests: number }> {
  const wrong = new Set<string>();
  // Only what is left by faults or a kill needs another attempt.
  const { faults, invocations, givesUpAfter = Number.POSITIVE_INFINITY } = scenario;
  const isBroken = faults.length > 0 || invocations.some(({ attempt: at = 0 }) => at > 0);
  const mustHeal = isBroken ? redrives.untilHealed : 0;
  const file = join(dataDirectory, 'orders.json');
  for (let n = 0; n <= redrives.atMost; n += 1) {
    const orders: Orders = { dataDirectory, scenario, attempt: n, healed: n >= redrives.untilHealed };
    await writeFile(file, JSON.stringify(orders));
    const ended = await attempt(orders, file);
    course.attempts.push(ended?.status ?? 'killed');
    const fired = await firedIn(dataDirectory, n);
    course.fired = plusCounts(course.fired, fired);
    const events = await eventsOf(dataDirectory);
    const now = events.filter(({ attempt }) => attempt === n);
    const add = (problems: readonly string[]): void => {
      for (const problem of problems) wrong.add(problem);
    };
    add(repeated(now, fired));
    add(await copiedAgain(dataDirectory, n, events));
    add(wronglySeen(await seenIn(dataDirectory)));
    if (ended === undefined) continue;
    const happened = { fired: course.fired, events, isHealed: n === redrives.atMost };
    // Before faults are healed, the run may have failed for want of what its report needs.
    const isJudged = n >= mustHeal || hasReport(ended);
    const verified = isJudged ? await verify(dataDirectory, scenario, ended, happened) : undefined;
    add((verified?.problems ?? []).map((problem) => `attempt ${n}: ${problem}`));
    const isOver = ended.status === 'SUCCEEDED';
    const isEnough = n >= mustHeal && (verified?.isFinal === true || n === redrives.atMost);
    if (!isOver && !isEnough && n < givesUpAfter) continue;
    if (!isOver) add(await leftByCleanUp(dataDirectory, scenario));
    return { problems: [...wrong], requests: ended.requests };
  }
  return { problems: [...wrong, `did not end in ${redrives.atMost} redrives`], requests: 0 };
}
