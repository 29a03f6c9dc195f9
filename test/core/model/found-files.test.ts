import { describe, expect, it } from 'vitest';
import { FoundFiles, nothingFound } from '../../../core/model/found-files.ts';

describe('the named files that a redrive found', () => {
  it('are none at first, in a form that can be read again', () => {
    expect(FoundFiles.parse(JSON.parse(JSON.stringify(nothingFound)))).toEqual(nothingFound);
    expect(nothingFound.keys).toEqual([]);
  });

  it('have no refused ones in a file that an earlier release wrote', () => {
    const { refused: _, ...earlier } = nothingFound;

    expect(FoundFiles.parse(earlier)).toEqual(nothingFound);
  });
});
