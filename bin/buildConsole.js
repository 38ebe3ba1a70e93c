// Compiles the console into dist/console, or into the folder given: its modules with tsc, its page and styles unchanged. Removes an
// earlier build first.
import { cpSync, rmSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const folder = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const target = process.argv[2] ?? folder('dist/console');

rmSync(target, { recursive: true, force: true });
execFileSync(process.execPath, [compiler, '-p', folder('src/console'), '--outDir', target], {
  stdio: 'inherit',
});
cpSync(folder('src/console/static'), target, { recursive: true });
