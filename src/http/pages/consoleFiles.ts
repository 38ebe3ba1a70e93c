import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { digestOf, prepareStaticText, type StaticText } from '../answers/staticText.ts';
import { compileSource } from './compileSource.ts';
import { libraryFiles, withLibraryPaths } from './libraries.ts';

/** The console, ready to be served. */
export interface ConsoleFiles {
  /** Names this state of all files; part of their addresses, so that they can be cached for good. */
  digest: string;
  /** By path, relative to the folder of the digest. */
  files: ReadonlyMap<string, StaticText>;
  page: StaticText;
}

const CONTENT_TYPES: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.html': 'text/html; charset=utf-8',
};

const PAGE = 'index.html';
/** Named by the module that uses it. */
const UNNAMED = /^libraries\/uplot\./;
/** Loaded when its screen is first shown or its language wanted, or when the page has nothing else to do. */
const LATER = /^(texts\/(en|es)|screens\/(?!roll|signIn))/;
/** What start.js needs. */
const FIRST =
  /^(start|app\/(apiDescription|modules|preferences|store)|texts\/texts|libraries\/preact.*|styles)\.(js|css)$/;
/** One file: the order of the parts is their alphabetical order. */
const STYLES = 'styles.css';

const FOLDER = fileURLToPath(new URL('../../console/', import.meta.url));
/** In a checkout the server may run from its sources: the console is then compiled when a page is asked for. */
const IS_SOURCE = import.meta.url.endsWith('.ts');

/**
 * Hands out the console's files: those that `npm run build` made, read and compressed once at the start, so that the first page does not
 * wait for that; from the sources, compiled again whenever a file has changed. Rejects when the console has not been built.
 */
export function createConsoleFiles(): () => Promise<ConsoleFiles> {
  let loaded: { stamp: string; files: Promise<ConsoleFiles> } | null = null;
  const handOut = (): Promise<ConsoleFiles> => {
    const stamp = IS_SOURCE || !loaded ? stampOf(FOLDER) : loaded.stamp;
    if (loaded?.stamp !== stamp) loaded = { stamp, files: load() };
    // What could not be loaded is tried again by the next request.
    loaded.files.catch(() => {
      loaded = null;
    });
    return loaded.files;
  };
  if (!IS_SOURCE) setImmediate(() => void handOut().catch(() => undefined));
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

async function load(): Promise<ConsoleFiles> {
  const texts = new Map<string, string>();
  for (const path of pathsIn(FOLDER)) {
    const text = await textOf(path);
    if (text !== null) texts.set(servedPath(path), text);
  }
  joinStyles(texts);
  for (const [path, file] of libraryFiles()) texts.set(path, readFileSync(file, 'utf8'));
  const page = texts.get(PAGE);
  if (page === undefined) throw new Error(`${FOLDER} has no ${PAGE}: npm run build makes it`);
  texts.delete(PAGE);
  for (const [path, text] of texts) if (path.endsWith('.js')) texts.set(path, withLibraryPaths(text, path));
  const digest = digestOf([...texts].flat().join('\n'));
  const served = [...texts].map(async ([path, text]) => [path, await servedFile(path, text)] as const);
  const shown = pageOf(page, { base: `/console/files/${digest}/`, paths: [...texts.keys()] });
  return {
    digest,
    files: new Map(await Promise.all(served)),
    page: await servedFile(PAGE, shown),
  };
}

/** The text that is served for a file of the folder; null for one that is not served (configuration, build records). */
async function textOf(path: string): Promise<string | null> {
  if (!['.ts', ...Object.keys(CONTENT_TYPES)].includes(extname(path))) return null;
  const text = readFileSync(FOLDER + path, 'utf8');
  return path.endsWith('.ts') ? compileSource(text) : text;
}

/** The files of `static/` are served at the top, where the build copies them. */
const servedPath = (path: string): string => path.replace(/^static\//, '').replace(/\.ts$/, '.js');

const servedFile = (path: string, text: string): Promise<StaticText> =>
  prepareStaticText(text, CONTENT_TYPES[extname(path)] ?? 'application/octet-stream');

/** Puts the style sheets together: each file costs the first screen a request. */
function joinStyles(texts: Map<string, string>): void {
  const parts = [...texts]
    .filter(([path]) => path.startsWith('styles/'))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [path] of parts) texts.delete(path);
  texts.set(STYLES, parts.map(([, text]) => text).join('\n'));
}

/**
 * The page names every module, so that the browser fetches those of the first screen at once instead of one after the other; src/console
 * turns the links to the others into preloads (app/modules.ts).
 */
function pageOf(template: string, { base, paths }: { base: string; paths: string[] }): string {
  const links = paths
    .filter((path) => !UNNAMED.test(path))
    .sort((a, b) => Number(!FIRST.test(a)) - Number(!FIRST.test(b)) || (a < b ? -1 : 1))
    .flatMap((path) => {
      if (path.endsWith('.js'))
        return [`<link rel="${LATER.test(path) ? 'later' : 'modulepreload'}" href="${base}${path}" />`];
      return path.endsWith('.css') ? [`<link rel="stylesheet" href="${base}${path}" />`] : [];
    });
  return template.replace('<!-- files -->', links.join('\n    ')).replaceAll('{base}', base);
}
