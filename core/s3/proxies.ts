import type { AgentOptions } from 'node:http';

/** This machine is never reached through a proxy: its servers are those of s3copy itself, or run next to it. */
const loopback = ['localhost', '127.0.0.1', '[::1]', '::1'];

/** A variable of the environment in small letters or, as AWS tools read it too, in capital ones. */
const variable = (name: string): string => process.env[name] || process.env[name.toUpperCase()] || '';

/** `proxy:3128` is a URL for AWS tools. */
const asUrl = (proxy: string): string => (proxy.includes('://') ? proxy : `http://${proxy}`);

/** Settings of connections that go through the proxies which HTTPS_PROXY, HTTP_PROXY and NO_PROXY name. */
export function proxied(): Pick<AgentOptions, 'proxyEnv'> {
  const [https, http] = [variable('https_proxy'), variable('http_proxy')];
  if (https === '' && http === '') return {};
  const direct = [variable('no_proxy'), ...loopback].filter((host) => host !== '');
  return {
    proxyEnv: {
      ...(https === '' ? {} : { HTTPS_PROXY: asUrl(https) }),
      ...(http === '' ? {} : { HTTP_PROXY: asUrl(http) }),
      NO_PROXY: direct.join(','),
    },
  };
}

/** The request handler of a client that has no other settings for it. */
export const proxiedHandler = () => ({ httpAgent: proxied(), httpsAgent: proxied() });
