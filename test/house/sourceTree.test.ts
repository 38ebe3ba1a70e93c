import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { longFunctionsIn } from '../support/longFunctions.ts';

/** The rooms of src, the lowest first: a room imports only from rooms below it. */
const ROOMS = [
  'console',
  'platform',
  'events',
  'tracing',
  'validation',
  'domain',
  'commands',
  'projections',
  'presentation',
  'availability',
  'verify',
  'sealing',
  'history',
  'erasure',
  'roll',
  'imports',
  'embedded',
  'http',
  'config',
  'logging',
  'service',
  'cli',
];

const MAX_FILES = 12;
const MAX_LINES = 250;

const MAX_FUNCTION_LINES = 60;

const PROJECT = new URL('../..', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, PROJECT), 'utf8');

const filesIn = (folder: string): string[] =>
  readdirSync(new URL(folder, PROJECT), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(PROJECT.pathname.length))
    .sort();

const sources = filesIn('src').filter((file) => file.endsWith('.ts'));
const tests = filesIn('test').filter((file) => file.endsWith('.ts'));
const benches = filesIn('bench').filter((file) => file.endsWith('.ts'));

/** The files of src that a file imports, by type or at run time. */
const importsOf = (file: string): string[] =>
  [...read(file).matchAll(/(?:from|import\(?)\s*'(\.{1,2}\/[^']+)'/g)].map(([, path = '']) =>
    normalize(join(dirname(file), path)),
  );
const imports = new Map(sources.map((file) => [file, importsOf(file)]));
const arrows = [...imports].flatMap(([from, all]) => all.map((to) => ({ from, to })));

const roomOf = (file: string): string => file.split('/')[1] ?? '';

describe('The source tree', () => {
  it('has no file that imports itself through others', () => {
    const circles: string[] = [];
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' > '));
      if (done.has(file) || path.includes(file)) return;
      for (const next of imports.get(file) ?? []) visit(next, [...path, file]);
      done.add(file);
    };
    for (const file of sources) visit(file, []);
    expect(circles).to.deep.equal([]);
  });

  it('has no two folders that import each other', () => {
    const between = arrows.map(({ from, to }) => `${dirname(from)} > ${dirname(to)}`);
    const there = new Set(between);
    const mutual = arrows
      .filter(({ from, to }) => dirname(from) < dirname(to))
      .filter(({ from, to }) => there.has(`${dirname(to)} > ${dirname(from)}`))
      .map(({ from, to }) => `${from} > ${to}`);
    expect(mutual).to.deep.equal([]);
  });

  it('gives every folder of src one place in the order of imports', () => {
    expect([...new Set(sources.map(roomOf))].sort()).to.deep.equal([...ROOMS].sort());
  });

  it('has no import from a folder that is higher in that order', () => {
    const upward = arrows
      .filter(({ from, to }) => ROOMS.indexOf(roomOf(from)) < ROOMS.indexOf(roomOf(to)))
      .map(({ from, to }) => `${from} > ${to}`);
    expect(upward).to.deep.equal([]);
  });

  it(`has at most ${MAX_FILES} files per folder of src`, () => {
    const full = [...new Set(sources.map((file) => dirname(file)))].filter(
      (folder) => sources.filter((file) => dirname(file) === folder).length > MAX_FILES,
    );
    expect(full).to.deep.equal([]);
  });

  it(`has no file of more than ${MAX_LINES} lines`, () => {
    const long = [...benches, ...sources, ...tests].filter(
      (file) => read(file).split('\n').length - 1 > MAX_LINES,
    );
    expect(long).to.deep.equal([]);
  });

  it(`has no function of more than ${MAX_FUNCTION_LINES} lines, not counting the functions inside it`, function () {
    this.timeout(60_000);
    const all = [...sources, ...tests, ...benches];
    const long = all.flatMap((file) => longFunctionsIn(file, read(file), MAX_FUNCTION_LINES));
    expect(long).to.deep.equal([]);
  });

  it('names limits MAX_ or MIN_', () => {
    const others =
      /\bconst ((?:\w+_)?(?:LONGEST|SHORTEST|LARGEST|SMALLEST|MOST|LEAST|FEWEST)(?:_\w+)?|KEPT(?:_MS)?)\b/g;
    const names = [...sources, ...tests, ...benches].flatMap((file) =>
      [...read(file).matchAll(others)].map(([, name]) => `${file}: ${name}`),
    );
    expect(names).to.deep.equal([]);
  });

  it('names only existing files in comments, docs and tests', () => {
    const texts = [
      ...sources,
      ...tests,
      ...benches,
      ...filesIn('docs').filter((file) => file.endsWith('.md')),
      'README.md',
      'CONTRIBUTING.md',
    ];
    const all = new Set([...sources, ...tests, ...benches, ...filesIn('docs'), ...filesIn('test/fixtures')]);
    const exists = (name: string): boolean =>
      // An ADR goes by its number; a folder by its name.
      /^docs\/adr\/\d{4}$/.test(name)
        ? [...all].some((file) => file.startsWith(`${name}-`))
        : all.has(name) || [...all].some((file) => file.startsWith(`${name.replace(/\/$/, '')}/`));
    const missing = texts.flatMap((file) =>
      [...read(file).matchAll(/(?<![\w/.@-])(?:src|test|docs)\/[\w./-]*\w\/?/g)]
        .map(([name]) => name)
        .filter((name) => !exists(name))
        .map((name) => `${file}: ${name}`),
    );
    expect(missing).to.deep.equal([]);
  });
});
