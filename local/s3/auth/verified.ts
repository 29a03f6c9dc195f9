/** What is left of a checked signature for the chunks of a streamed body. */
export interface Verified {
  readonly principal: string;
  readonly signingKey: Buffer;
  readonly scope: string;
  readonly date: string;
  readonly signature: string;
}
