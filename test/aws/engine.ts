import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { clientsOf } from '../../cli/here.ts';
import { startLocal } from '../../cli/local/start.ts';
import { playScenario } from './scenario.ts';

/** Plays the scenario on the embedded engine and returns its history. */
export async function playOnEngine(): Promise<string[]> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 's3copy-aws-'));
  const local = await startLocal({ dataDirectory });
  const { s3, sfn } = clientsOf(local);
  const [source, destination] = ['source', 'destination'];
  try {
    for (const Bucket of [source, destination]) await s3.send(new CreateBucketCommand({ Bucket }));
    const deny = async (key: string) => {
      const rule = local.store?.rules.add({ kind: 'deny', action: 's3:GetObject', bucket: source, key });
      return async () => rule?.remove();
    };
    return await playScenario({ s3, sfn, stateMachineArn: local.stateMachineArn, source, destination, deny });
  } finally {
    s3.destroy();
    sfn.destroy();
    await local.close();
    await rm(dataDirectory, { recursive: true });
  }
}
