import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../cli/arguments.ts';
import { requestOf } from '../../cli/copy-request.ts';
import { parseCopyRequest } from '../../core/model/copy-request.ts';

const [src, dest] = ['s3://source-a/x', 's3://dest-b'];
const made = (...line: string[]) => requestOf(parseArguments(line));

describe('requestOf', () => {
  it.each([
    { line: [src], request: { src }, why: 'without destination the source is listed' },
    { line: [src, dest], request: { src, dest }, why: 'source and destination' },
    { line: [src, dest, '-f', 'a', 'b'], request: { src, dest, files: ['a', 'b'] }, why: 'the name of 2013' },
    {
      line: [src, dest, '-F', 's3://source-a/l'],
      request: { src, dest, filesFrom: 's3://source-a/l' },
      why: 'a list',
    },
    { line: ['-p', 'x', 'y*', src, dest], request: { src, dest, prefixes: ['x', 'y*'] }, why: 'paths' },
    { line: [src, '-n'], request: { src, dryRun: true }, why: 'a switch' },
    {
      line: [src, dest, '--no-keep-parts'],
      request: { src, dest, keepParts: false },
      why: 'one that is off',
    },
    { line: [src, dest, '--max-objects', '5'], request: { src, dest, maxObjects: 5 }, why: 'a number' },
    { line: [src, dest, '--part-size', '8MiB'], request: { src, dest, partSize: '8MiB' }, why: 'a size' },
    {
      line: [src, '--max-delete-count', '7'],
      request: { src, maxDelete: { count: 7 } },
      why: 'part of an object',
    },
    {
      line: [src, '-c', 'arn:x', '--roles-copy-external-id', 'id', '-d', 'arn:y'],
      request: { src, roles: { copy: { arn: 'arn:x', externalId: 'id' }, destination: { arn: 'arn:y' } } },
      why: 'parts of one object go together',
    },
    {
      line: [src, '--workers', 'many'],
      request: { src, workers: 'many' },
      why: 'what is no number is left to the schema',
    },
    {
      line: [src, '--json', '--local', '--data', 'd'],
      request: { src },
      why: 'flags of the command line are no fields',
    },
  ])('$why: $line', ({ line, request }) => {
    expect(made(...line)).toEqual(request);
  });

  it.each([
    { threads: '1', workers: 1, concurrency: 1 },
    { threads: '40', workers: 1, concurrency: 40 },
    { threads: '41', workers: 2, concurrency: 21 },
    { threads: '100', workers: 3, concurrency: 34 },
    { threads: '400', workers: 10, concurrency: 40 },
  ])('packs -t $threads to $workers workers of $concurrency', ({ threads, workers, concurrency }) => {
    expect(made(src, dest, '-t', threads)).toEqual({ src, dest, workers, concurrency });
  });

  it.each([
    { line: [], says: 'the source is missing' },
    { line: [src, dest, 's3://third'], says: 'unexpected word "s3://third": give one source and one' },
    { line: [src, dest, '-t', '0'], says: '-t: "0" must be a whole number of at least 1' },
    { line: [src, dest, '-t', '1.5'], says: '-t: "1.5" must be a whole number' },
    { line: [src, dest, '-t', 'x'], says: '-t: "x" must be a whole number' },
    { line: [src, dest, '-t', '4', '--workers', '2'], says: '-t cannot be combined with --workers' },
  ])('refuses $line', ({ line, says }) => {
    expect(() => made(...line)).toThrow(says);
  });

  it('leaves wrong values to the schema, whose words name the field', () => {
    expect(() => parseCopyRequest(made(src, dest, '--workers', 'many'))).toThrow(
      'workers: "many" must be of type number',
    );
  });
});
