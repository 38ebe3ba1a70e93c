import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { EventStoreDbServer } from '../eventStoreDbServer.ts';

/** Runs the recorded scenarios of a real server (the script named as argument) against the stand-in; its exit code is theirs. */
const [script] = process.argv.slice(2);
if (script === undefined) throw new Error('usage: conformance.ts PATH-OF-run.mjs');
const server = await EventStoreDbServer.start();
const scenarios = spawn(process.execPath, [script, server.url], { stdio: 'inherit' });
const [code] = (await once(scenarios, 'exit')) as [number | null];
await server.close();
process.exitCode = code ?? 1;
