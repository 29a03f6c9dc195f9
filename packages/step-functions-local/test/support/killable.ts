import { createEngine, type Engine } from '../../src/engine.ts';
import { distributed, machine, machineArn, task } from './harness.ts';

/** The run of the engine in the child process. */
export const killableRun = {
  items: 12,
  concurrency: 2,
  output: JSON.stringify(Array.from({ length: 12 }, (_, n) => `orders/${n}`)),
};

/** Creates an engine whose tasks take a moment and report their key when they end. */
export function killableEngine(dataDirectory: string, ended: (name: string) => void): Engine {
  const keys = Array.from({ length: killableRun.items }, (_, n) => `orders/${n}`);
  return createEngine({
    dataDirectory,
    definition: machine({ M: distributed({ I: task('f') }, { MaxConcurrency: killableRun.concurrency }) }),
    stateMachineArn: machineArn,
    itemSource: {
      listObjects: async function* () {
        yield keys.map((Key) => ({ Key, Etag: '"e"', LastModified: 1, Size: 1, StorageClass: 'STANDARD' }));
      },
    },
    invoke: async ({ payload }) => {
      const { key } = payload as { key: string };
      await new Promise((resolve) => setTimeout(resolve, 20));
      ended(key);
      return { kind: 'result', payload: key };
    },
  });
}

if (process.argv[1]?.endsWith('killable.ts')) {
  const engine = killableEngine(process.argv[2] ?? '', (name) => process.stdout.write(`${name}\n`));
  engine.startExecution({});
}
