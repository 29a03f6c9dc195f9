import type { Rule } from '../src/rules/rule.ts';
import { startSandboxStore } from '../src/server.ts';

// A store in a process of its own: arguments are the data directory and its faults as JSON.
const [dataDirectory = '', faults = '[]'] = process.argv.slice(2);
const store = await startSandboxStore({ dataDirectory, faults: JSON.parse(faults) as Rule[] });
process.send?.(store.url);
process.on('message', () => process.send?.(process.resourceUsage().maxRSS));
