/**
 * `node --import ./bench/compile.js FILE` runs a bench as padron runs: compiled as `npm run build` compiles it, with the threads that it
 * built, and with the same setting of V8. tsx compiles otherwise: it adds a call to every function that is made, some 12 us a command.
 */
import { existsSync } from 'node:fs';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import '../bin/engine.js';

register('./compileHook.js', import.meta.url);

const built = fileURLToPath(new URL('../dist/', import.meta.url));
if (existsSync(built)) {
  const { startCompiledThreads } = await import('../src/embedded/threads/workerThread.ts');
  startCompiledThreads(built);
}
