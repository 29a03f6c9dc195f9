import { afterEach, describe, expect, it, vi } from 'vitest';
import { explainError } from '../../cli/explain-error.ts';
import { quoted } from '../../cli/shell.ts';

const named = (name: string, message: string, more: object = {}) =>
  Object.assign(new Error(message), { name, ...more });

afterEach(() => void vi.unstubAllEnvs());

describe('an error of the command line says what is wrong and what to do', () => {
  it.each([
    {
      error: named('CredentialsProviderError', 'Could not load credentials from any providers'),
      profile: undefined,
      says: 'there are no AWS credentials: set AWS_PROFILE, or sign in by "aws configure" or "aws sso login"',
    },
    {
      error: named('CredentialsProviderError', 'Could not load credentials from any providers'),
      profile: 'nope',
      says: 'the profile "nope" of AWS_PROFILE gives no credentials',
    },
    {
      error: named('Error', 'getaddrinfo ENOTFOUND states.moon-1.amazonaws.com', { code: 'ENOTFOUND' }),
      says: 'states.moon-1.amazonaws.com (there is no host of this name: check the region in the ARN',
    },
    {
      error: Object.assign(new AggregateError([new Error('connect ECONNREFUSED ::1:9')]), {
        code: 'ECONNREFUSED',
      }),
      says: 'connect ECONNREFUSED ::1:9 (no server listens there',
    },
    {
      error: named('StateMachineDoesNotExist', "State Machine Does Not Exist: 'arn'"),
      says: 'compare --state-machine or S3COPY_STATE_MACHINE with StateMachineArn',
    },
  ])('$says', ({ error, profile, says }) => {
    vi.stubEnv('AWS_PROFILE', profile);

    expect(explainError(error)).toContain(says);
    expect(explainError(error)).not.toContain('\n');
  });
});

describe('a word to be copied into a shell', () => {
  it.each([
    { word: 's3://bucket/a_b=1', typed: 's3://bucket/a_b=1' },
    { word: 'data/with blank', typed: "'data/with blank'" },
    { word: "it's $HOME", typed: String.raw`'it'\''s $HOME'` },
    { word: '', typed: "''" },
  ])('$word is typed $typed', ({ word, typed }) => {
    expect(quoted(word)).toBe(typed);
  });
});
