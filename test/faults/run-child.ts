import { readFile } from 'node:fs/promises';
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Rule } from 'sandbox-s3/rule';
import { type Local, startLocal } from '../../cli/local/start.ts';
import { createRule } from './contents.ts';
import { Journal } from './events.ts';
import { FaultCounter, nameChange, nameInvocation, nameRule } from './fault-counter.ts';
import type { Attempt } from './found.ts';
import { plant } from './plant.ts';
import { buckets, type Scenario } from './scenario.ts';
import { noteProgress } from './unneeded-copies.ts';
import { readSeen, Watcher } from './watcher.ts';

/** The input of this process. */
export interface AttemptInput {
  readonly dataDirectory: string;
  readonly scenario: Scenario;
  readonly attempt: number;
  /** Whether the permanent faults are removed. */
  readonly withoutFaults: boolean;
}

const watcherCredentials = { accessKeyId: 'watcher', secretAccessKey: 'watcherwatcher' };

const { scenario, attempt, dataDirectory, withoutFaults } = JSON.parse(
  await readFile(process.argv[2] as string, 'utf8'),
) as AttemptInput;
const fired = new FaultCounter(dataDirectory, attempt);
const local = await startLocal({
  dataDirectory,
  engine: {
    random: () => 0,
    faults: scenario.invocations.filter(({ attempt: at = 0 }) => at === attempt),
    onFault: (rule) => fired.add(nameInvocation(rule)),
  },
  store: {
    seed: scenario.seed + attempt,
    credentials: [{ ...watcherCredentials, principal: 'watcher' }],
  },
});
const s3 = new S3Client({
  endpoint: local.s3Url,
  region: 'us-east-1',
  forcePathStyle: true,
  credentials: watcherCredentials,
  // Checksums for the requests of the test itself would take most of the time.
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
});

if (attempt === 0) {
  await plant(s3, scenario);
  await removeChecksums(local);
}
await noteProgress(dataDirectory, attempt, scenario, s3);
const watcher = new Watcher(s3, dataDirectory, scenario, await readSeen(dataDirectory));
addFaults(local);
const counter = killAtRequest(local, scenario.kills[attempt]);
const arn = await begin();
const { status, error, cause } = await local.engine.waitFor(arn);
await watcher.stop();
fired.end();
const outcome: Attempt = { status, error, cause, requests: counter.hits };
process.stdout.write(JSON.stringify(outcome));
await local.close();
process.exit(0);

/** Removes the checksums of old objects, each before a request that reads its header. */
async function removeChecksums({ store }: Local): Promise<void> {
  for (const { key: Key, isOld } of scenario.objects) {
    if (isOld !== true) continue;
    const target = { bucket: buckets.source, key: Key };
    store?.rules.add({
      kind: 'mutate',
      principal: 'watcher',
      target,
      change: { type: 'forget-checksum' },
      times: 1,
    });
    await s3.send(new HeadObjectCommand({ Bucket: buckets.source, Key }));
  }
}

function addFaults({ store }: Local): void {
  if (store === undefined) return;
  const journal = new Journal(dataDirectory, attempt);
  journal.watch(store.rules);
  watcher.start(store.rules);
  const watch = (name: string, rule: Rule) => fired.watch(name, store.rules.add(rule));
  if (!withoutFaults) for (const rule of scenario.faults) watch(nameRule(rule), rule);
  for (const change of scenario.changes) {
    if ((change.attempt ?? 0) !== attempt) continue;
    const rule = createRule(scenario, change);
    watch(nameChange(change), rule);
    // The hook matches the same requests and runs after the rule.
    store.rules.hook(rule, () => journal.changed(change));
  }
}

async function begin(): Promise<string> {
  if (attempt === 0) {
    return local.engine.startExecution({ name: 'run', input: JSON.stringify(scenario.request) }).arn;
  }
  const run = `${local.stateMachineArn.replace(':stateMachine:', ':execution:')}:run`;
  await local.engine.redriveExecution({ arn: run });
  return run;
}

function die(): void {
  fired.add('kill');
  fired.end();
  process.kill(process.pid, 'SIGKILL');
}

/** Counts the requests of the functions, and kills the process during one of them. */
function killAtRequest({ store }: Local, requests = Number.POSITIVE_INFINITY): { readonly hits: number } {
  let hits = 0;
  store?.rules.hook({ principal: 'local' }, () => {
    if (hits === requests) die();
    hits += 1;
  });
  return {
    get hits() {
      return hits;
    },
  };
}
