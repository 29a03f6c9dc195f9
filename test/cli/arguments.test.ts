import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../cli/arguments.ts';

const parsed = (line: readonly string[]) => {
  const { words, given } = parseArguments(line);
  return { words, given: Object.fromEntries(given) };
};

const [a, b] = ['s3://source', 's3://dest'];

describe('parseArguments', () => {
  it.each([
    { line: [a, b], words: [a, b], given: {}, why: 'words are words' },
    { line: ['-n', a], words: [a], given: { 'dry-run': true }, why: 'a switch takes no word' },
    { line: [a, '-t', '40', b], words: [a, b], given: { threads: '40' }, why: 'a flag takes the next word' },
    { line: ['-t40'], words: [], given: { threads: '40' }, why: 'a letter may have its value attached' },
    { line: ['--part-size=5MiB'], words: [], given: { 'part-size': '5MiB' }, why: 'and so may a name' },
    { line: ['--data='], words: [], given: { data: '' }, why: 'an empty value is a value' },
    {
      line: ['-f', 'x', 'y', a, b],
      words: [a, b],
      given: { file: ['x', 'y'] },
      why: 'many words end at s3://',
    },
    {
      line: ['-f', 'x', 'y', '-n', a],
      words: [a],
      given: { file: ['x', 'y'], 'dry-run': true },
      why: 'or at a flag',
    },
    { line: ['-f', 'x', '--', 'y'], words: ['y'], given: { file: ['x'] }, why: 'or at --' },
    {
      line: ['-f', 'x', '--file', 'y'],
      words: [],
      given: { file: ['x', 'y'] },
      why: 'given again, they add up',
    },
    {
      line: ['--file=-x', 'y'],
      words: ['y'],
      given: { file: ['-x'] },
      why: 'an attached word is the only one',
    },
    { line: ['-fx', 'y'], words: ['y'], given: { file: ['x'] }, why: 'also behind a letter' },
    { line: ['-p', 'x', '-', a], words: [a], given: { prefix: ['x', '-'] }, why: 'a mere dash is a word' },
    { line: ['--', '-n', '--json'], words: ['-n', '--json'], given: {}, why: 'behind -- nothing is a flag' },
    {
      line: ['--no-keep-parts'],
      words: [],
      given: { 'keep-parts': false },
      why: 'a field can be switched off',
    },
    { line: ['--no-progress'], words: [], given: { 'no-progress': true }, why: 'a flag may begin with no-' },
    { line: ['-t', '1', '-t', '2'], words: [], given: { threads: '2' }, why: 'of one value the last counts' },
    {
      line: ['-F', 's3://x/l.txt'],
      words: [],
      given: { files: 's3://x/l.txt' },
      why: 'one word may be a location',
    },
  ])('$why: $line', ({ line, words, given }) => {
    expect(parsed(line)).toEqual({ words, given });
  });

  it.each([
    { line: ['--dryrun'], says: 'unknown flag --dryrun: did you mean --dry-run?' },
    { line: ['--concurency', '4'], says: 'did you mean --concurrency?' },
    { line: ['--keep-part'], says: 'did you mean --keep-parts?' },
    { line: ['--xyzzy'], says: 'unknown flag --xyzzy: see s3copy --help' },
    { line: ['-z'], says: 'unknown flag -z' },
    { line: ['-Z=1'], says: 'unknown flag -Z=1' },
    { line: ['--part-size'], says: '--part-size needs a value (SIZE)' },
    { line: ['--part-size', '--json'], says: '--part-size needs a value (SIZE)' },
    { line: ['-f'], says: '-f needs a value (KEY)' },
    { line: ['-f', a, b], says: '-f needs a value (KEY)' },
    { line: ['-f', '--', 'x'], says: '-f needs a value (KEY)' },
    { line: ['--json=1'], says: '--json takes no value: leave "1" out' },
    { line: ['--no-json'], says: 'unknown flag --no-json' },
    { line: ['--no-part-size', '1'], says: 'unknown flag --no-part-size: did you mean --part-size?' },
  ])('refuses $line', ({ line, says }) => {
    expect(() => parseArguments(line)).toThrow(says);
    expect(() => parseArguments(line)).toThrow(expect.objectContaining({ name: 'UsageError' }));
  });
});
