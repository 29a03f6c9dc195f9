import { expect, it } from 'vitest';
import { counted, grouped } from '../../../core/model/counted.ts';

it.each([
  { value: 0, text: '0' },
  { value: 999, text: '999' },
  { value: 1_234_567, text: '1,234,567' },
])('the number $value reads $text', ({ value, text }) => {
  expect(grouped(value)).toBe(text);
});

it.each([
  { value: 0, text: '0 objects' },
  { value: 1, text: '1 object' },
  { value: 12_345, text: '12,345 objects' },
])('$value of a thing reads $text', ({ value, text }) => {
  expect(counted(value, 'object')).toBe(text);
});

it('a plural without an s is given', () => {
  expect(counted(1, 'copy', 'copies')).toBe('1 copy');
  expect(counted(2, 'copy', 'copies')).toBe('2 copies');
});
