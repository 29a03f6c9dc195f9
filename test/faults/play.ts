import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEvents } from './events.ts';
import { addCounts, type Counts, readFired } from './fault-counter.ts';
import type { Attempt } from './found.ts';
import { findRepeatedCopies } from './repeated-copies.ts';
import type { AttemptInput } from './run-child.ts';
import type { Scenario } from './scenario.ts';
import { findUnneededCopies } from './unneeded-copies.ts';
import { findUploadsAfterCleanup, verify } from './verify.ts';
import { describeViolations, readSeen } from './watcher.ts';

/** The redrives before permanent faults are removed, and the redrives within which a run must end. */
const redrives = { untilFaultsEnd: 2, atMost: 8 };
/** More than a busy computer needs: only a run that hangs takes longer. */
const attemptMillis = 600_000;

/** The result of a scenario. */
export interface PlayResult {
  readonly problems: readonly string[];
  /** The status of each attempt. */
  readonly attempts: readonly string[];
  /** The number of requests of the functions in the last attempt. */
  readonly requests: number;
  /** The faults that happened. */
  readonly fired: Counts;
}

/** The attempts and faults so far. */
interface Course {
  readonly attempts: string[];
  fired: Counts;
}

/** Runs an attempt in its own process. Returns undefined when it was killed. */
function attempt(input: AttemptInput, file: string): Promise<Attempt | undefined> {
  const child = join(import.meta.dirname, 'run-child.ts');
  const options = { timeout: attemptMillis, killSignal: 'SIGTERM', maxBuffer: 2 ** 26 } as const;
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [child, file], options, (error, out, err) => {
      if (error === null) resolve(JSON.parse(out) as Attempt);
      else if (error.signal === 'SIGKILL') resolve(undefined);
      else reject(new Error(`attempt ${input.attempt}: ${error.message}\n${err}`));
    });
  });
}

/** Whether an attempt wrote its report. */
const hasReport = ({ status, error }: Attempt): boolean =>
  status === 'SUCCEEDED' || error === 'ObjectsFailedError' || error === 'DeleteGuardError';

/** Runs a scenario to its end in its own folder, and finds what is wrong. */
export async function play(scenario: Scenario): Promise<PlayResult> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 's3copy-faults-'));
  const course: Course = { attempts: [], fired: {} };
  try {
    const { problems, requests } = await playIn(dataDirectory, scenario, course);
    if (problems.length === 0) await rm(dataDirectory, { recursive: true });
    else problems.push(`the data is in ${dataDirectory}`);
    return { problems, requests, ...course };
  } catch (error) {
    const problems = [(error as Error).message, `the data is in ${dataDirectory}`];
    return { problems, requests: 0, ...course };
  }
}

async function playIn(
  dataDirectory: string,
  scenario: Scenario,
  course: Course,
): Promise<{ readonly problems: string[]; readonly requests: number }> {
  const wrong = new Set<string>();
  // Without faults or kills no other attempt is needed.
  const { faults, invocations, givesUpAfter = Number.POSITIVE_INFINITY } = scenario;
  const isBroken = faults.length > 0 || invocations.some(({ attempt: at = 0 }) => at > 0);
  const attemptsWithFaults = isBroken ? redrives.untilFaultsEnd : 0;
  const file = join(dataDirectory, 'attempt.json');
  for (let n = 0; n <= redrives.atMost; n += 1) {
    const input: AttemptInput = {
      dataDirectory,
      scenario,
      attempt: n,
      withoutFaults: n >= redrives.untilFaultsEnd,
    };
    await writeFile(file, JSON.stringify(input));
    const ended = await attempt(input, file);
    course.attempts.push(ended?.status ?? 'killed');
    const fired = await readFired(dataDirectory, n);
    course.fired = addCounts(course.fired, fired);
    const events = await readEvents(dataDirectory);
    const now = events.filter(({ attempt }) => attempt === n);
    const add = (problems: readonly string[]): void => {
      for (const problem of problems) wrong.add(problem);
    };
    add(findRepeatedCopies(now, fired));
    add(await findUnneededCopies(dataDirectory, n, events));
    add(describeViolations(await readSeen(dataDirectory)));
    if (ended === undefined) continue;
    const happened = { fired: course.fired, events, isWithoutFaults: n === redrives.atMost };
    // While there are faults, the run may have failed before its report.
    const isJudged = n >= attemptsWithFaults || hasReport(ended);
    const verified = isJudged ? await verify(dataDirectory, scenario, ended, happened) : undefined;
    add((verified?.problems ?? []).map((problem) => `attempt ${n}: ${problem}`));
    const isOver = ended.status === 'SUCCEEDED';
    const isEnough = n >= attemptsWithFaults && (verified?.isFinal === true || n === redrives.atMost);
    if (!isOver && !isEnough && n < givesUpAfter) continue;
    if (!isOver) add(await findUploadsAfterCleanup(dataDirectory, scenario));
    return { problems: [...wrong], requests: ended.requests };
  }
  return { problems: [...wrong, `the run did not end within ${redrives.atMost} redrives`], requests: 0 };
}
