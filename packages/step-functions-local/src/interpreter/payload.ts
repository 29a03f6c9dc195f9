import { type Json, utf8Bytes } from '../json.ts';
import { Quotas } from '../limits.ts';
import type { Frame } from './frame.ts';

/**
 * Turns a payload into JSON text.
 *
 * @param what named in the message of the error
 * @throws {StateError} `States.DataLimitExceeded` when it exceeds 256 KiB in UTF-8
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html (read 2026-11-22)
 */
export function serializePayload(frame: Frame, value: Json, what: string): string {
  const text = JSON.stringify(value);
  if (utf8Bytes(text) > Quotas.payloadBytes) {
    throw frame.failure(
      'States.DataLimitExceeded',
      `The state/task '${frame.state}' returned a result (${what}) with a size exceeding the maximum number of bytes service limit.`,
    );
  }
  return text;
}
