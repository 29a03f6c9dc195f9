import type { Answer } from '../http/answer.ts';
import { element } from '../http/xml-writer.ts';
import type { S3Error } from '../s3-error.ts';
import { stsNamespace } from './assume-role.ts';

/**
 * What the security token service calls an error that S3 has another name for, and its status.
 *
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html (read 2026-11-25)
 */
const names: Readonly<Record<string, readonly [code: string, status: number]>> = {
  AuthorizationHeaderMalformed: ['IncompleteSignature', 400],
  ExpiredToken: ['ExpiredTokenException', 403],
  InvalidAccessKeyId: ['InvalidClientTokenId', 403],
  InvalidArgument: ['ValidationError', 400],
  InvalidToken: ['InvalidClientTokenId', 403],
  NotImplemented: ['InvalidAction', 400],
  RequestTimeTooSkewed: ['SignatureDoesNotMatch', 403],
};

/** The answer to a request of the security token service that failed. */
export function stsErrorAnswer(error: S3Error, id: string): Answer {
  const [code, status] = names[error.code] ?? [error.code, error.status];
  const children = [
    element('Type', status < 500 ? 'Sender' : 'Receiver'),
    element('Code', code),
    element('Message', error.message),
  ];
  const content = [element('Error', children), element('RequestId', id)];
  const root = element('ErrorResponse', content, stsNamespace);
  return { status, headers: { 'content-type': 'text/xml' }, body: root?.xml ?? '' };
}
