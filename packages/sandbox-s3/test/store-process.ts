import type { Rule } from '../src/rules/rule.ts';
import { startSandboxStore } from '../src/server.ts';

// Runs a store in this process. The arguments are the data directory, and the rules as JSON.
const [dataDirectory = '', faults = '[]'] = process.argv.slice(2);
const store = await startSandboxStore({ dataDirectory, faults: JSON.parse(faults) as Rule[] });
process.send?.(store.url);
process.on('message', () => process.send?.(process.resourceUsage().maxRSS));
