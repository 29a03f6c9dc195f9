/** A value that JSON can hold: what states hand to each other. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. */
export type JsonObject = { readonly [key: string]: Json };

/** Whether the value is a JSON object: neither an array nor a scalar. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Bytes of a text in UTF-8: the unit in which Step Functions measures every payload. */
export function utf8Bytes(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}
