import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** The console's libraries: the import name, and the file of the installed package to serve for it. */
const LIBRARIES: Record<string, { package: string; file: string }> = {
  preact: { package: 'preact', file: 'dist/preact.mjs' },
  'preact/hooks': { package: 'preact', file: 'hooks/dist/hooks.mjs' },
  htm: { package: 'htm', file: 'dist/htm.mjs' },
  uplot: { package: 'uplot', file: 'dist/uPlot.esm.js' },
};

const STYLES = { 'uplot.css': { package: 'uplot', file: 'dist/uPlot.min.css' } };

const FOLDER = 'libraries';
const IMPORT = new RegExp(`(from\\s*|import\\s*\\(\\s*)(["'])(${Object.keys(LIBRARIES).join('|')})\\2`, 'g');
const IMPORTED = /\bimport(\{[^}]*\})from(["'][^"']+["']);?/g;
const EXPORTED = /\bexport(\{[^}]*\});?\s*$/;
const DEFAULT = /\bexport default /;
const SOURCE_MAP = /\n?\/\/# sourceMappingURL=.*\s*$/;

const nameOf = (specifier: string): string => `${FOLDER}/${specifier.replace('/', '-')}.js`;

/** The file of each library by the path at which it is served. Throws if one is not installed. */
export function libraryFiles(): Map<string, string> {
  return new Map([
    ...Object.entries(LIBRARIES).map(([specifier, one]) => [nameOf(specifier), locate(one)] as const),
    ...Object.entries(STYLES).map(([name, one]) => [`${FOLDER}/${name}`, locate(one)] as const),
  ]);
}

/** Searches the folders that Node would; the package's `exports` name other files than browsers need. */
function locate({ package: name, file }: { package: string; file: string }): string {
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? [];
  const found = folders.map((folder) => join(folder, name, file)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${name} is not installed: npm ci installs it`);
  return found;
}

/**
 * The module with its imports of libraries as relative paths. Browsers resolve bare names only with
 * an import map, an inline script that the Content-Security-Policy forbids. `path`: where the module
 * is served.
 */
export function withLibraryPaths(source: string, path: string): string {
  const up = '../'.repeat(path.split('/').length - 1) || './';
  return source
    .replace(SOURCE_MAP, '\n')
    .replace(IMPORT, (_, keyword: string, quote: string, specifier: string) => {
      return `${keyword}${quote}${up}${nameOf(specifier)}${quote}`;
    });
}

/** A minified library with its imports and exports in the forms that joinModules knows. */
export const inJoinableForm = (source: string): string =>
  source
    .replace(IMPORTED, 'import $1 from $2;\n')
    .replace(EXPORTED, '\nexport $1;\n')
    .replace(DEFAULT, '\nexport default ');
