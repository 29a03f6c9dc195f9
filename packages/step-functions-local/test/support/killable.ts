import { createEngine, type Engine } from '../../src/engine.ts';
import { distributed, MACHINE_ARN, machine, task } from './harness.ts';

/** What the engine in the child process runs. */
export const KILLABLE_RUN = {
  items: 12,
  concurrency: 2,
  output: JSON.stringify(Array.from({ length: 12 }, (_, n) => `orders/${n}`)),
};

/** An engine whose tasks take a moment and name themselves when they end. */
export function killableEngine(dataDirectory: string, ended: (name: string) => void): Engine {
  const keys = Array.from({ length: KILLABLE_RUN.items }, (_, n) => `orders/${n}`);
  return createEngine({
    dataDirectory,
    definition: machine({ M: distributed({ I: task('f') }, { MaxConcurrency: KILLABLE_RUN.concurrency }) }),
    stateMachineArn: MACHINE_ARN,
    itemSource: {
      listObjects: async function* () {
        yield keys.map((Key) => ({ Key, Etag: '"e"', LastModified: 1, Size: 1, StorageClass: 'STANDARD' }));
      },
    },
    invoke: async ({ payload }) => {
      const { key } = payload as { key: string };
      await new Promise((resolve) => setTimeout(resolve, 20));
      ended(key);
      return { payload: key };
    },
  });
}

if (process.argv[1]?.endsWith('killable.ts')) {
  const engine = killableEngine(process.argv[2] ?? '', (name) => process.stdout.write(`${name}\n`));
  engine.startExecution({});
}
