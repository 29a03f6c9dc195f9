import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { proxiedHandler } from '../core/s3/proxies.ts';

/** What every client of the command line has: the credentials and the proxies that AWS tools find. */
export function clientSettings() {
  const requestHandler = proxiedHandler();
  // Single sign-on and roles of profiles are asked for credentials by clients of their own.
  return { requestHandler, credentials: fromNodeProviderChain({ clientConfig: { requestHandler } }) };
}
