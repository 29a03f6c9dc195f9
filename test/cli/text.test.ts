import { describe, expect, it } from 'vitest';
import type { Progress } from '../../cli/events.ts';
import { PaceMeter, shareDone } from '../../cli/pace.ts';
import { planText } from '../../cli/plan-text.ts';
import { duration, printable } from '../../cli/printable.ts';
import { progressText } from '../../cli/progress-text.ts';
import { summary } from '../../cli/summary.ts';
import { counted } from '../../core/model/counted.ts';
import { anyReport as report } from './any-report.ts';

const copying: Progress = {
  kind: 'copy',
  phase: 'copying',
  listed: 2_000,
  planned: { objects: 1_000, bytes: 2 * 1024 ** 2 },
  done: { objects: 500, bytes: 1024 ** 2 },
  failed: 0,
};
const slow = { bytesPerSecond: 1024, objectsPerSecond: 12.4, secondsLeft: 75 };

describe('printable', () => {
  it.each([
    { text: 'a b/ü 🦀', shown: 'a b/ü 🦀' },
    { text: 'a\nb\t', shown: 'a\\u{a}b\\u{9}' },
    { text: '\u001b[31mred', shown: '\\u{1b}[31mred' },
    { text: 'right\u202eleft', shown: 'right\\u{202e}left' },
  ])('never lets a key move the cursor: $shown', ({ text, shown }) => {
    expect(printable(text)).toBe(shown);
  });
});

describe('duration', () => {
  it.each([
    { seconds: 0.44, text: '0.4 s' },
    { seconds: 59.4, text: '59 s' },
    { seconds: 59.6, text: '1 min 00 s' },
    { seconds: 3_599.9, text: '1 h 00 min' },
    { seconds: 7_500, text: '2 h 05 min' },
    { seconds: 86_400 * 3 + 3_600 * 4, text: '3 d 04 h' },
  ])('writes $seconds as $text', ({ seconds, text }) => {
    expect(duration(seconds)).toBe(text);
  });

  it('counts things', () => {
    expect([counted(1, 'object'), counted(1_200, 'object')]).toEqual(['1 object', '1,200 objects']);
  });
});

describe('progressText', () => {
  const nothing = { objects: 0, bytes: 0 };

  it('shows objects, bytes, rate, time left and failures', () => {
    expect(progressText({ ...copying, failed: 3 }, slow, 140)).toBe(
      'copying    ████████████░░░░░░░░░░░░  50%  500/1,000 objects  1.0 MiB/2.0 MiB  1.0 KiB/s  12/s  1 min 15 s left  3 failed',
    );
  });

  it.each([
    {
      columns: 110,
      text: 'copying    ██████░░░░░░░  50%  500/1,000 objects  1.0 MiB/2.0 MiB  1.0 KiB/s  12/s  1 min 15 s left  3 failed',
      why: 'the bar shrinks first',
    },
    {
      columns: 100,
      text: 'copying     50%  500/1,000 objects  1.0 MiB/2.0 MiB  1.0 KiB/s  12/s  1 min 15 s left  3 failed',
      why: 'then there is none',
    },
    {
      columns: 80,
      text: 'copying     50%  500/1,000 objects  1.0 KiB/s  1 min 15 s left  3 failed',
      why: 'then the less important numbers go',
    },
    { columns: 60, text: 'copying     50%  1.0 KiB/s  1 min 15 s left  3 failed', why: 'then more of them' },
    { columns: 40, text: 'copying  50%  1 min 15 s left  3 failed', why: 'the share and the time stay' },
    { columns: 20, text: 'copying  50%', why: 'the share stays' },
  ])('fits into $columns columns: $why', ({ columns, text }) => {
    const shown = progressText({ ...copying, failed: 3 }, slow, columns);
    expect(shown).toBe(text);
    expect(shown.length).toBeLessThan(columns);
  });

  it('is never longer than the terminal is wide, whatever the numbers are', () => {
    for (const phase of ['preparing', 'planning', 'copying', 'reporting'] as const) {
      for (let columns = 1; columns < 130; columns += 1) {
        const text = progressText({ ...copying, phase, failed: 123_456 }, slow, columns);
        expect(text.length).toBeLessThan(columns);
      }
    }
  });

  it.each([
    { phase: 'preparing' as const, text: 'preparing' },
    { phase: 'planning' as const, text: 'planning   2,000 keys listed, 1,000 to copy (2.0 MiB)' },
    { phase: 'reporting' as const, text: 'reporting   50%  500/1,000 objects  1.0 MiB/2.0 MiB' },
  ])('says less while it is $phase', ({ phase, text }) => {
    expect(progressText({ ...copying, phase }, slow)).toBe(text);
  });

  it.each([
    { kind: 'copy' as const, planned: nothing, text: 'reporting  nothing to copy' },
    {
      kind: 'plan' as const,
      planned: copying.planned,
      text: 'reporting  2,000 keys listed, 1,000 to copy (2.0 MiB)',
    },
    { kind: 'plan' as const, planned: nothing, text: 'reporting  2,000 keys listed, nothing to copy' },
    { kind: 'list' as const, planned: nothing, text: 'reporting  2,000 keys listed' },
  ])('says "$text" at the end of a run that does so: $kind', ({ kind, planned, text }) => {
    expect(progressText({ ...copying, kind, phase: 'reporting', planned, done: nothing }, slow, 80)).toBe(
      text,
    );
  });

  it('says nothing of copies while a run only lists', () => {
    const listing = { ...copying, kind: 'list', phase: 'planning', planned: nothing, done: nothing } as const;
    expect(progressText(listing, slow, 80)).toBe('listing    2,000 keys');
  });
});

describe('pace', () => {
  it('is measured over the last half minute, and the time left over all', () => {
    let now = 0;
    const meter = new PaceMeter(() => now);
    const at = (seconds: number, objects: number) => {
      now = seconds * 1_000;
      return meter.measure({
        ...copying,
        planned: { objects: 1_000, bytes: 0 },
        done: { objects, bytes: 0 },
      });
    };
    expect(at(0, 0)).toEqual({ bytesPerSecond: 0, objectsPerSecond: 0, secondsLeft: undefined });
    expect(at(10, 100)).toMatchObject({ objectsPerSecond: 10, secondsLeft: 90 });
    expect(at(40, 700)).toMatchObject({ objectsPerSecond: 20 });
    expect(at(45, 700).secondsLeft).toBeCloseTo((0.3 * 45) / 0.7);
  });

  it('begins when the copy does, so that the time left is known from its first progress on', () => {
    let now = 0;
    const meter = new PaceMeter(() => now);
    const nothing = { objects: 0, bytes: 0 };
    for (const phase of ['preparing', 'planning'] as const) {
      now += 60_000;
      const planned = phase === 'preparing' ? nothing : { objects: 1_000, bytes: 0 };
      expect(meter.measure({ ...copying, phase, planned, done: nothing })).toEqual({
        bytesPerSecond: 0,
        objectsPerSecond: 0,
        secondsLeft: undefined,
      });
    }
    now += 10_000;
    const done = { objects: 100, bytes: 0 };
    const pace = meter.measure({ ...copying, planned: { objects: 1_000, bytes: 0 }, done });
    expect(pace).toMatchObject({ objectsPerSecond: 10, secondsLeft: 90 });
  });

  it('counts as done what is done by objects and by bytes', () => {
    expect(shareDone({ ...copying, done: { objects: 1_000, bytes: 0 } })).toBe(0);
    expect(shareDone({ ...copying, planned: { objects: 0, bytes: 0 } })).toBe(1);
    expect(shareDone({ ...copying, done: { objects: 2_000, bytes: 1e12 } })).toBe(1);
  });
});

describe('planText', () => {
  const ends = { src: { bucket: 'a', path: '' }, dest: { bucket: 'b', path: '' } };
  const copy = {
    action: 'copy',
    map: 'objects',
    key: 'x\n',
    target: 'y',
    size: 3_250_586,
    etag: '',
    reason: 'new',
  } as const;

  it('says what would be copied', () => {
    expect(planText(copy, ends)).toBe('would copy s3://a/x\\u{a} to s3://b/y (new, 3.1 MiB)');
    const long = planText({ ...copy, key: `a${'x'.repeat(500)}z`, target: 'y' }, ends) ?? '';
    expect(long).toMatch(/^would copy s3:\/\/a\/ax+…x+z to s3:\/\/b\/y \(/);
    expect(long.length).toBeLessThan(200);
    expect(planText({ ...copy, archived: true }, ends)).toBe(
      'would fail s3://a/x\\u{a} to s3://b/y (archived, 3.1 MiB)',
    );
  });

  it('says what would be refused, and what is missing', () => {
    const { key, target, size } = copy;
    expect(planText({ action: 'refused', key, target, size, reason: 'key-too-long' }, ends)).toContain(
      'would refuse',
    );
    expect(planText({ action: 'missing', key: 'z' }, ends)).toBe('missing s3://a/z');
    expect(planText({ action: 'extra', key, target, size, etag: 'e' }, ends)).toMatch(
      /^would delete s3:\/\/b\//,
    );
    expect(planText({ action: 'same', key, size, reason: 'etag' }, ends)).toBeUndefined();
  });

  it('is silent about what is only counted, and lists just keys without destination', () => {
    const filtered = { action: 'filtered', key: 'z', size: 1, reason: 'list-only' } as const;
    expect(planText(filtered, ends)).toBeUndefined();
    expect(planText(filtered, { ...ends, dest: undefined })).toBe('z');
    const excluded = { ...filtered, reason: 'excluded' } as const;
    expect(planText(excluded, { ...ends, dest: undefined })).toBeUndefined();
  });
});

describe('summary', () => {
  it('has the end, both sums, the proofs, the notes and the address of the report', () => {
    expect(summary(report)).toEqual([
      'FAILED: copied 31 objects (3.0 KiB) in 3.0 s; 4 objects not there',
      '  listed    1,234 = 1,200 same + 0 filtered + 2 refused + 32 planned',
      '  planned   32 = 31 copied + 0 vanished + 0 changed + 0 archived + 0 conflict + 1 failed',
      '  missing   1 named, not in the source',
      '  proven    30 by etag, 1 by part-md5s',
      '  note      set --compare always',
      '  report    s3://w/report.json',
      '  page      s3://w/p',
    ]);
  });

  it.each([
    { change: { outcome: 'done', planned: 0 } as const, head: 'done: nothing to copy, 1,200 unchanged' },
    { change: { outcome: 'done' } as const, head: 'done: copied 31 objects (3.0 KiB) in 3.0 s' },
    {
      change: { outcome: 'planned' } as const,
      head: 'dry run: would copy 32 objects (3.9 KiB), 1,200 unchanged',
    },
    {
      change: {
        outcome: 'planned',
        wouldFail: true,
        archived: 3,
        bytes: { planned: 4_000, archived: 928, copied: 0, same: 0 },
      } as const,
      head: 'dry run: would copy 29 objects (3.0 KiB), 1,200 unchanged; the run would FAIL: 3 archived, 2 refused, 1 missing',
    },
    {
      change: { outcome: 'planned', wouldFail: true, refused: 0, missing: 0 } as const,
      head: 'dry run: would copy 32 objects (3.9 KiB), 1,200 unchanged; the run would FAIL',
    },
    {
      change: { outcome: 'compared', extra: 5 } as const,
      head: 'compared: 40 differences (32 to copy, 5 not in the source, 3 refused or missing), 1,200 unchanged',
    },
    {
      change: { outcome: 'compared', planned: 0, refused: 0, missing: 0 } as const,
      head: 'compared: no difference, 1,200 unchanged',
    },
    {
      change: { outcome: 'failed', refused: 0, failed: 0, missing: 0, undeleted: 2 } as const,
      head: 'FAILED: copied 31 objects (3.0 KiB) in 3.0 s; not all was deleted',
    },
    {
      change: { outcome: 'listed', shown: 1_200, destination: undefined } as const,
      head: 'listed 1,200 keys in 3.0 s',
    },
    {
      change: { shown: 1_200, destination: undefined } as const,
      head: 'FAILED: listed 1,200 keys in 3.0 s; 1 missing',
    },
  ])('begins with "$head"', ({ change, head }) => {
    expect(summary({ ...report, ...change })[0]).toBe(head);
  });

  it('counts the keys that a run only lists as shown, not as filtered', () => {
    const listing = {
      ...report,
      outcome: 'listed',
      destination: undefined,
      listed: 8,
      shown: 6,
      filtered: 2,
    } as const;
    expect(summary(listing)).toContain('  listed    8 = 6 shown + 2 filtered');
  });

  it('tells in a dry run how many of the planned objects are archived', () => {
    const archived = { outcome: 'planned', archived: 3 } as const;
    expect(summary({ ...report, ...archived })).toContain('  planned   32 = 29 to copy + 3 archived');
    expect(summary({ ...report, outcome: 'planned' }).join()).not.toContain('to copy +');
  });

  it.each([
    {
      attempt: { seconds: 5, copied: 3, bytes: 1_024 },
      says: 'copied 3 objects (1.0 KiB) in 5.0 s since the redrive, 31 in all',
    },
    { attempt: { seconds: 5 }, says: 'copied 31 objects (3.0 KiB) in all, the redrive in 5.0 s' },
  ])('says of a redriven run: $says', ({ attempt, says }) => {
    expect(summary({ ...report, outcome: 'done', attempt })[0]).toBe(`done: ${says}`);
  });

  it('counts apart what was compared by size only', () => {
    const some = { ...report, proofs: { checksum: 0, etag: 30, 'part-md5s': 0 }, sizeOnly: 1 };
    expect(summary(some).slice(4, 6)).toEqual([
      '  proven    30 by etag',
      '  unproven  1 by size only; --verify required refuses these',
    ]);
  });
});
