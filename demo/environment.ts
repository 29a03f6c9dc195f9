import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { SandboxStore } from 'sandbox-s3/server';
import { conclude } from '../cli/conclude.ts';
import type { Connection } from '../cli/connection.ts';
import { redriveNow } from '../cli/describe.ts';
import type { Ended } from '../cli/events.ts';
import { failureTexts } from '../cli/failure-texts.ts';
import { clientsOf } from '../cli/here.ts';
import { startLocal } from '../cli/local/start.ts';
import type { Output } from '../cli/output.ts';
import { ProgressBar, ProgressLines } from '../cli/progress-view.ts';
import { summary } from '../cli/summary.ts';
import { Watch } from '../cli/watch.ts';

/** The engine and the sandbox store of the demo, with a source and a destination bucket. */
export interface DemoEnvironment {
  readonly s3: S3Client;
  readonly store: SandboxStore;
  readonly source: string;
  readonly destination: string;
  /** Copies the source to the destination, shows the progress and returns how the run ended. */
  copy(): Promise<Ended>;
  /** Redrives a run, shows the progress and returns how it ended. */
  redrive(executionArn: string): Promise<Ended>;
  close(): Promise<void>;
}

/** Small sizes, so that small objects count as large. */
export const sizes = { partSize: '5MiB', fanOutAbove: '20MiB' } as const;

/** Starts the engine and the sandbox store in a folder, and creates the buckets. */
export async function startDemoEnvironment(dataDirectory: string, output: Output): Promise<DemoEnvironment> {
  const local = await startLocal({ dataDirectory });
  const { s3, sfn } = clientsOf(local);
  const { stateMachineArn, workBucket } = local;
  const connection = {
    s3,
    sfn,
    stateMachineArn,
    workBucket,
    isLocal: true,
    flags: '--local',
    close: local.close,
  };
  const [source, destination] = ['demo-source', 'demo-destination'];
  for (const Bucket of [source, destination]) await s3.send(new CreateBucketCommand({ Bucket }));
  const input = JSON.stringify({ src: `s3://${source}`, dest: `s3://${destination}`, ...sizes });
  return {
    s3,
    store: local.store as SandboxStore,
    source,
    destination,
    copy: async () => {
      const start = new StartExecutionCommand({ stateMachineArn, name: randomUUID(), input });
      const { executionArn = '' } = await sfn.send(start);
      return showRun(connection, executionArn, 0, output);
    },
    redrive: async (executionArn) => {
      const redrives = await redriveNow(sfn, executionArn);
      return showRun(connection, executionArn, redrives, output);
    },
    close: async () => {
      s3.destroy();
      sfn.destroy();
      await connection.close();
    },
  };
}

async function showRun(
  connection: Connection,
  executionArn: string,
  redrives: number,
  output: Output,
): Promise<Ended> {
  const watch = new Watch(connection, executionArn);
  const progress = output.isTerminal ? new ProgressBar(output) : new ProgressLines(output);
  const execution = await watch.untilEnd(
    redrives,
    (look) => progress.show(look),
    new AbortController().signal,
  );
  progress.end();
  const ended = await conclude(execution, watch.folder);
  const texts =
    ended.report === undefined
      ? [`${ended.status}: ${ended.error}: ${ended.message}`]
      : summary(ended.report);
  const failures = ended.report === undefined ? [] : failureTexts(ended.report);
  for (const text of [...texts, ...failures]) output.line(`   ${text}`);
  return ended;
}
