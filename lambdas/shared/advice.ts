import { adviceOn } from '../core/rights.ts';
import type { S3Failure } from '../s3/failures.ts';

/** What a denied request lacked, to be put behind its words. */
export const adviceFor = ({ code, operation, message }: S3Failure): string =>
  code === 'AccessDenied' ? adviceOn(operation, message) : '';
