import { bundleFigures } from './bundles.ts';
import { type Figure, figureText, isBroken } from './figures.ts';
import { largeObjectFigures } from './large-object.ts';
import { machine } from './machine.ts';
import { requestFigures } from './requests.ts';
import { type Stage, setStage } from './stage.ts';

/**
 * Prints what runs cost on the embedded engine, and fails when a limit is broken; aims are only printed, since they
 * depend on the machine. `--memory` measures the memory of 100,000 objects instead, which takes minutes, and `--large` that
 * of an object of several GiB.
 */
const broken: Figure[] = [];

function print(title: string, figures: readonly Figure[]): void {
  process.stdout.write(`\n${title}\n${figures.map((figure) => `${figureText(figure)}\n`).join('')}`);
  broken.push(...figures.filter(isBroken));
}

async function latencyFigures({ fill, copy }: Stage): Promise<Figure[]> {
  await fill('ten', 10);
  const cold = await copy('ten', 'ten-cold');
  const warm = await copy('ten', 'ten-warm');
  return [
    { name: 'from StartExecution to the end, first run', value: cold, unit: 's', aim: 2 },
    { name: 'from StartExecution to the end, second run', value: warm, unit: 's', aim: 2 },
  ];
}

/** The engine, its functions' threads, the sandbox store with its clients: all of it is this process. */
async function memoryFigures({ fill, copy }: Stage): Promise<Figure[]> {
  await fill('hundred-thousand', 100_000);
  const seconds = await copy('hundred-thousand', 'hundred-thousand-copied');
  const peak = (process.resourceUsage().maxRSS * 1024) / 1e6;
  return [
    { name: 'peak memory of the whole process', value: peak, unit: 'MB', aim: 500 },
    { name: 'seconds', value: seconds, unit: 's' },
  ];
}

process.stdout.write(`${machine()}\n`);
if (process.argv.includes('--large')) {
  print('the sandbox store with an object of 4 GiB', await largeObjectFigures());
  process.exit(broken.length > 0 ? 1 : 0);
}
const stage = await setStage();
try {
  if (process.argv.includes('--memory')) {
    print('100,000 objects of 1 KiB', await memoryFigures(stage));
  } else {
    print('bundles of the functions', await bundleFigures());
    print('ten objects of 1 KiB', await latencyFigures(stage));
    print('10,000 objects of 1 KiB, requests on the data buckets', await requestFigures(stage));
  }
} finally {
  await stage.close();
}
if (broken.length > 0) {
  process.stdout.write(`\n${broken.length} limits are broken\n`);
  process.exitCode = 1;
}
