import type { MiddlewareObj } from '@middy/core';
import * as z from 'zod';
import { CopyError } from '../model/errors.ts';

/** Replaces the raw event by the parsed one, or fails with `InvalidRequestError`. */
export function parseInput<T>(schema: z.ZodType<T>): MiddlewareObj<T> {
  return {
    before: (request) => {
      const result = schema.safeParse(request.event);
      if (!result.success) {
        throw new CopyError('InvalidRequestError', `input of the task: ${z.prettifyError(result.error)}`);
      }
      request.event = result.data;
    },
  };
}
