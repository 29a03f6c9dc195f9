import type { Figure } from './figures.ts';
import type { Stage } from './stage.ts';

const objects = 10_000;
const [source, destination] = ['ten-thousand', 'ten-thousand-copied'];

/** Requests on both data buckets, by kind. */
function count({ store }: Stage): { copies: number; lists: number; others: Record<string, number> } {
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

const named = (times: Record<string, number>): string =>
  Object.entries(times)
    .map(([name, n]) => `${n} ${name}`)
    .join(', ');

/** What a copy of many small objects asks of S3, and what a run asks when nothing has changed. */
export async function requestFigures(stage: Stage): Promise<Figure[]> {
  await stage.fill(source, objects);
  stage.store.requests.reset();
  const seconds = await stage.copy(source, destination);
  const first = count(stage);
  stage.store.requests.reset();
  const again = await stage.copy(source, destination);
  const second = count(stage);
  // A HEAD of the bucket tells its region; of the objects, nothing but lists may be asked.
  const { HeadBucket: _, CreateBucket: __, GetObjectLockConfiguration: ___, ...onObjects } = second.others;
  const { CreateBucket: ____, ...others } = first.others;
  return [
    { name: 'CopyObject', value: first.copies, unit: '', limit: objects },
    { name: 'ListObjectsV2', value: first.lists, unit: '', limit: 30 },
    { name: `others (${named(others)})`, value: sum(others), unit: '', limit: 60 },
    { name: 'seconds', value: seconds, unit: 's' },
    { name: 'unchanged: ListObjectsV2', value: second.lists, unit: '' },
    {
      name: `unchanged: others on objects (${named(onObjects) || 'none'})`,
      value: second.copies + sum(onObjects),
      unit: '',
      limit: 0,
    },
    { name: 'unchanged: seconds', value: again, unit: 's' },
  ];
}
