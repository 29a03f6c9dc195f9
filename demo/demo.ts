import type { Ended } from '../cli/events.ts';
import type { Output } from '../cli/output.ts';
import { formatBytes } from '../core/model/byte-size.ts';
import { counted } from '../core/model/counted.ts';
import { compareBuckets, keysOf } from './compare.ts';
import { randomBytes } from './random-bytes.ts';
import { type Stage, setStage, sizes } from './stage.ts';
import { Talk } from './talk.ts';
import { demoTree } from './tree.ts';
import { uploadAll } from './upload.ts';

/** Where staged copies keep their part files. */
const partFiles = 'temp/';

/**
 * Shows what s3copy does, on this machine alone, and checks every claim on the way.
 *
 * @param folder an empty folder for the buckets and the runs
 * @throws {CheckFailed} when something is not as it is said to be
 */
export async function demo(folder: string, output: Output): Promise<void> {
  const talk = new Talk(output);
  const began = performance.now();
  output.line('s3copy: the state machine and the functions that would be deployed, run on this machine');
  const stage = await setStage(folder, output);
  try {
    await fill(stage, talk);
    await copyAll(stage, talk);
    await compare(stage, talk);
    await copyNothing(stage, talk);
    await copyChanges(stage, talk);
    await failAndRedrive(stage, talk);
    await compare(stage, talk);
  } finally {
    await stage.close();
  }
  output.line(`\nall checks hold, after ${((performance.now() - began) / 1_000).toFixed(0)} seconds`);
}

async function fill({ s3, source }: Stage, talk: Talk): Promise<void> {
  talk.step(`Fill s3://${source}, in a sandbox S3 in a temporary folder`);
  const tree = demoTree();
  await uploadAll(s3, source, tree);
  const bytes = tree.reduce((sum, { body }) => sum + body.length, 0);
  const parts = tree.filter(({ partSize }) => partSize !== undefined).length;
  const empty = tree.filter(({ body }) => body.length === 0).length;
  talk.say(
    `${counted(tree.length, 'object')}, ${formatBytes(bytes)}: ${empty} of them empty, ${parts} multipart,`,
  );
  talk.say('keys with %, +, ?, #, //, .., blanks at the ends, line breaks, emoji, 1,024 bytes');
}

async function copyAll({ copy, source, destination }: Stage, talk: Talk): Promise<void> {
  talk.step(`Copy s3://${source} to s3://${destination}`);
  talk.say(
    `parts of ${sizes.partSize}; a multipart object above ${sizes.fanOutAbove} gets a workflow of its own`,
  );
  const ended = await copy();
  const { length } = demoTree();
  talk.check(
    isDone(ended) && ended.report?.copied === length && ended.report.sizeOnly === 0,
    `all ${length} objects copied, each one proven`,
    () => told(ended),
  );
}

async function compare({ s3, source, destination }: Stage, talk: Talk): Promise<void> {
  talk.step('Compare both buckets by plain reads, independently of the copy');
  const { objects, bytes, differences } = await compareBuckets(s3, source, destination, partFiles);
  const alike = `${counted(objects, 'object')} alike: all ${formatBytes(bytes)}, headers, metadata and tags`;
  talk.check(differences.length === 0, alike, () => differences.slice(0, 10).join('\n'));
  const kept = (await keysOf(s3, destination)).filter((key) => key.startsWith(partFiles)).length;
  talk.say(`(and ${kept} part files below ${partFiles}, kept to resume by: --no-keep-parts removes them)`);
}

async function copyNothing({ copy, store, source, destination }: Stage, talk: Talk): Promise<void> {
  talk.step('Run again: nothing is left to do');
  store.requests.reset();
  const ended = await copy();
  talk.check(isDone(ended) && ended.report?.planned === 0, 'nothing to copy', () => told(ended));
  const asked = store.requests.counts(source);
  const reads = Object.entries(asked).map(([operation, times]) => `${times} ${operation}`);
  talk.say(`what it asked of the source: ${reads.join(', ')}`);
  const copies = store.requests.count({ operation: ['CopyObject', 'UploadPartCopy'], bucket: destination });
  talk.check(copies === 0, 'not one copy asked for', () => `${copies} copies were asked for`);
}

async function copyChanges({ s3, copy, source }: Stage, talk: Talk): Promise<void> {
  talk.step('Change two objects and add three: only those are copied');
  const keys = ['folder-001/test-0001.txt', 'empty/file-3', 'new/one', 'new/two', 'new/three'];
  await uploadAll(
    s3,
    source,
    keys.map((key) => ({ key, body: randomBytes(`changed ${key}`, 2_000), metadata: { changed: 'yes' } })),
  );
  const ended = await copy();
  const holds = isDone(ended) && ended.report?.planned === keys.length && ended.report.copied === keys.length;
  talk.check(holds, 'exactly five objects copied', () => told(ended));
}

async function failAndRedrive({ s3, store, copy, redrive, source }: Stage, talk: Talk): Promise<void> {
  const [secret, other] = ['secret/plans.txt', 'secret/readme.txt'];
  talk.step(`Add two objects, one of which S3 will not let us read: ${secret}`);
  const objects = [secret, other].map((key) => ({ key, body: randomBytes(key, 500) }));
  await uploadAll(s3, source, objects);
  const denial = store.rules.add({ kind: 'deny', action: 's3:GetObject', bucket: source, key: secret });
  const ended = await copy();
  const { report } = ended;
  const isTold = ended.status === 'FAILED' && report?.failed === 1 && report.copied === 1;
  talk.check(isTold, 'the other one is copied, and the run FAILED and says why', () => told(ended));
  talk.step('Give the right back and redrive the run: it copies what is missing, and only that');
  denial.remove();
  store.requests.reset();
  const healed = await redrive(ended.executionArn);
  talk.check(isDone(healed), 'the same run SUCCEEDED', () => told(healed));
  const copies = store.requests.count({ operation: 'CopyObject' });
  talk.check(copies === 1, 'one CopyObject was all it took', () => `${copies} CopyObject were asked for`);
}

const isDone = ({ status, report }: Ended): boolean => status === 'SUCCEEDED' && report?.outcome === 'done';

const told = ({ status, error, message, report }: Ended): string =>
  JSON.stringify({ status, error, message, report }, undefined, 2);
