import { CopyError } from '../core/model/errors.ts';
import { UsageError } from './usage-error.ts';

/** What to do about errors of AWS that a user can put right. */
const advice: Readonly<Record<string, string>> = {
  StateMachineDoesNotExist:
    'compare --state-machine or S3COPY_STATE_MACHINE with StateMachineArn, an output of the stack',
  ExecutionDoesNotExist: 'name it by the ARN, or by the name that its run began with',
  UnrecognizedClientException: 'the access key is not known there: check AWS_PROFILE or AWS_ACCESS_KEY_ID',
  InvalidAccessKeyId: 'the access key is not known there: check AWS_PROFILE or AWS_ACCESS_KEY_ID',
  InvalidSignatureException: 'the secret key is wrong: check AWS_PROFILE or AWS_SECRET_ACCESS_KEY',
  SignatureDoesNotMatch: 'the secret key is wrong: check AWS_PROFILE or AWS_SECRET_ACCESS_KEY',
  ExpiredToken: 'the credentials have expired: sign in again, as by "aws sso login"',
  ExpiredTokenException: 'the credentials have expired: sign in again, as by "aws sso login"',
};

/** Why no server was reached, by the code of Node. */
const unreachable: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no host of this name: check the region in the ARN, or the URL of the endpoint',
  EAI_AGAIN: 'names of hosts cannot be looked up: check the network of this machine',
  ECONNREFUSED:
    'no server listens there: check the URL of the endpoint or of HTTPS_PROXY, and that the server is running',
  ECONNRESET: 'the connection was cut: check the network, or a proxy on the way',
  ETIMEDOUT: 'it does not answer: check the network, and HTTPS_PROXY where there is a proxy',
  EHOSTUNREACH: 'there is no way to it: check the network, and HTTPS_PROXY where there is a proxy',
  ENETUNREACH: 'there is no way to it: check the network, and HTTPS_PROXY where there is a proxy',
  EPROTO: 'it does not speak TLS: check whether the URL of the endpoint begins with http:// or https://',
};

interface NetworkError extends Error {
  readonly code?: string;
  /** Of a name with several addresses: an error for each, and no message of its own. */
  readonly errors?: readonly Error[];
}

/** What is wrong, and what to do about it, when no server was reached; undefined for any other error. */
export function networkText(error: unknown): string | undefined {
  const { code = '', message, errors = [] } = error as NetworkError;
  const what = unreachable[code];
  if (what === undefined) return undefined;
  const [line = ''] = (message || errors.map((each) => each.message).join(', ')).split('\n');
  return `${line} (${what})`;
}

/** What AWS tools look for when no credentials are named. */
function credentialsText(message: string): string {
  const profile = process.env['AWS_PROFILE'];
  const found =
    profile === undefined
      ? 'there are no AWS credentials'
      : `the profile ${JSON.stringify(profile)} of AWS_PROFILE gives no credentials`;
  return `${found}: set AWS_PROFILE, or sign in by "aws configure" or "aws sso login" (${message})`;
}

/** An error of the command line in one line: what is wrong, and what to do. */
export function explainError(error: unknown): string {
  const { name, message } = error as Error;
  if (error instanceof UsageError || name === 'ConnectionLost') return message;
  if (error instanceof CopyError) return `${name}: ${message}`;
  if (name === 'CredentialsProviderError') return credentialsText(message);
  const network = networkText(error);
  if (network !== undefined) return network;
  return `${name}: ${message}${advice[name] === undefined ? '' : ` (${advice[name]})`}`;
}
