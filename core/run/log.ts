import { Logger } from '@aws-lambda-powertools/logger';
import type { CopyRequest } from '../model/copy-request.ts';

/** Structured logs: fixed event names with fields. Never object content or credentials. */
export const logger = new Logger({ serviceName: 's3copy' });

/** Applies the `logLevel` of a request, which counts for one run's invocations only. */
export const setLogLevel = (level: CopyRequest['logLevel']): void => logger.setLogLevel(level);
