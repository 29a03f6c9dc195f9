import { describe, expect, it } from 'vitest';
import { isTimeZone, scheduleProblem } from '../../lib/schedule-times.ts';

describe('the expression of a schedule', () => {
  it.each([
    'rate(1 hour)',
    'rate(6 hours)',
    'rate(5 minutes)',
    'rate(1 days)',
    'cron(0 3 * * ? *)',
    'cron(0/15 8-18 ? * MON-FRI *)',
    'cron(30 2 ? * 2#1 *)',
    'cron(0 0 L * ? 2026-2030)',
    'cron(0 0 3W JAN,APR,jul ? *)',
    'cron(0 0 LW * ? *)',
    'cron(0 0 ? * 6L *)',
    'cron(1,2,*/10  0  1  1  ?  2199)',
  ])('is taken as it is: %s', (expression) => {
    expect(scheduleProblem(expression)).toBeUndefined();
  });

  it.each([
    { expression: 'daily', says: 'is not a schedule, such as rate(6 hours)' },
    { expression: 'at(2026-11-20T13:00:00)', says: 'is not a schedule' },
    { expression: 'rate(0 minutes)', says: 'a whole number from 1' },
    { expression: 'rate(1.5 hours)', says: 'a whole number from 1' },
    { expression: 'rate(2 weeks)', says: 'minutes, hours or days' },
    { expression: 'rate(hour)', says: 'a whole number from 1' },
    { expression: 'cron(0 3 * * *)', says: 'has 5 fields, and cron has 6' },
    { expression: 'cron(99 99 * * ? *)', says: 'has "99" as its minutes, which is from 0 to 59' },
    { expression: 'cron(0 24 * * ? *)', says: 'has "24" as its hours, which is from 0 to 23' },
    { expression: 'cron(0 3 0 * ? *)', says: 'has "0" as its day of month' },
    { expression: 'cron(0 3 * 13 ? *)', says: 'has "13" as its month' },
    { expression: 'cron(0 3 ? * MON-SUNDAY *)', says: 'has "MON-SUNDAY" as its day of week' },
    { expression: 'cron(0 3 ? * 0 *)', says: 'has "0" as its day of week' },
    { expression: 'cron(0 3 * * ? 1969)', says: 'has "1969" as its year' },
    { expression: 'cron(0/0 3 * * ? *)', says: 'has "0/0" as its minutes' },
    { expression: 'cron(? 3 * * ? *)', says: 'has "?" as its minutes' },
    { expression: 'cron(0, 3 * * ? *)', says: 'has "0," as its minutes' },
    { expression: 'cron(0 3 * * * *)', says: 'must have ? as the day of month or as the day of week' },
    { expression: 'cron(0 3 ? * ? *)', says: 'and not as both' },
  ])('$expression is refused: $says', ({ expression, says }) => {
    expect(scheduleProblem(expression)).toContain(says);
  });
});

describe('a time zone', () => {
  it.each([
    'Europe/Berlin',
    'Etc/UTC',
    'UTC',
    'America/Argentina/Buenos_Aires',
    'Asia/Calcutta',
    'Etc/GMT+5',
  ])('is one: %s', (name) => {
    expect(isTimeZone(name)).toBe(true);
  });

  it.each(['Mars/Olympus', 'europe/berlin', 'EUROPE/BERLIN', '+01:00', 'Europe', '', 'Europe/Berlin '])(
    'is none: "%s"',
    (name) => {
      expect(isTimeZone(name)).toBe(false);
    },
  );
});
