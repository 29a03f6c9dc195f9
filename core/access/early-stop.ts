import * as z from 'zod';
import type { ObjectErrorName } from '../model/errors.ts';
import { actionIn, adviceToAdd, iamStatements, missingStatements, type StatementId } from './iam-actions.ts';

/**
 * Denials of one pass after which the rest is not tried, while the run has copied nothing: a right that each copy
 * lacks would otherwise be asked for 10^8 times. Fewer may be those of one folder.
 */
const enough = { batches: 3, objects: 30 } as const;

/** Error name of an object that was not tried. */
export const notTried = 'NotTried' satisfies ObjectErrorName;

/** What S3 denied to the first objects of each batch that had nothing else. */
export const Denied = z.strictObject({
  v: z.literal(1),
  /** The statements of which one is missing, by all of these denials. */
  statements: z.array(z.enum(Object.keys(iamStatements) as [StatementId, ...StatementId[]])),
  /** The action that was denied, when a message names it. */
  action: z.string().optional(),
  /** A message that names it, or the first one; without advice. */
  message: z.string(),
  /** Objects that were denied, by batch. No more batches are added than are enough. */
  batches: z.record(z.string(), z.int().positive()),
});
export type Denied = z.infer<typeof Denied>;

/**
 * Reads from an object's error what it was denied.
 *
 * @param message of a result: it starts with the operation and ends with advice
 */
export function readDenial(batch: string, message: string): Denied {
  const [operation = ''] = message.split(' ', 1);
  const action = actionIn(message);
  return {
    v: 1,
    statements: [...missingStatements(operation, message)],
    ...(action === undefined ? {} : { action }),
    message: message.replace(/; add (?:the statement|one of the statements) .*$/s, ''),
    batches: { [batch]: 1 },
  };
}

/**
 * Both denials in one.
 *
 * @returns undefined when they are of different actions, or no one statement allows both
 */
export function combineDenials(a: Denied, b: Denied): Denied | undefined {
  const statements = a.statements.filter((id) => b.statements.includes(id));
  const isOther = a.action !== undefined && b.action !== undefined && a.action !== b.action;
  if (isOther || statements.length === 0) return undefined;
  const { action, message } = a.action === undefined && b.action !== undefined ? b : a;
  const batches = { ...a.batches, ...b.batches };
  return { v: 1, statements, ...(action === undefined ? {} : { action }), message, batches };
}

/** Whether the rest of the pass need not be tried. */
export function isDenialEnough({ batches }: Denied): boolean {
  const counts = Object.values(batches);
  return counts.length >= enough.batches && counts.reduce((sum, count) => sum + count, 0) >= enough.objects;
}

/** What was denied, and what to do. */
export const describeDenial = ({ statements, message, batches }: Denied): string =>
  `the first objects of ${Object.keys(batches).length} batches were all denied, and the run had copied nothing: ` +
  `${message}${adviceToAdd(statements)}, then redrive`;
