import { posix } from 'node:path';

/** The names of the joined files, each with its entry modules; null: all modules that no other file has. */
export type JoinedFiles = Readonly<Record<string, readonly string[] | null>>;

interface Module {
  path: string;
  /** The paths that it imports statically. */
  imports: readonly string[];
  text: string;
}

const NAMES = /^export (?:async function\*?|function\*?|class|const) ([\w$]+)/gm;
const EXPORT = /^export (?=(?:async function\*?|function\*?|class|const) )/gm;
const EXPORT_DEFAULT = /^export default /m;
const LIST = /^export \{([^}]*)\};?$/gm;
const IMPORT = /^import (\{[^}]*\}|\* as [\w$]+|[\w$]+) from (["'])([^"']+)\2;?$/gm;
const LOAD = /\bimport\((["'])(\.{1,2}\/[^"']+)\1\)/g;
const ADDRESS = /\bnew URL\((["'])(\.{1,2}\/[^"']+)\1(, import\.meta\.url\))/g;
const LEFT = /^(?:import|export)\b.*/m;

const resolve = (from: string, specifier: string): string => posix.join(posix.dirname(from), specifier);

/**
 * Joins modules into a few files: each file costs a browser a few milliseconds, however small it is. A module keeps its own scope and
 * runs once, in the file that contains it. An import that is not in `modules` stays a file of its own.
 *
 * Understands the forms of import and export that the console's modules use, and its libraries after inJoinableForm (libraries.ts).
 * Throws for any other form, and for modules that import each other.
 */
export function joinModules(
  modules: ReadonlyMap<string, string>,
  files: JoinedFiles,
): ReadonlyMap<string, string> {
  const read = new Map([...modules].map(([path, text]) => [path, readModule(path, text)]));
  const homes = homesOf(read, files);
  const joined = new Map<string, string>();
  for (const name of Object.keys(files)) {
    const own = [...homes].filter(([, home]) => home === name).map(([path]) => read.get(path) as Module);
    joined.set(name, fileOf(own, homes));
  }
  return joined;
}

function readModule(path: string, source: string): Module {
  const imports: string[] = [];
  const names = [...source.matchAll(NAMES)].map(([, name]) => name);
  if (EXPORT_DEFAULT.test(source)) names.push('default: $default');
  for (const [, list = ''] of source.matchAll(LIST)) names.push(...exportedNames(list));
  const text = source
    .replace(IMPORT, (_, what: string, _quote, specifier: string) => {
      const from = resolve(path, specifier);
      imports.push(from);
      return bindingOf(what, from);
    })
    .replace(EXPORT, '')
    .replace(EXPORT_DEFAULT, 'const $default = ')
    .replace(LIST, '')
    .trim();
  const left = LEFT.exec(text);
  if (left) throw new Error(`${path} cannot be joined with other modules: ${left[0]}`);
  return {
    path,
    imports,
    text: `$modules['${path}'] = (() => {\n${text}\nreturn { ${names.join(', ')} };\n})();\n`,
  };
}

/** The members of a module's object for a list of exports: `k as h` is `h: k`. */
const exportedNames = (list: string): string[] =>
  list
    .split(',')
    .map((one) => one.trim().replace(/^([\w$]+) as ([\w$]+)$/, '$2: $1'))
    .filter((one) => one !== '');

/** A declaration of the names that the import declares. */
function bindingOf(what: string, from: string): string {
  const module = `$modules['${from}']`;
  if (what.startsWith('{')) return `const ${what.replace(/ as /g, ': ')} = ${module};`;
  if (what.startsWith('*')) return `const ${what.slice('* as '.length)} = ${module};`;
  return `const ${what} = ${module}.default;`;
}

/** The file of each module. A module comes after everything that it imports. */
function homesOf(modules: ReadonlyMap<string, Module>, files: JoinedFiles): Map<string, string> {
  const homes = new Map<string, string>();
  const entered = new Set<string>();
  const enter = (path: string, file: string): void => {
    const found = modules.get(path);
    if (!found || homes.has(path)) return;
    if (entered.has(path)) throw new Error(`${path} imports itself through other modules`);
    entered.add(path);
    for (const imported of found.imports) enter(imported, file);
    homes.set(path, file);
  };
  for (const [file, entries] of Object.entries(files)) {
    for (const path of entries ?? modules.keys()) enter(path, file);
  }
  return homes;
}

function fileOf(own: readonly Module[], homes: ReadonlyMap<string, string>): string {
  const paths = new Set(own.map(({ path }) => path));
  const outside = own.flatMap(({ imports }) => imports).filter((path) => !paths.has(path));
  const others = [...new Set(outside.map((path) => homes.get(path)))].filter((file) => file !== undefined);
  const libraries = [...new Set(outside.filter((path) => !homes.has(path)))];
  return [
    ...others.map((file, index) => `import { $modules as $other${index} } from './${file}';\n`),
    ...libraries.map((path, index) => `import * as $library${index} from './${path}';\n`),
    `const $modules = { ${others.map((_, index) => `...$other${index}`).join(', ')} };\n`,
    ...libraries.map((path, index) => `$modules['${path}'] = $library${index};\n`),
    ...own.map(({ path, text }) => withLoads(text, path, homes)),
    'export { $modules };\n',
  ].join('');
}

/** The text with its dynamic imports and its URLs relative to the joined files. */
const withLoads = (text: string, path: string, homes: ReadonlyMap<string, string>): string =>
  text
    .replace(LOAD, (_, _quote, specifier: string) => {
      const wanted = resolve(path, specifier);
      const home = homes.get(wanted);
      if (home === undefined) return `import('./${wanted}')`;
      return `import('./${home}').then(({ $modules }) => $modules['${wanted}'])`;
    })
    .replace(
      ADDRESS,
      (_, _quote, specifier: string, base: string) => `new URL('./${resolve(path, specifier)}'${base}`,
    );
