/** Credentials for requests to S3 and to the Step Functions API. */
export interface LocalCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The credentials of everything that runs locally, unless the user names another S3 server with its own. */
export const localCredentials: LocalCredentials = { accessKeyId: 'local', secretAccessKey: 'locallocal' };

/** The message to a client that uses an unknown access key. It does not reveal a secret key that the user chose. */
export function keyAdvice({ accessKeyId, secretAccessKey }: LocalCredentials): string {
  const isDefault = secretAccessKey === localCredentials.secretAccessKey;
  const secret = isDefault ? `secret key ${secretAccessKey}` : 'its secret key';
  return `This is a server of s3copy local: use access key ${accessKeyId} and ${secret}.`;
}
