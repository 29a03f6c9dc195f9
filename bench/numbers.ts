import { cpus, hostname, totalmem } from 'node:os';
import { formatBytes } from '../core/model/byte-size.ts';
import { measureBundles } from './bundles.ts';
import { type BenchEnvironment, startBenchEnvironment } from './environment.ts';
import { exceedsLimit, type Figure, formatFigure } from './figures.ts';
import { measureLargeObject } from './large-object.ts';
import { measureRequests } from './requests.ts';

/**
 * Measures runs on the embedded engine, prints the figures and fails when a limit is exceeded. Aims do not fail, because
 * they depend on the computer. `--memory` measures the memory for 100,000 objects instead, which takes minutes. `--large`
 * measures the memory for an object of 4 GiB.
 */
const exceeded: Figure[] = [];

/** Describes the computer in one line. */
function describeComputer(): string {
  const [cpu] = cpus();
  const cores = `${cpus().length} × ${cpu?.model.trim() ?? 'unknown processor'}`;
  return `${hostname()}: ${cores}, ${formatBytes(totalmem())}, ${process.platform}, Node ${process.version}`;
}

function print(title: string, figures: readonly Figure[]): void {
  process.stdout.write(`\n${title}\n${figures.map((figure) => `${formatFigure(figure)}\n`).join('')}`);
  exceeded.push(...figures.filter(exceedsLimit));
}

async function measureLatency({ fill, copy }: BenchEnvironment): Promise<Figure[]> {
  await fill('ten', 10);
  const cold = await copy('ten', 'ten-cold');
  const warm = await copy('ten', 'ten-warm');
  return [
    { name: 'from StartExecution to the end, first run', value: cold, unit: 's', aim: 2 },
    { name: 'from StartExecution to the end, second run', value: warm, unit: 's', aim: 2 },
  ];
}

/** The engine, the threads of the functions, the sandbox store and its clients are all in this process. */
async function measureMemory({ fill, copy }: BenchEnvironment): Promise<Figure[]> {
  await fill('hundred-thousand', 100_000);
  const seconds = await copy('hundred-thousand', 'hundred-thousand-copied');
  const peak = (process.resourceUsage().maxRSS * 1024) / 1e6;
  return [
    { name: 'peak memory of the whole process', value: peak, unit: 'MB', aim: 500 },
    { name: 'seconds', value: seconds, unit: 's' },
  ];
}

process.stdout.write(`${describeComputer()}\n`);
if (process.argv.includes('--large')) {
  print('the sandbox store with an object of 4 GiB', await measureLargeObject());
  process.exit(exceeded.length > 0 ? 1 : 0);
}
const environment = await startBenchEnvironment();
try {
  if (process.argv.includes('--memory')) {
    print('100,000 objects of 1 KiB', await measureMemory(environment));
  } else {
    print('bundles of the functions', await measureBundles());
    print('ten objects of 1 KiB', await measureLatency(environment));
    print('10,000 objects of 1 KiB, requests on the data buckets', await measureRequests(environment));
  }
} finally {
  await environment.close();
}
if (exceeded.length > 0) {
  process.stdout.write(`\n${exceeded.length} limits are exceeded\n`);
  process.exitCode = 1;
}
