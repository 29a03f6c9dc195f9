import type { Permissions } from './role-policy.ts';

/** What is left of a checked signature for the chunks of a streamed body. */
export interface VerifiedSignature {
  readonly principal: string;
  /** Left out when everything is allowed. */
  readonly permissions?: Permissions | undefined;
  /** Signs a text with the same credentials, for the same day, region and service. @returns hexadecimal */
  sign(text: string): Promise<string>;
  readonly scope: string;
  readonly date: string;
  readonly signature: string;
}
