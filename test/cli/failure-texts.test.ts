import { describe, expect, it } from 'vitest';
import { failureTexts } from '../../cli/failure-texts.ts';
import { anyReport } from './any-report.ts';

const archived = (sourceKey: string) => ({
  sourceKey,
  target: `failing/${sourceKey}`,
  message: `CopyObject of dst/failing/${sourceKey}: InvalidObjectState (Operation is not valid for the source object's storage class)`,
});
const denied = (sourceKey: string) => ({
  sourceKey,
  target: sourceKey,
  message: `CopyObject of dst/${sourceKey}: AccessDenied (s3:GetObject on arn:aws:s3:::src/${sourceKey} is denied); add the statement ReadSource`,
});

describe('the failures of a run', () => {
  it('are counted by reason first, and then shown by samples that name each key once', () => {
    const failures = [
      {
        status: 'archived',
        reason: 'InvalidObjectState',
        objects: 46,
        samples: ['a', 'b\n'].map(archived),
      },
      { status: 'refused', reason: 'key-too-long', objects: 1, samples: [{ sourceKey: 'c', target: 'x/c' }] },
    ];

    expect(failureTexts({ ...anyReport, failures })).toEqual([
      'failures: 46 archived, 1 refused: key too long',
      "  archived: InvalidObjectState: CopyObject (Operation is not valid for the source object's storage class)",
      '    a',
      '    b\\u{a}',
      '    and 44 more',
      '  refused: key too long',
      '    c',
      '  all of them: s3://w/failures.jsonl',
    ]);
  });

  it('have what S3 said once where it differs in nothing but the key', () => {
    const failures = [
      { status: 'failed', reason: 'AccessDenied', objects: 2, samples: ['a/b', 'a/c.(d)'].map(denied) },
    ];

    expect(failureTexts({ ...anyReport, failures })).toEqual([
      'failures: 2 failed: AccessDenied',
      '  failed: AccessDenied: CopyObject (s3:GetObject on arn:aws:s3:::src/… is denied); add the statement ReadSource',
      '    a/b',
      '    a/c.(d)',
    ]);
  });

  it('have what happened behind each key where it differs', () => {
    const failures = [
      {
        status: 'failed',
        reason: 'ProofError',
        objects: 2,
        samples: [
          { sourceKey: 'a', message: 'a has ETag 1 instead of 2' },
          { sourceKey: 'b', versionId: 'v\n', message: 'b has ETag 3 instead of 4' },
        ],
      },
    ];

    expect(failureTexts({ ...anyReport, failures }).slice(1)).toEqual([
      '  failed: ProofError',
      '    a  (… has ETag 1 instead of 2)',
      '    b (version v\\u{a})  (… has ETag 3 instead of 4)',
    ]);
  });

  it('are cut where there are very many reasons', () => {
    const failures = Array.from({ length: 12 }, (_, n) => ({
      status: 'failed',
      reason: `E${n}`,
      objects: 1,
      samples: [{ sourceKey: `k${n}` }],
    }));

    const texts = failureTexts({ ...anyReport, failures });

    expect(texts[0]).toMatch(/^failures: 1 failed: E0, .*1 failed: E9, 2 other reasons$/);
    expect(texts).not.toContain('    k10');
    expect(texts.at(-1)).toBe('  all of them: s3://w/failures.jsonl');
  });

  it('have long keys shortened in the middle', () => {
    const sourceKey = `begin/${'🦀'.repeat(250)}/end`;
    const failures = [{ status: 'missing', objects: 1, samples: [{ sourceKey }] }];

    const [, , text = ''] = failureTexts({ ...anyReport, failures });

    expect(text).toMatch(/^ {4}begin\/🦀+…🦀+\/end$/u);
    expect([...text].length).toBeLessThan(130);
  });

  it('of a run that has none are silent', () => {
    expect(failureTexts({ ...anyReport, failures: [] })).toEqual([]);
  });
});
