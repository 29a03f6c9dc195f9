import { describe, expect, it } from 'vitest';
import { CopyError } from '../../../core/model/errors.ts';

describe('CopyError', () => {
  it('is an error by the name that the state machine matches, with the facts to act on', () => {
    const cause = new Error('cause');
    const error = new CopyError('StorageError', 'words', { bucket: 'b', size: 5 }, { cause });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'StorageError',
      message: 'words',
      details: { bucket: 'b', size: 5 },
      cause,
    });
    expect(String(error)).toBe('StorageError: words');
  });

  it('needs no facts', () => {
    expect(new CopyError('RunFileError', 'words').details).toEqual({});
  });
});
