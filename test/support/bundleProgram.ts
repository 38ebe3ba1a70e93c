import { build, type Plugin } from 'esbuild';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** Not bundled: native code, and the servers' clients, which few of the started processes load. */
const EXTERNAL = ['@eventstore/db-client', '@photostructure/sqlite', 'bcrypt', 'mongodb'];
/** For the CommonJS packages in the bundle. */
const REQUIRE = `import { createRequire as requireFor } from 'node:module'; const require = requireFor(import.meta.url);`;

/** What else the tests start in processes of their own, by the name of the compiled file. */
export const OTHER_PROGRAMS = {
  /** padron, which ends at a chosen write. */
  dieAtWrite: 'test/crash/support/dieAtWrite.ts',
  /** The stand-in for EventStoreDB. */
  eventStoreDb: 'test/support/eventstoredb/main.ts',
} as const;

/**
 * Compiles padron with its threads, and the other programs, into a folder, with the packages that they use, because a process loads a few
 * large files in half the time of some hundred small ones. The folder's path ends with a slash.
 */
export async function bundleProgram(root: string, folder: string): Promise<void> {
  const threads = readdirSync(`${root}src/embedded`, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('Worker.ts'))
    .map((path) => `embedded/${path.slice(0, -3)}`);
  const own = ['cli/main', ...threads].map((name) => [name, `src/${name}.ts`]);
  await build({
    absWorkingDir: root,
    entryPoints: { ...Object.fromEntries(own), ...OTHER_PROGRAMS },
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: true,
    external: EXTERNAL,
    banner: { js: REQUIRE },
    plugins: [ownAddresses(root, folder)],
    logLevel: 'error',
  });
  removeOld(folder);
}

/** Removes programs compiled from earlier sources. Only after a day, because another run in this checkout may still load them. */
function removeOld(folder: string): void {
  const dayAgo = Date.now() - 86_400_000;
  for (const name of readdirSync(folder).filter((one) => one.includes('.'))) {
    if (statSync(folder + name).mtimeMs < dayAgo) rmSync(folder + name, { recursive: true });
  }
}

/** Gives each module the address that it has if compiled alone, relative to which it finds threads, console and package.json. */
const ownAddresses = (root: string, folder: string): Plugin => ({
  name: 'own addresses',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      if (!text.includes('import.meta.url')) return null;
      const compiled = path.replace(`${root}src/`, folder).replace(/\.ts$/, '.js');
      const contents = text.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(compiled).href));
      return { contents, loader: 'ts' };
    });
  },
});
