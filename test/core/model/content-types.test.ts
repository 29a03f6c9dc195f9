import { expect, it } from 'vitest';
import { guessContentType } from '../../../core/model/content-types.ts';

it.each([
  { path: 'report/index.html', type: 'text/html; charset=utf-8' },
  { path: 'report/report.json', type: 'application/json' },
  { path: 'report/failures.jsonl', type: 'application/x-ndjson' },
  { path: 'report/differences.txt', type: 'text/plain; charset=utf-8' },
  { path: 'parts/part-00001', type: undefined },
  { path: 'a.json/part', type: undefined },
])('the content type of $path is $type', ({ path, type }) => {
  expect(guessContentType(path)).toBe(type);
});
