/**
 * Fields of a cron expression, in order, with what they may hold besides `,`, `-`, `*` and `/`.
 *
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html (read 2026-11-28)
 */
const cronFields = [
  { name: 'minutes', from: 0, to: 59 },
  { name: 'hours', from: 0, to: 23 },
  { name: 'day of month', from: 1, to: 31, special: /^(?:L(?:-\d{1,2})?|LW|\d{1,2}W)$/ },
  {
    name: 'month',
    from: 1,
    to: 12,
    names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
  },
  {
    name: 'day of week',
    from: 1,
    to: 7,
    names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'],
    special: /^(?:L|[1-7]L|(?:[1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)#[1-5])$/,
  },
  { name: 'year', from: 1970, to: 2199 },
] as const;

interface CronField {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** Stand for the numbers from `from` on. */
  readonly names?: readonly string[];
  readonly special?: RegExp;
}

/** The number that a text stands for in a field. */
function numberIn({ from, to, names = [] }: CronField, text: string): number | undefined {
  const named = names.indexOf(text.toUpperCase());
  const number = named >= 0 ? from + named : /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  return number >= from && number <= to ? number : undefined;
}

/** Whether one of the comma-separated items of a field can be meant: `*`, `5`, `MON-FRI`, `0/15`, `L`. */
function isItem(field: CronField, item: string): boolean {
  if (field.special?.test(item.toUpperCase()) === true) return true;
  const [range = '', step, ...moreSteps] = item.split('/');
  if (moreSteps.length > 0 || (step !== undefined && !/^[1-9]\d{0,3}$/.test(step))) return false;
  if (range === '*') return true;
  const [first, last, ...more] = range.split('-').map((text) => numberIn(field, text));
  if (more.length > 0 || first === undefined) return false;
  return !range.includes('-') || last !== undefined;
}

const isAny = (text: string | undefined): boolean => text === '?';

function cronProblem(text: string): string | undefined {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== cronFields.length) {
    return `has ${fields.length} fields, and cron has 6: minutes hours day-of-month month day-of-week year, as in cron(0 3 * * ? *)`;
  }
  const [, , dayOfMonth, , dayOfWeek] = fields;
  if (isAny(dayOfMonth) === isAny(dayOfWeek)) {
    return 'must have ? as the day of month or as the day of week, and not as both, as in cron(0 3 * * ? *)';
  }
  for (const [index, field] of cronFields.entries()) {
    const value = fields[index] ?? '';
    const mayBeAny = field.name.startsWith('day');
    if (mayBeAny && isAny(value)) continue;
    if (!value.split(',').every((item) => isItem(field, item))) {
      return `has ${JSON.stringify(value)} as its ${field.name}, which is from ${field.from} to ${field.to}`;
    }
  }
  return undefined;
}

/**
 * What is wrong with the expression of a schedule that repeats, if anything.
 *
 * @see https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html (read 2026-11-28)
 */
export function scheduleProblem(expression: string): string | undefined {
  const [, kind, text = ''] = /^(rate|cron)\(([^()]+)\)$/.exec(expression) ?? [];
  if (kind === 'cron') return cronProblem(text);
  if (kind === 'rate' && /^\s*[1-9]\d*\s+(?:minute|hour|day)s?\s*$/.test(text)) return undefined;
  if (kind === 'rate') return 'must be a whole number from 1 and minutes, hours or days, as in rate(6 hours)';
  return 'is not a schedule, such as rate(6 hours) or cron(0 3 * * ? *)';
}

/** Whether a name is one of the IANA time zones, as Scheduler takes them: with a region and in its own case. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Z][\w+/-]{0,49}$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
  } catch {
    return false;
  }
  const known = Intl.supportedValuesOf('timeZone');
  return known.includes(name) || !known.some((zone) => zone.toLowerCase() === name.toLowerCase());
}
