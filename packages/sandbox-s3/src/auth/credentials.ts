import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Database } from '../index/database.ts';
import { S3Error } from '../s3-error.ts';
import { Permissions, type RolePolicy } from './role-policy.ts';

/** A pair of keys and whom it stands for. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Name or ARN; rules and recordings show it. An ARN's account owns the buckets that it creates. */
  readonly principal: string;
  /** All that whoever signs with them may do. @default everything */
  readonly policy?: RolePolicy | undefined;
}

/** Credentials that were found. */
export interface FoundCredentials extends Omit<Credentials, 'policy'> {
  /** Left out when everything is allowed. */
  readonly permissions?: Permissions | undefined;
}

/** Account of principals that are no ARN. */
export const defaultAccount = '000000000000';

/** Twelve digits: the account of a principal. */
export function principalAccount(principal: string): string {
  return /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(principal)?.[1] ?? defaultAccount;
}

/** What a session token says, signed by the store. */
interface SessionClaims {
  readonly accessKeyId: string;
  readonly principal: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/** Temporary credentials, as AssumeRole gives them. */
export interface SessionCredentials extends FoundCredentials {
  readonly sessionToken: string;
  readonly expires: number;
}

/**
 * Knows the secret of each access key. Temporary keys carry all there is to know in their token, so that they
 * survive a restart of the store.
 */
export class CredentialStore {
  readonly #known: ReadonlyMap<string, FoundCredentials>;
  readonly #secret: string;
  readonly #now: () => number;
  readonly #advice: string;

  /** @param advice what to tell who signs with a key that is not known */
  constructor(db: Database, credentials: readonly Credentials[], now: () => number, advice = '') {
    this.#advice = advice;
    this.#known = new Map(
      credentials.map(({ policy, ...entry }) => {
        const permissions = policy && new Permissions(policy);
        return [entry.accessKeyId, { ...entry, permissions }];
      }),
    );
    db.run("INSERT OR IGNORE INTO settings VALUES ('session-secret', ?)", randomBytes(32).toString('hex'));
    const row = db.get<{ value: string }>("SELECT value FROM settings WHERE name = 'session-secret'");
    this.#secret = row?.value ?? '';
    this.#now = now;
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#secret).update(text).digest('base64url');
  }

  /** Makes temporary credentials. */
  startSession(principal: string, durationSeconds: number): SessionCredentials {
    const accessKeyId = `ASIA${randomBytes(8).toString('hex').toUpperCase()}`;
    const expires = this.#now() + durationSeconds * 1000;
    const claims = Buffer.from(JSON.stringify({ accessKeyId, principal, expires })).toString('base64url');
    return {
      accessKeyId,
      secretAccessKey: this.#sign(`secret ${accessKeyId}`),
      sessionToken: `${claims}.${this.#sign(claims)}`,
      principal,
      expires,
    };
  }

  /**
   * The credentials behind an access key.
   * @throws {S3Error} `InvalidAccessKeyId`, `InvalidToken`, `ExpiredToken`
   */
  find(accessKeyId: string, sessionToken: string | undefined): FoundCredentials {
    if (sessionToken !== undefined) return this.#session(accessKeyId, sessionToken);
    const found = this.#known.get(accessKeyId);
    if (found === undefined) {
      throw new S3Error('InvalidAccessKeyId', this.#unknownText(), {
        details: { AWSAccessKeyId: accessKeyId },
      });
    }
    return found;
  }

  #unknownText(): string {
    return `The AWS Access Key Id you provided does not exist in our records. ${this.#advice}`.trimEnd();
  }

  #session(accessKeyId: string, token: string): FoundCredentials {
    const [body = '', signature = ''] = token.split('.');
    const expected = Buffer.from(this.#sign(body));
    const given = Buffer.from(signature);
    if (expected.length !== given.length || !timingSafeEqual(expected, given))
      throw new S3Error('InvalidToken');
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as SessionClaims;
    if (claims.accessKeyId !== accessKeyId) throw new S3Error('InvalidAccessKeyId');
    if (claims.expires <= this.#now()) throw new S3Error('ExpiredToken');
    return { accessKeyId, secretAccessKey: this.#sign(`secret ${accessKeyId}`), principal: claims.principal };
  }
}
