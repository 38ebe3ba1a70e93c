import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { setImmediate as nextTick } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { RequestError } from '../errors/errors.ts';
import { digestOf, staticText, type StaticText } from '../answers/staticText.ts';
import { compileSource } from './compileSource.ts';
import { joinModules, type JoinedFiles } from './joinModules.ts';
import type { ShownOperation } from './shownOperations.ts';
import { inJoinableForm, libraryFiles, withLibraryPaths } from './libraries.ts';

/** The console, ready to be served. */
export interface ConsoleFiles {
  /** Names this state of all files; part of their addresses, so that they can be cached for good. */
  digest: string;
  /** By path, relative to the folder of the digest. */
  files: ReadonlyMap<string, StaticText>;
  /** Each names the texts of its language among the files of the first screen. */
  pages: Readonly<Record<PageLanguage, StaticText>>;
}

/** Loads the console's files, or returns those that it loaded before. */
export type LoadConsole = () => Promise<ConsoleFiles>;

const LANGUAGES = ['en', 'es'] as const;
export type PageLanguage = (typeof LANGUAGES)[number];

/** What the page tells its scripts about the service. */
interface PageFacts {
  /** The time zone in which the service reads dates. */
  timeZone: string;
  operations: Readonly<Record<string, ShownOperation>>;
}

const CONTENT_TYPES: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.html': 'text/html; charset=utf-8',
};

const PAGE = 'index.html';
/** One file: the order of the parts is their alphabetical order. */
const STYLES = 'styles.css';
/** What the page loads first begins to load the rest; the screens beyond the first, and the other language, come when they are needed. */
const JOINED: JoinedFiles = {
  'start.js': ['start.js'],
  'main.js': ['main.js'],
  'texts-en.js': ['texts/en/texts.js'],
  'texts-es.js': ['texts/es/texts.js'],
  'screens.js': null,
};
/** Fetched where they are needed. All others are joined with the modules. */
const LATER_LIBRARIES = /^libraries\/uplot/;
const FIRST = ['start.js', 'main.js'];

const FOLDER = fileURLToPath(new URL('../../console/', import.meta.url));
/** In a checkout the server may run from its sources: the console is then compiled when a page is asked for. */
const IS_SOURCE = import.meta.url.endsWith('.ts');

/** A warning if this installation lacks the console, as after a build of the server alone; null if it has one. */
export const missingConsole = (folder = FOLDER): string | null =>
  [PAGE, `static/${PAGE}`].some((path) => existsSync(folder + path))
    ? null
    : 'the console is not built, only the API is served: npm run build builds it';

/**
 * Hands out the console's files: those that `npm run build` made, read when a page is first asked for, which takes some 20 ms; from the
 * sources, compiled again whenever a file has changed. Rejects with `no-such-path` if the console is not built.
 */
export function createConsoleFiles(facts: PageFacts, folder = FOLDER): LoadConsole {
  let loaded: { stamp: string; files: Promise<ConsoleFiles> } | null = null;
  const handOut = async (): Promise<ConsoleFiles> => {
    const missing = loaded && !IS_SOURCE ? null : missingConsole(folder);
    if (missing !== null) throw new RequestError('no-such-path', { detail: missing });
    const stamp = IS_SOURCE || !loaded ? stampOf(folder) : loaded.stamp;
    if (loaded?.stamp !== stamp) loaded = { stamp, files: load(folder, facts) };
    // What could not be loaded is tried again by the next request.
    loaded.files.catch(() => {
      loaded = null;
    });
    return loaded.files;
  };
  return handOut;
}

const pathsIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => statSync(folder + path).isFile());

const stampOf = (folder: string): string =>
  pathsIn(folder)
    .map((path) => `${path} ${statSync(folder + path).mtimeMs}`)
    .join('\n');

async function load(folder: string, facts: PageFacts): Promise<ConsoleFiles> {
  const texts = new Map<string, string>();
  for (const path of pathsIn(folder)) {
    const text = await textOf(folder, path);
    if (text !== null) texts.set(servedPath(path), text);
  }
  joinStyles(texts);
  for (const [path, file] of libraryFiles()) texts.set(path, readFileSync(file, 'utf8'));
  const page = texts.get(PAGE) ?? '';
  texts.delete(PAGE);
  // Requests are answered between the steps.
  await nextTick();
  const files = joinedFiles(texts);
  await nextTick();
  const digest = digestOf([...files].flat().join('\n'));
  const pages = LANGUAGES.map((language) => {
    const shown = pageOf(page, { ...facts, base: `/console/files/${digest}/`, language });
    return [language, servedFile(PAGE, shown)] as const;
  });
  return {
    digest,
    files: new Map([...files].map(([path, text]) => [path, servedFile(path, text)])),
    pages: Object.fromEntries(pages) as ConsoleFiles['pages'],
  };
}

/** The text that is served for a file of the folder; null for one that is not served (configuration, build records). */
async function textOf(folder: string, path: string): Promise<string | null> {
  if (!['.ts', ...Object.keys(CONTENT_TYPES)].includes(extname(path))) return null;
  const text = readFileSync(folder + path, 'utf8');
  return path.endsWith('.ts') ? compileSource(text) : text;
}

/** The files of `static/` are served at the top, where the build copies them. */
const servedPath = (path: string): string => path.replace(/^static\//, '').replace(/\.ts$/, '.js');

const servedFile = (path: string, text: string): StaticText =>
  staticText(text, CONTENT_TYPES[extname(path)] ?? 'application/octet-stream');

/** Puts the style sheets together: each file costs the first screen a request. */
function joinStyles(texts: Map<string, string>): void {
  const parts = [...texts]
    .filter(([path]) => path.startsWith('styles/'))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [path] of parts) texts.delete(path);
  texts.set(STYLES, parts.map(([, text]) => text).join('\n'));
}

/** The files as they are served: modules joined, all others as they are. */
function joinedFiles(texts: ReadonlyMap<string, string>): Map<string, string> {
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

interface PageParts extends PageFacts {
  base: string;
  language: PageLanguage;
}

/**
 * The page names the files of the first screen, so that the browser fetches them at once instead of one after the other; src/console turns
 * the links to the others into preloads (app/modules.ts).
 */
function pageOf(template: string, { base, language, timeZone, operations }: PageParts): string {
  const link = (rel: string, path: string): string => `<link rel="${rel}" href="${base}${path}" />`;
  const first = [...FIRST, `texts-${language}.js`];
  const later = Object.keys(JOINED).filter((path) => !first.includes(path));
  const links = [
    link('stylesheet', STYLES),
    ...first.map((path) => link('modulepreload', path)),
    ...later.map((path) => link('later', path)),
  ];
  return template
    .replace('<!-- files -->', links.join('\n    '))
    .replaceAll('{base}', base)
    .replace('{timeZone}', timeZone)
    .replace('{operations}', () => JSON.stringify(operations).replaceAll('"', '&quot;'));
}
