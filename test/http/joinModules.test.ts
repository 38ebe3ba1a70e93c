import { expect } from 'chai';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { joinModules, type JoinedFiles } from '../../src/http/pages/joinModules.ts';
import { inJoinableForm } from '../../src/http/pages/libraries.ts';
import { newFolder, removeFolder } from '../support/folder.ts';

describe('Joined modules', () => {
  const folders: string[] = [];
  after(() => {
    folders.forEach(removeFolder);
  });

  /** Runs a joined file; resolves with its modules. */
  async function run(
    sources: Record<string, string>,
    files: JoinedFiles,
    name: string,
  ): Promise<Record<string, Record<string, unknown>>> {
    const folder = newFolder();
    folders.push(folder);
    mkdirSync(join(folder, 'libraries'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'libraries/lib.js'), 'export const l = 1; export default (n) => n + l;');
    for (const [path, text] of joinModules(new Map(Object.entries(sources)), files))
      writeFileSync(join(folder, path), text);
    const { $modules } = (await import(join(folder, name))) as {
      $modules: Record<string, Record<string, unknown>>;
    };
    return $modules;
  }

  it('import from each other, whatever the form and the order', async () => {
    const modules = await run(
      {
        'main.js':
          'import { one, Kind as K } from \'./a/one.js\';\nimport * as two from "./a/two.js";\nexport const sum = one + two.two() + new K().three;',
        'a/two.js': "import { one } from './one.js';\nexport function two() {\n  return one + 1;\n}",
        'a/one.js': 'export const one = 1;\nexport class Kind {\n  three = 3;\n}\nconst hidden = 5;',
        'a/nothing.js': 'export {};',
      },
      { 'main.js': null },
      'main.js',
    );
    expect(modules['main.js']).to.deep.equal({ sum: 6 });
    expect(Object.keys(modules['a/one.js']!)).to.deep.equal(['one', 'Kind']);
  });

  it('keep names of their own apart', async () => {
    const modules = await run(
      {
        'a.js': 'const PATH = 1;\nexport const a = () => PATH;',
        'b.js': "import { a } from './a.js';\nconst PATH = 10;\nexport const b = () => PATH + a();",
      },
      { 'main.js': null },
      'main.js',
    );
    expect((modules['b.js']!['b'] as () => number)()).to.equal(11);
  });

  it('run once, by the first file that needs them, and are loaded from it by the others', async () => {
    const modules = await run(
      {
        'state.js': 'export const state = { count: 0 };\nstate.count += 1;',
        'first.js':
          'import { state } from \'./state.js\';\nexport const open = async () => (await import("./later/screen.js")).screen();\nexport const seen = state;',
        'later/screen.js': "import { state } from '../state.js';\nexport const screen = () => state;",
      },
      { 'main.js': ['first.js'], 'rest.js': null },
      'main.js',
    );
    expect(Object.keys(modules)).to.deep.equal(['state.js', 'first.js']);
    const shown = await (modules['first.js']!['open'] as () => Promise<unknown>)();
    expect(shown).to.equal(modules['first.js']!['seen']);
    expect(shown).to.deep.equal({ count: 1 });
  });

  it('import libraries, at once and later, and name files beside them', async () => {
    const modules = await run(
      {
        'parts/x.js': [
          "import add from '../libraries/lib.js';",
          "import { l } from '../libraries/lib.js';",
          "export const now = add(l);\nexport const later = async () => (await import('../libraries/lib.js')).l;",
          "export const address = () => new URL('../libraries/lib.css', import.meta.url).pathname;",
        ].join('\n'),
      },
      { 'main.js': null },
      'main.js',
    );
    const { now, later, address } = modules['parts/x.js']!;
    expect(now).to.equal(2);
    expect(await (later as () => Promise<number>)()).to.equal(1);
    expect((address as () => string)()).to.equal(join(folders.at(-1)!, 'libraries/lib.css'));
  });

  it('include minified libraries', async () => {
    const small = 'var k=1,r=(n)=>n+k;export{k as one,r as render};';
    const other = 'import{one as n}from"./small.js";var h=n+1;export default function(t){return t+h}';
    const modules = await run(
      {
        'libraries/small.js': inJoinableForm(small),
        'libraries/other.js': inJoinableForm(other),
        'main.js':
          'import add from "./libraries/other.js";\nimport { render } from "./libraries/small.js";\nexport const sum = render(add(5));',
      },
      { 'main.js': null },
      'main.js',
    );
    expect(modules['main.js']).to.deep.equal({ sum: 8 });
  });

  it('are refused with a form of export that would be lost, and when they import each other', () => {
    const joining = (sources: Record<string, string>) => () =>
      joinModules(new Map(Object.entries(sources)), { 'main.js': null });
    expect(joining({ 'a.js': 'export let changing = 1;' })).to.throw('a.js cannot be joined');
    expect(joining({ 'a.js': "export * from './b.js';" })).to.throw('a.js cannot be joined');
    expect(
      joining({
        'a.js': "import { b } from './b.js';\nexport const a = b;",
        'b.js': "import { a } from './a.js';\nexport const b = a;",
      }),
    ).to.throw('imports itself');
  });
});
