import { counted, grouped } from '../core/model/counted.ts';
import type { FailureGroup, FailureSample } from '../core/model/failure-groups.ts';
import type { Report } from '../core/model/report.ts';
import { inFlags } from './in-flags.ts';
import { printable, shortPrintable } from './printable.ts';

/** Reasons that are shown with samples. */
const mostGroups = 10;
/** Statuses that say as much as their errors do. */
const selfEvident: ReadonlySet<string> = new Set(['archived', 'changed', 'conflict', 'missing']);

/** `key-too-long` as `key too long`; names of errors as they are. */
const reasonText = (reason: string): string =>
  /^[a-z-]+$/.test(reason) ? reason.replaceAll('-', ' ') : printable(reason);

function countText({ status, reason, objects }: FailureGroup): string {
  const why = reason === undefined || selfEvident.has(status) ? '' : `: ${reasonText(reason)}`;
  return `${grouped(objects)} ${status}${why}`;
}

/** A text as a pattern that matches just it. */
const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/**
 * What happened to an object, without what its line says anyway: the key, and the name of the error.
 *
 * @returns an empty text when nothing is left
 */
function messageText({ sourceKey, target = sourceKey, message = '' }: FailureSample, reason = ''): string {
  let text = message;
  for (const key of [target, sourceKey]) {
    const named = escaped(key);
    text = text
      .replaceAll(new RegExp(` of [^ /]+/${named}(?![^\\s:;,()])`, 'g'), '')
      .replaceAll(new RegExp(`(^|/)${named}(?![^\\s:;,()])`, 'g'), '$1…');
  }
  const named = text.replace(`: ${reason} (`, ' (').replace(new RegExp(`: ${escaped(reason)}$`), '');
  return printable(inFlags(named));
}

function sampleText({ sourceKey, versionId }: FailureSample): string {
  return `    ${shortPrintable(sourceKey)}${versionId === undefined ? '' : ` (version ${printable(versionId)})`}`;
}

/** One reason: its name, what S3 said if that is the same of all samples, and the samples. */
function groupTexts(group: FailureGroup): string[] {
  const { status, reason, objects, samples } = group;
  const messages = samples.map((sample) => messageText(sample, reason));
  const isOne = new Set(messages).size === 1;
  const why = [reason === undefined ? '' : reasonText(reason), isOne ? (messages[0] ?? '') : ''];
  const more = objects - samples.length;
  return [
    `  ${[status, ...why].filter((text) => text !== '').join(': ')}`,
    ...samples.map((sample, n) => {
      const own = isOne || messages[n] === '' ? '' : `  (${messages[n]})`;
      return `${sampleText(sample)}${own}`;
    }),
    ...(more > 0 ? [`    and ${grouped(more)} more`] : []),
  ];
}

/** What failed: a count for each reason first, then the first objects of each, and where all of them are. */
export function failureTexts({ failures, files }: Report): string[] {
  if (failures.length === 0) return [];
  const shown = failures.slice(0, mostGroups);
  const hidden = failures.length - shown.length;
  const others = hidden === 0 ? [] : [counted(hidden, 'other reason')];
  const isAll = hidden === 0 && shown.every(({ objects, samples }) => objects === samples.length);
  return [
    `failures: ${[...shown.map(countText), ...others].join(', ')}`,
    ...shown.flatMap(groupTexts),
    ...(isAll ? [] : [`  all of them: ${files.failures}`]),
  ];
}
