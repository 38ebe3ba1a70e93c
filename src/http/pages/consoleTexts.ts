import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { compileSource } from './compileSource.ts';
import { joinModules, type JoinedFiles } from './joinModules.ts';
import { inJoinableForm, libraryFiles, withLibraryPaths } from './libraries.ts';

/** The first file loads the others; the screens after the first one, and the other language, are loaded when they are needed. */
const JOINED: JoinedFiles = {
  'start.js': ['start.js'],
  'main.js': ['main.js'],
  'texts-en.js': ['texts/en/texts.js'],
  'texts-es.js': ['texts/es/texts.js'],
  'screens.js': null,
};
/** The files with the console's modules. */
export const SCRIPTS: readonly string[] = Object.keys(JOINED);
/** One file, its parts in alphabetical order. */
export const STYLES = 'styles.css';
/** Fetched where they are needed. All others are joined with the modules. */
const LATER_LIBRARIES = /^libraries\/uplot/;
/** All others are configuration and build records. */
const CONSOLE_TYPES = ['.ts', '.js', '.css', '.svg', '.html'];

/** The paths of all files in a folder, relative to it; `folder` ends with a slash. */
export const pathsIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => statSync(folder + path).isFile());

/**
 * The files that a browser gets, by path: modules and style sheets joined, each with the libraries that it needs. `folder`: the console's
 * sources, or what tsc made of them; it ends with a slash. Rejects if joinModules does not understand a module, or a library is not
 * installed.
 */
export async function consoleTexts(folder: string): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const path of pathsIn(folder).filter((one) => CONSOLE_TYPES.includes(extname(one)))) {
    const text = readFileSync(folder + path, 'utf8');
    texts.set(servedPath(path), path.endsWith('.ts') ? await compileSource(text) : text);
  }
  for (const [path, file] of libraryFiles()) texts.set(path, readFileSync(file, 'utf8'));
  return withJoinedModules(withJoinedStyles(texts));
}

/** The files of `static/` are served at the top. */
const servedPath = (path: string): string => path.replace(/^static\//, '').replace(/\.ts$/, '.js');

/** Puts the style sheets together: each file costs the first screen a request. */
function withJoinedStyles(texts: ReadonlyMap<string, string>): Map<string, string> {
  const isStyle = (path: string): boolean => path.startsWith('styles/');
  const parts = [...texts].filter(([path]) => isStyle(path)).sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map([
    ...[...texts].filter(([path]) => !isStyle(path)),
    [STYLES, parts.map(([, text]) => text).join('\n')],
  ]);
}

function withJoinedModules(texts: ReadonlyMap<string, string>): Map<string, string> {
  const linked = [...texts].map(
    ([path, text]) => [path, path.endsWith('.js') ? withLibraryPaths(text, path) : text] as const,
  );
  const isJoined = (path: string): boolean => path.endsWith('.js') && !LATER_LIBRARIES.test(path);
  const modules = new Map(
    linked
      .filter(([path]) => isJoined(path))
      .map(([path, text]) => [path, path.startsWith('libraries/') ? inJoinableForm(text) : text]),
  );
  return new Map([...joinModules(modules, JOINED), ...linked.filter(([path]) => !isJoined(path))]);
}
