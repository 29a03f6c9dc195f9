import type { Ended } from '../cli/events.ts';
import type { Output } from '../cli/output.ts';
import { formatBytes } from '../core/model/byte-size.ts';
import { counted } from '../core/model/counted.ts';
import { compareBuckets, listKeys } from './compare.ts';
import { type DemoEnvironment, sizes, startDemoEnvironment } from './environment.ts';
import { randomBytes } from './random-bytes.ts';
import { Talk } from './talk.ts';
import { demoTree } from './tree.ts';
import { uploadAll } from './upload.ts';

/** The folder of the part files of staged copies. */
const partFiles = 'temp/';

/**
 * Shows what s3copy does, on this computer only, and checks each result.
 *
 * @param folder an empty folder for the buckets and the runs
 * @throws {CheckError} when a result is not as expected
 */
export async function demo(folder: string, output: Output): Promise<void> {
  const talk = new Talk(output);
  const began = performance.now();
  output.line('s3copy demo: runs the state machine and the functions of the stack on this computer');
  const environment = await startDemoEnvironment(folder, output);
  try {
    await fill(environment, talk);
    await copyAll(environment, talk);
    await compare(environment, talk);
    await copyNothing(environment, talk);
    await copyChanges(environment, talk);
    await failAndRedrive(environment, talk);
    await compare(environment, talk);
  } finally {
    await environment.close();
  }
  output.line(`\nAll checks passed in ${((performance.now() - began) / 1_000).toFixed(0)} seconds.`);
}

async function fill({ s3, source }: DemoEnvironment, talk: Talk): Promise<void> {
  talk.step(`Create objects in s3://${source}, in a sandbox S3 server with a temporary folder`);
  const tree = demoTree();
  await uploadAll(s3, source, tree);
  const bytes = tree.reduce((sum, { body }) => sum + body.length, 0);
  const parts = tree.filter(({ partSize }) => partSize !== undefined).length;
  const empty = tree.filter(({ body }) => body.length === 0).length;
  talk.say(
    `${counted(tree.length, 'object')}, ${formatBytes(bytes)}: ${empty} of them empty, ${parts} multipart,`,
  );
  talk.say('their keys have %, +, ?, #, //, .., blanks at the ends, line breaks, emoji or 1,024 bytes');
}

async function copyAll({ copy, source, destination }: DemoEnvironment, talk: Talk): Promise<void> {
  talk.step(`Copy s3://${source} to s3://${destination}`);
  talk.say(`parts of ${sizes.partSize}; each object above ${sizes.fanOutAbove} has its own child workflow`);
  const ended = await copy();
  const { length } = demoTree();
  talk.check(
    isDone(ended) && ended.report?.copied === length && ended.report.sizeOnly === 0,
    `all ${length} objects are copied, and each copy is proven`,
    () => describe(ended),
  );
}

async function compare({ s3, source, destination }: DemoEnvironment, talk: Talk): Promise<void> {
  talk.step('Compare both buckets by reading all objects, with code that the copy does not use');
  const { objects, bytes, differences } = await compareBuckets(s3, source, destination, partFiles);
  const equal = `${counted(objects, 'object')} are equal: all ${formatBytes(bytes)}, headers, metadata and tags`;
  talk.check(differences.length === 0, equal, () => differences.slice(0, 10).join('\n'));
  const kept = (await listKeys(s3, destination)).filter((key) => key.startsWith(partFiles)).length;
  talk.say(`(${kept} part files in ${partFiles} are kept for later runs; --no-keep-parts removes them)`);
}

async function copyNothing({ copy, store, source, destination }: DemoEnvironment, talk: Talk): Promise<void> {
  talk.step('Run again: there is nothing to copy');
  store.requests.reset();
  const ended = await copy();
  talk.check(isDone(ended) && ended.report?.planned === 0, 'nothing to copy', () => describe(ended));
  const requests = store.requests.counts(source);
  const reads = Object.entries(requests).map(([operation, times]) => `${times} ${operation}`);
  talk.say(`requests to the source: ${reads.join(', ')}`);
  const copies = store.requests.count({ operation: ['CopyObject', 'UploadPartCopy'], bucket: destination });
  talk.check(copies === 0, 'no copy was requested', () => `${copies} copies were requested`);
}

async function copyChanges({ s3, copy, source }: DemoEnvironment, talk: Talk): Promise<void> {
  talk.step('Change two objects and add three: only these five are copied');
  const keys = ['folder-001/test-0001.txt', 'empty/file-3', 'new/one', 'new/two', 'new/three'];
  await uploadAll(
    s3,
    source,
    keys.map((key) => ({ key, body: randomBytes(`changed ${key}`, 2_000), metadata: { changed: 'yes' } })),
  );
  const ended = await copy();
  const isAsExpected =
    isDone(ended) && ended.report?.planned === keys.length && ended.report.copied === keys.length;
  talk.check(isAsExpected, 'exactly five objects are copied', () => describe(ended));
}

async function failAndRedrive(
  { s3, store, copy, redrive, source }: DemoEnvironment,
  talk: Talk,
): Promise<void> {
  const [secret, other] = ['secret/plans.txt', 'secret/readme.txt'];
  talk.step(`Add two objects. S3 denies reading one of them: ${secret}`);
  const objects = [secret, other].map((key) => ({ key, body: randomBytes(key, 500) }));
  await uploadAll(s3, source, objects);
  const denial = store.rules.add({ kind: 'deny', action: 's3:GetObject', bucket: source, key: secret });
  const ended = await copy();
  const { report } = ended;
  const isAsExpected = ended.status === 'FAILED' && report?.failed === 1 && report.copied === 1;
  talk.check(isAsExpected, 'the other object is copied, and the run FAILED with the reason', () =>
    describe(ended),
  );
  talk.step('Allow the read again and redrive the run: it copies only the missing object');
  denial.remove();
  store.requests.reset();
  const redriven = await redrive(ended.executionArn);
  talk.check(isDone(redriven), 'the same run now SUCCEEDED', () => describe(redriven));
  const copies = store.requests.count({ operation: 'CopyObject' });
  talk.check(
    copies === 1,
    'one CopyObject request was enough',
    () => `${copies} CopyObject requests were sent`,
  );
}

const isDone = ({ status, report }: Ended): boolean => status === 'SUCCEEDED' && report?.outcome === 'done';

const describe = ({ status, error, message, report }: Ended): string =>
  JSON.stringify({ status, error, message, report }, undefined, 2);
