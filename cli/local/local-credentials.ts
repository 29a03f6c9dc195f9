/** What signs requests, to S3 and to the Step Functions API. */
export interface LocalCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The credentials of everything that runs here, unless there is an S3 server with its own. */
export const localCredentials: LocalCredentials = { accessKeyId: 'local', secretAccessKey: 'locallocal' };

/** What a server of this machine says to a key that it does not know. Secrets that a user chose are not told. */
export function keyAdvice({ accessKeyId, secretAccessKey }: LocalCredentials): string {
  const isOurs = secretAccessKey === localCredentials.secretAccessKey;
  const secret = isOurs ? `secret key ${secretAccessKey}` : 'its secret key';
  return `This is a server of s3copy local: use access key ${accessKeyId} and ${secret}.`;
}
