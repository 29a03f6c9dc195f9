import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DeleteBucketPolicyCommand, PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import {
  type Deployment,
  listBuckets,
  makeBucket,
  removeBucket,
  runCdk,
  waitUntilReadable,
} from './account.ts';
import { playOnEngine } from './engine.ts';
import { playScenario } from './scenario.ts';

/** Plays a copy, a failure and a redrive in a real AWS account, and compares the history with that of the engine. */
const { values } = parseArgs({
  options: { profile: { type: 'string' }, region: { type: 'string', default: 'eu-west-1' } },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
if (values.profile === undefined) {
  say(
    'Usage: npm run test:aws -- --profile NAME [--region REGION]. NAME is a profile of your AWS configuration.',
  );
  process.exit(2);
}
process.env['AWS_PROFILE'] = values.profile;
const { region } = values;
const suffix = randomBytes(4).toString('hex');
const name = `s3copy-test-${suffix}`;
const deployment: Deployment = {
  profile: values.profile,
  region,
  name,
  source: `${name}-source`,
  destination: `${name}-destination`,
};
const s3 = new S3Client({ region });
const sfn = new SFNClient({ region });
const differences = compare(await playOnAws(), await playOnEngine());
say(differences.length === 0 ? 'Both histories are the same.' : differences.join('\n'));
process.exit(differences.length === 0 ? 0 : 1);

/** Plays the scenario on AWS and returns its history. Removes everything from the account, also after errors. */
async function playOnAws(): Promise<string[]> {
  const { source, destination } = deployment;
  const file = join(tmpdir(), `${name}.json`);
  try {
    for (const bucket of [source, destination]) await makeBucket(s3, bucket, region);
    runCdk(['deploy', '--require-approval', 'never', '--outputs-file', file], deployment);
    const outputs = JSON.parse(await readFile(file, 'utf8')) as Record<string, Record<string, string>>;
    const { StateMachineArn: stateMachineArn = '' } = outputs[name] ?? {};
    return await playScenario({ s3, sfn, stateMachineArn, source, destination, deny });
  } finally {
    await tidyUp('stack', () => runCdk(['destroy', '--force'], deployment));
    await tidyUp('buckets', async () => {
      for (const bucket of await listBuckets(s3, name)) await tidyUp(bucket, () => removeBucket(s3, bucket));
    });
  }
}

/**
 * Denies a key with a policy of the source bucket, and waits until the policy is in effect. An explicit denial overrides
 * what the roles of the stack allow.
 */
async function deny(key: string): Promise<() => Promise<void>> {
  const Resource = `arn:aws:s3:::${deployment.source}/${key}`;
  const Statement = [{ Effect: 'Deny', Principal: '*', Action: 's3:GetObject', Resource }];
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  const Bucket = deployment.source;
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  await waitUntilReadable(s3, Bucket, key, false);
  return async () => {
    await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
    await waitUntilReadable(s3, Bucket, key, true);
  };
}

/** Removes something, or prints that the user has to remove it. */
async function tidyUp(what: string, remove: () => unknown): Promise<void> {
  try {
    await remove();
  } catch (error) {
    say(`Remove this by hand: ${what} of ${name}. It could not be removed: ${(error as Error).message}`);
  }
}

/** Returns the lines that differ. */
function compare(there: readonly string[], here: readonly string[]): string[] {
  const length = Math.max(there.length, here.length);
  return Array.from({ length }, (_, index) => [there[index] ?? '-', here[index] ?? '-'] as const).flatMap(
    ([aws, engine], index) => (aws === engine ? [] : [`${index + 1}: AWS ${aws} | engine ${engine}`]),
  );
}
