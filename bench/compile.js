/**
 * `node --import ./bench/compile.js FILE` runs a bench as padron runs: compiled as `npm run build` compiles it, and with the same setting
 * of V8. tsx compiles otherwise: it adds a call to every function that is made, some 12 us a command.
 */
import { register } from 'node:module';
import '../bin/engine.js';

register('./compileHook.js', import.meta.url);
