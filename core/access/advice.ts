import type { S3Error } from '../s3/failures.ts';
import { adviceOn } from './iam-actions.ts';

/** What a denied request lacked, to be put behind its words. */
export const adviceFor = ({ code, operation, message }: S3Error): string =>
  code === 'AccessDenied' ? adviceOn(operation, message) : '';
