import { existsSync, readFileSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RequestError } from '../errors/errors.ts';
import { digestOf, staticText, type Compressed, type StaticText } from '../answers/staticText.ts';
import { consoleTexts, pathsIn, SCRIPTS, STYLES } from './consoleTexts.ts';
import type { ShownOperation } from './shownOperations.ts';

/** The console, ready to be served. */
export interface ConsoleFiles {
  /** Names this state of all files; part of their addresses, so that they can be cached forever. */
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
 * Provides the console's files: those that `npm run build` made, read when a page is first requested; from the sources, compiled again
 * whenever a file has changed. Rejects with `no-such-path` if the console is not built.
 */
export function createConsoleFiles(facts: PageFacts, folder = FOLDER): LoadConsole {
  let loaded: { stamp: string; files: Promise<ConsoleFiles> } | null = null;
  const handOut = async (): Promise<ConsoleFiles> => {
    const missing = loaded && !IS_SOURCE ? null : missingConsole(folder);
    if (missing !== null) throw new RequestError('no-such-path', { detail: missing });
    const stamp = IS_SOURCE || !loaded ? stampOf(folder) : loaded.stamp;
    if (loaded?.stamp !== stamp) loaded = { stamp, files: load(folder, facts) };
    // The next request retries a failed load.
    loaded.files.catch(() => {
      loaded = null;
    });
    return loaded.files;
  };
  return handOut;
}

const stampOf = (folder: string): string =>
  pathsIn(folder)
    .map((path) => `${path} ${statSync(folder + path).mtimeMs}`)
    .join('\n');

async function load(folder: string, facts: PageFacts): Promise<ConsoleFiles> {
  const texts = new Map(IS_SOURCE ? await consoleTexts(folder) : builtTexts(folder));
  const page = texts.get(PAGE) ?? '';
  texts.delete(PAGE);
  const digest = digestOf([...texts].flat().join('\n'));
  const pages = LANGUAGES.map((language) => {
    const shown = pageOf(page, { ...facts, base: `/console/files/${digest}/`, language });
    return [language, staticText(shown, contentTypeOf(PAGE))] as const;
  });
  const files = [...texts].map(([path, text]) => {
    const compressed = IS_SOURCE ? {} : compressedIn(folder + path);
    return [path, staticText(text, contentTypeOf(path), compressed)] as const;
  });
  return {
    digest,
    files: new Map(files),
    pages: Object.fromEntries(pages) as ConsoleFiles['pages'],
  };
}

const contentTypeOf = (path: string): string => CONTENT_TYPES[extname(path)] ?? 'application/octet-stream';

const builtTexts = (folder: string): Map<string, string> =>
  new Map(
    pathsIn(folder)
      .filter((path) => extname(path) in CONTENT_TYPES)
      .map((path) => [path, readFileSync(folder + path, 'utf8')]),
  );

/** What the build stored next to each file except the page, which is completed when it is first requested. */
const compressedIn = (file: string): Compressed => ({
  br: readFileSync(`${file}.br`),
  gzip: readFileSync(`${file}.gz`),
});

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
  const later = SCRIPTS.filter((path) => !first.includes(path));
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
