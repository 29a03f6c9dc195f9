import type { BenchEnvironment } from './environment.ts';
import type { Figure } from './figures.ts';

const objects = 10_000;
const [source, destination] = ['ten-thousand', 'ten-thousand-copied'];

/** Counts the requests to both data buckets, by kind. */
function count({ store }: BenchEnvironment): {
  copies: number;
  lists: number;
  others: Record<string, number>;
} {
  const others: Record<string, number> = {};
  for (const bucket of [source, destination]) {
    for (const [name, times] of Object.entries(store.requests.counts(bucket))) {
      others[name] = (others[name] ?? 0) + times;
    }
  }
  const { CopyObject: copies = 0, ListObjectsV2: lists = 0, ...rest } = others;
  return { copies, lists, others: rest };
}

const sum = (times: Record<string, number>): number => Object.values(times).reduce((all, n) => all + n, 0);

const listCounts = (times: Record<string, number>): string =>
  Object.entries(times)
    .map(([name, n]) => `${n} ${name}`)
    .join(', ');

/** Counts the requests of a copy of many small objects, and of a run when nothing has changed. */
export async function measureRequests(environment: BenchEnvironment): Promise<Figure[]> {
  await environment.fill(source, objects);
  environment.store.requests.reset();
  const seconds = await environment.copy(source, destination);
  const first = count(environment);
  environment.store.requests.reset();
  const again = await environment.copy(source, destination);
  const second = count(environment);
  // A HEAD request of the bucket returns its region. For the objects, only listings are allowed.
  const { HeadBucket: _, CreateBucket: __, GetObjectLockConfiguration: ___, ...onObjects } = second.others;
  const { CreateBucket: ____, ...others } = first.others;
  return [
    { name: 'CopyObject', value: first.copies, unit: '', limit: objects },
    { name: 'ListObjectsV2', value: first.lists, unit: '', limit: 30 },
    { name: `others (${listCounts(others)})`, value: sum(others), unit: '', limit: 60 },
    { name: 'seconds', value: seconds, unit: 's' },
    { name: 'unchanged: ListObjectsV2', value: second.lists, unit: '' },
    {
      name: `unchanged: others on objects (${listCounts(onObjects) || 'none'})`,
      value: second.copies + sum(onObjects),
      unit: '',
      limit: 0,
    },
    { name: 'unchanged: seconds', value: again, unit: 's' },
  ];
}
