import type { Permissions } from './role-policy.ts';

/** A signature that was checked. The signatures of the chunks of a streamed body continue it. */
export interface VerifiedSignature {
  readonly principal: string;
  /** Absent when everything is allowed. */
  readonly permissions?: Permissions | undefined;
  /** Signs a text with the same credentials, for the same day, region and service. @returns hexadecimal */
  sign(text: string): Promise<string>;
  readonly scope: string;
  readonly date: string;
  readonly signature: string;
}
