/** A value that JSON can hold. The inputs and outputs of states are such values. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. */
export type JsonObject = { readonly [key: string]: Json };

/** Whether the value is a JSON object, not an array or a scalar. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The bytes of a text in UTF-8, the unit of all size limits of Step Functions. */
export function utf8Bytes(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}
