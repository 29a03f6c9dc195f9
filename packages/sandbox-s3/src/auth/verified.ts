import type { Permissions } from './role-policy.ts';

/** What is left of a checked signature for the chunks of a streamed body. */
export interface Verified {
  readonly principal: string;
  /** Left out when everything is allowed. */
  readonly permissions?: Permissions | undefined;
  readonly signingKey: Buffer;
  readonly scope: string;
  readonly date: string;
  readonly signature: string;
}
