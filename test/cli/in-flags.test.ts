import { describe, expect, it } from 'vitest';
import { inFlags } from '../../cli/in-flags.ts';

describe('a note of a run on the command line', () => {
  it.each([
    { note: 'set `compare: always` to', typed: 'set --compare always to', why: 'a field with a value' },
    { note: 'another `tempPrefix`', typed: 'another --temp-prefix', why: 'a field alone' },
    { note: '`keepParts: false` removes', typed: '--no-keep-parts removes', why: 'a switch to be off' },
    { note: '`requestPayer: true`', typed: '--request-payer', why: 'a switch to be on' },
    { note: 'than `maxDelete.count: 10`', typed: 'than --max-delete-count 10', why: 'a field in another' },
    {
      note: 'another `maxDelete`',
      typed: 'another --max-delete-count or --max-delete-percent',
      why: 'a field of fields',
    },
    {
      note: 'add `preserve: ["metadata","storageClass"]`',
      typed: 'add --preserve metadata storageClass',
      why: 'a list',
    },
    { note: 'another `dest`', typed: 'another DEST', why: 'a field that is a word' },
    { note: '`s3copy cleanup RUN` says', typed: '`s3copy cleanup RUN` says', why: 'a command' },
    { note: 'compare: always', typed: 'compare: always', why: 'a text that is not marked' },
  ])('names what is typed: $why', ({ note, typed }) => {
    expect(inFlags(note)).toBe(typed);
  });
});
