// Builds the console into dist/console, or into the folder given, as browsers get it: its modules compiled with tsc and joined, its styles
// joined, and beside each file its compressed forms. The page is completed by the server, so it has none. Removes an earlier build first.
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { tsImport } from 'tsx/esm/api';

const folder = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const target = process.argv[2] ?? folder('dist/console');
const { consoleTexts } = await tsImport('../src/http/pages/consoleTexts.ts', import.meta.url);

const compiled = mkdtempSync(join(tmpdir(), 'padron-console-'));
try {
  execFileSync(process.execPath, [compiler, '-p', folder('src/console'), '--outDir', compiled], {
    stdio: 'inherit',
  });
  cpSync(folder('src/console/static'), compiled, { recursive: true });
  const texts = await consoleTexts(`${compiled}/`);
  rmSync(target, { recursive: true, force: true });
  for (const [path, text] of texts) write(join(target, path), text);
} finally {
  rmSync(compiled, { recursive: true, force: true });
}

function write(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  if (basename(file) === 'index.html') return;
  writeFileSync(`${file}.br`, brotliCompressSync(text));
  writeFileSync(`${file}.gz`, gzipSync(text, { level: 9 }));
}
