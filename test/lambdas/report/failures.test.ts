import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareKeys } from '../../../core/model/bytes.ts';
import { runPaths } from '../../../core/model/run-paths.ts';
import { Deadline } from '../../../core/rules/deadline.ts';
import type { RunFiles } from '../../../core/run/run-files.ts';
import {
  addFailures,
  chunkCharacters,
  endSequence,
  noFailures,
  type SortedFailures,
} from '../../../core/run/sorted-failures.ts';
import { mergeFailures } from '../../../lambdas/report/merge-failures.ts';
import { Place } from '../../core/copy/store-harness.ts';

const MiB = 1024 ** 2;
const of = { pass: 1, redrives: 0 };
const inTime = new Deadline(600_000, 0);
const tooLate = new Deadline(0, 0);

describe('the list of failures', () => {
  let place: Place;
  let files: RunFiles;

  beforeAll(async () => {
    place = await Place.open();
    await place.bucket('source');
    await place.bucket('destination');
  });
  afterAll(() => place.close());

  const lineOf = (key: string, characters: number) => ({
    key,
    text: JSON.stringify({ sourceKey: key, message: 'x'.repeat(characters) }),
  });

  /** Adds failures as batches come: each list is what a round has. */
  async function sequencesOf(rounds: readonly (readonly string[])[], characters = 10) {
    ({ files } = await place.run('destination'));
    let sorted: SortedFailures = noFailures;
    for (const keys of rounds) {
      const lines = keys.map((key) => lineOf(key, characters));
      sorted = await addFailures(files, of, sorted, lines);
    }
    return (await endSequence(files, of, sorted)).ended;
  }

  const listed = async () =>
    ((await files.text(runPaths.failures))?.text ?? '')
      .split('\n')
      .slice(0, -1)
      .map((line) => (JSON.parse(line) as { sourceKey: string }).sourceKey);

  it('is one sequence when rounds come one behind the other, whatever the batch within them', async () => {
    expect(await sequencesOf([['c', 'a', 'b'], [], ['f', 'd']])).toEqual([1]);
    expect(await mergeFailures(files, of, [1], inTime)).toBe(true);
    expect(await listed()).toEqual(['a', 'b', 'c', 'd', 'f']);
  });

  it('is in order of bytes also when later rounds lie before earlier ones', async () => {
    const rounds = [['b', 'z\u{1F600}'], ['z\uFFFD', 'c'], ['a'], ['y']];
    const sequences = await sequencesOf(rounds);
    expect(sequences).toEqual([1, 1, 1]);
    expect(await mergeFailures(files, of, sequences, inTime)).toBe(true);
    expect(await listed()).toEqual(['a', 'b', 'c', 'y', 'z\uFFFD', 'z\u{1F600}']);
  });

  it('is empty when nothing has failed', async () => {
    expect(await sequencesOf([[], []])).toEqual([]);
    expect(await mergeFailures(files, of, [], inTime)).toBe(true);
    expect(await listed()).toEqual([]);
  });

  it('is written in chunks, and goes on where an invocation had no time for more', async () => {
    const keys = Array.from({ length: 60 }, (_, n) => `key-${String(n).padStart(2, '0')}`);
    const even = keys.filter((_, n) => n % 2 === 0);
    const odd = keys.filter((_, n) => n % 2 === 1);
    const sequences = await sequencesOf([even, odd], MiB / 2);
    expect(sequences).toEqual([2, 2]);
    let invocations = 1;
    while (!(await mergeFailures(files, of, sequences, tooLate))) invocations += 1;
    expect(invocations).toBe(Math.floor((keys.length * MiB) / 2 / chunkCharacters) + 1);
    const found = await listed();
    expect(found).toEqual(keys.toSorted(compareKeys));
    const file = {
      Bucket: 'work-bucket',
      Key: files.locate(runPaths.failures).replace('s3://work-bucket/', ''),
    };
    const { ContentType } = await place.s3.send(new HeadObjectCommand(file));
    expect(ContentType).toBe('application/x-ndjson');
  });

  it('is put together once, however often the report begins anew behind it', async () => {
    const keys = Array.from({ length: 20 }, (_, n) => `key-${String(n).padStart(2, '0')}`);
    const sequences = await sequencesOf([keys], MiB / 2);
    expect(await mergeFailures(files, of, sequences, inTime)).toBe(true);
    const recording = place.store.requests.record();
    expect(await mergeFailures(files, of, sequences, inTime)).toBe(true);
    recording.stop();
    expect(recording.requests.map(({ operation }) => operation)).toEqual(['GetObject']);
    expect(await listed()).toEqual(keys);
  });

  it('is never written without a chunk that is missing', async () => {
    const sequences = await sequencesOf([['a']]);
    const more = sequences.map((chunks) => chunks + 1);
    await expect(mergeFailures(files, of, more, inTime)).rejects.toMatchObject({ name: 'RunFileError' });
  });
});
