import { fromIni, fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import * as z from 'zod';
import { CopyError } from '../model/errors.ts';
import { localRoles, type Role } from '../model/roles.ts';
import { toFailure } from './failures.ts';
import { proxiedHandler } from './proxies.ts';

/** A role to take on, and the field of the request that names it. */
export interface AssumedRole extends Role {
  readonly field: string;
}

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}
type Provider = (properties?: object) => Promise<Credentials>;

/** What the command line gives the functions of this machine in place of roles, by their ARN. */
const LocalCredentials = z.record(
  z.string(),
  z.union([
    z.strictObject({ profile: z.string() }),
    z.strictObject({
      accessKeyId: z.string(),
      secretAccessKey: z.string(),
      sessionToken: z.string().optional(),
    }),
  ]),
);

/** The longest that a role may be assumed by a function, which itself has a role's session. */
const sessionSeconds = 3_600;

/** Shown by CloudTrail as who did what. */
const sessionName = (): string => (process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? 's3copy').slice(0, 64);

/**
 * Credentials of a role. The client asks again before they expire, so that a run may take days.
 *
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html (read 2026-11-22): one hour when chained
 */
export function assumeRole(role: AssumedRole): Provider {
  if (role.arn.startsWith(localRoles)) return givenCredentials(role);
  const assume = fromTemporaryCredentials({
    params: {
      RoleArn: role.arn,
      RoleSessionName: sessionName(),
      DurationSeconds: sessionSeconds,
      ...(role.externalId === undefined ? {} : { ExternalId: role.externalId }),
    },
    clientConfig: { requestHandler: proxiedHandler() },
  });
  return async (properties) => {
    try {
      return await assume(properties as never);
    } catch (error) {
      throw explain(role, error);
    }
  };
}

/** A refused role must not be taken for the refusal of a key, which may just not be there. */
function explain({ field, arn }: AssumedRole, error: unknown): Error {
  const failure = toFailure('AssumeRole', arn, error);
  if (failure.passing && failure.code !== 'CredentialsProviderError') return failure;
  return new CopyError(
    'PermissionError',
    `${field}: ${failure.message}; the functions need the statement AssumeRoles, and the role TrustFunctions, ` +
      'which "s3copy policy" prints; the external id must be the one that the role asks for',
    { field },
    { cause: error },
  );
}

/** Keys or a profile of the user's machine. They are in the memory of the functions only. */
function givenCredentials({ arn, field }: AssumedRole): Provider {
  const given = LocalCredentials.parse(JSON.parse(process.env['LOCAL_CREDENTIALS'] ?? '{}'))[arn];
  if (given === undefined) {
    const flag = field === 'roles.copy' ? '-c' : '-d';
    const message = `${field}: the credentials of this run were given on the command line, which kept no copy: give them again by ${flag}`;
    return () => Promise.reject(new CopyError('PermissionError', message, { field }));
  }
  if ('profile' in given)
    return fromIni({
      profile: given.profile,
      clientConfig: { requestHandler: proxiedHandler() },
    }) as Provider;
  const { sessionToken, ...keys } = given;
  return () => Promise.resolve(sessionToken === undefined ? keys : { ...keys, sessionToken });
}
