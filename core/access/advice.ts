import type { S3Error } from '../s3/failures.ts';
import { adviceOn } from './iam-actions.ts';

/** The permission that a denied request lacked, to append to its message. */
export const adviceFor = ({ code, operation, message }: S3Error): string =>
  code === 'AccessDenied' ? adviceOn(operation, message) : '';
