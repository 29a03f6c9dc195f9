import { readFileSync, statSync } from 'node:fs';
import { fromIni } from '@aws-sdk/credential-providers';
import { localRoles } from '../core/model/roles.ts';
import { proxiedHandler } from '../core/s3/proxies.ts';
import type { Arguments } from './arguments.ts';
import { UsageError } from './usage-error.ts';

/** Keys of a file, or a profile that the functions read themselves, so that it refreshes. */
type Given =
  | { readonly profile: string }
  | { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };

/** What stands for roles on this machine, by the ARN that stands for it in the request. */
export type RoleCredentials = Readonly<Record<string, Given>>;

const flags = { 'roles-copy': '-c', 'roles-destination': '-d' } as const;

/**
 * Takes profiles and files of keys out of `-c` and `-d`: a name takes their place in the request, and the keys go to
 * the memory of the functions alone.
 *
 * @throws {UsageError} when one is neither, or does not run here
 */
export async function takeRoles(
  args: Arguments,
  isLocal: boolean,
): Promise<{ readonly args: Arguments; readonly credentials: RoleCredentials }> {
  const given = new Map(args.given);
  const credentials: Record<string, Given> = {};
  for (const [name, flag] of Object.entries(flags)) {
    const text = given.get(name);
    if (typeof text !== 'string' || text.startsWith('arn:')) continue;
    if (!isLocal) {
      throw new UsageError(
        `${flag}: ${JSON.stringify(text)} is not the ARN of a role; profiles and files of keys need --local`,
      );
    }
    const arn = `${localRoles}${name.slice('roles-'.length)}`;
    credentials[arn] = isFile(text) ? keysOf(flag, text) : await profileOf(flag, text);
    given.set(name, arn);
  }
  return { args: { ...args, given }, credentials };
}

/**
 * Reads the credentials for the roles of a run that continues on this machine, since the request of a run has no keys. The roles themselves
 * are in the request.
 *
 * @throws {UsageError} for anything but a profile or a file of keys, or when the run is not on this machine
 */
export async function takeRolesAgain(args: Arguments, isLocal: boolean): Promise<RoleCredentials> {
  for (const [name, flag] of Object.entries(flags)) {
    const text = args.given.get(name);
    if (typeof text !== 'string' || (isLocal && !text.startsWith('arn:'))) continue;
    throw new UsageError(
      `${flag}: a redrive continues with the roles that the run was started with; only profiles and files of keys are given again, with --local`,
    );
  }
  return (await takeRoles(args, isLocal)).credentials;
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

/** A file of s3cmd. The message of an error never has a line of it. */
function keysOf(flag: string, path: string): Given {
  const values = new Map<string, string>();
  let section = 'default';
  for (const line of readFileSync(path, 'utf8').split(/\r?\n/)) {
    section = /^\s*\[([^\]]+)\]/.exec(line)?.[1]?.trim() ?? section;
    const [, name, value] = /^\s*(\w+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (section === 'default' && name !== undefined && value !== undefined) values.set(name, value);
  }
  const [accessKeyId, secretAccessKey] = [values.get('access_key'), values.get('secret_key')];
  const sessionToken = values.get('access_token') || undefined;
  if (!accessKeyId || !secretAccessKey) {
    throw new UsageError(`${flag}: ${path} has no access_key and secret_key in its section [default]`);
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
}

async function profileOf(flag: string, profile: string): Promise<Given> {
  try {
    await fromIni({
      profile,
      clientConfig: { requestHandler: proxiedHandler() },
    })();
    return { profile };
  } catch (error) {
    const { message } = error as Error;
    throw new UsageError(
      `${flag}: ${JSON.stringify(profile)} is neither a file nor a profile with credentials (${message})`,
    );
  }
}

const credentialFiles = ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'];
const proxyVariables = ['http_proxy', 'https_proxy', 'no_proxy'].flatMap((name) => [
  name,
  name.toUpperCase(),
]);

/** Builds the environment for the functions of this machine. It is in memory only. */
export function environmentOf(credentials: RoleCredentials): Record<string, string> {
  const inherited = [...credentialFiles, ...proxyVariables].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(inherited), LOCAL_CREDENTIALS: JSON.stringify(credentials) };
}
