import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Database } from '../index/database.ts';
import { S3Error } from '../s3-error.ts';
import { Permissions, type RolePolicy } from './role-policy.ts';

/** A pair of keys, and the principal that signs with it. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** A name or an ARN. Rules match it, recordings show it. The account in the ARN owns the buckets that it creates. */
  readonly principal: string;
  /** What the principal may do. @default everything */
  readonly policy?: RolePolicy | undefined;
}

/** Credentials that belong to the access key of a request. */
export interface FoundCredentials extends Omit<Credentials, 'policy'> {
  /** Absent when everything is allowed. */
  readonly permissions?: Permissions | undefined;
}

/** Account of principals that are not ARNs. */
export const defaultAccount = '000000000000';

/** The account of a principal: twelve digits. */
export function principalAccount(principal: string): string {
  return /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(principal)?.[1] ?? defaultAccount;
}

/** What a session token contains. The store signs it. */
interface SessionClaims {
  readonly accessKeyId: string;
  readonly principal: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/** Temporary credentials, as AssumeRole returns them. */
export interface SessionCredentials extends FoundCredentials {
  readonly sessionToken: string;
  readonly expires: number;
}

/**
 * Finds the secret of each access key. The token of temporary keys contains everything that the store needs to know
 * about them, so they stay valid when the store restarts.
 */
export class CredentialStore {
  readonly #known: ReadonlyMap<string, FoundCredentials>;
  readonly #secret: string;
  readonly #now: () => number;
  readonly #advice: string;

  /** @param advice added to the error message for an unknown access key */
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

  /** Creates temporary credentials. */
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
   * Finds the credentials that belong to an access key.
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
