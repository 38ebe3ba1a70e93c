import { expect } from 'chai';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newFolder, removeFolder } from '../support/folder.ts';
import { runCli, startCli } from '../support/cli.ts';
import { someOf } from '../support/long.ts';

describe('The command line', () => {
  let folder: string;
  before(() => {
    folder = newFolder();
  });
  after(() => {
    removeFolder(folder);
  });

  it('explains each command with --help', async () => {
    const commands = someOf(2, ['serve', 'import', 'token', 'doctor']);
    const helps = await Promise.all(commands.map((command) => runCli([command, '--help'])));
    helps.forEach(({ code, stdout, stderr }, index) => {
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
      expect(stdout).to.contain(`Usage: padron ${commands[index] as string}`);
    });
  });

  it('is named in every text as it is called in a checkout: npx padron …', () => {
    const sources = new URL('../../src/', import.meta.url);
    const files = readdirSync(sources, { recursive: true, encoding: 'utf8' });
    const named =
      /(?<!npx |another «|by a «)\bpadron (?:serve|token|import|undo|history|export|erasures?|roll|projections|rebuild|verify|copy|keys|doctor)\b/;
    const texts = files
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) =>
        readFileSync(new URL(file, sources), 'utf8')
          .split('\n')
          .filter((line) => !/^\s*(?:\/\/|\/?\*)/.test(line))
          .map((line) => `${file}: ${line.trim()}`),
      );
    expect(texts.length).to.be.greaterThan(10_000);
    expect(texts.filter((line) => named.test(line.replace(/\s\/\/ .*/, '')))).to.deep.equal([]);
  });

  it('rejects invalid arguments with exit code 2 and prints nothing on standard output', async () => {
    const calls = someOf(2, [
      ['nonsense'],
      ['token', '--sub', 'ana'],
      ['import', join(folder, 'missing.csv')],
      ['import', 'x', '--kind', 'animals'],
    ]);
    const runs = await Promise.all(calls.map((call) => runCli(call, { DATA_DIR: join(folder, 'data') })));
    runs.forEach(({ code, stdout, stderr }, index) => {
      expect({ code, stdout }, calls[index]?.join(' ')).to.deep.equal({ code: 2, stdout: '' });
      expect(stderr)
        .to.not.equal('')
        .and.not.match(/ {4}at /);
    });
  });

  it('says that a command is unknown whose help is asked for, and prints the help of the others', async () => {
    const [unknown, below, known] = await Promise.all(
      [
        ['help', 'nope'],
        ['keys', 'help', 'nope'],
        ['help', 'token'],
      ].map((call) => runCli(call)),
    );
    for (const run of [unknown, below]) {
      expect(run).to.include({ code: 2, stdout: '' });
      expect(run?.stderr).to.match(/^error: unknown command 'nope'\n/);
    }
    expect(known).to.include({ code: 0, stderr: '' });
    expect(known?.stdout).to.contain('Usage: padron token');
  });

  it('refuses values that are empty, malformed or of no use with exit code 2 before anything is read', async () => {
    const calls = [
      ['copy', '--to', ''],
      ['keys', 'copy', '--to', ''],
      ['roll', '--categoria', ''],
      ['undo', ''],
      ['undo', 'two words'],
      ['token', '--sub', 'ana', '--role', ''],
      ['export', '5', '--output', ''],
      ['erasures', '--reapply', ''],
      ['import', '-', '--errors', ''],
      ['history', '5', '--at', '2020-01-01', '--field', 'dni'],
      ['history', '5', '--revision', '0', '--limit', '1'],
    ];
    const DATA_DIR = join(folder, 'unread');
    const runs = await Promise.all(calls.map((call) => runCli(call, { DATA_DIR })));
    runs.forEach(({ code, stdout, stderr }, index) => {
      expect({ code, stdout }, calls[index]?.join(' ')).to.deep.equal({ code: 2, stdout: '' });
      expect(stderr, calls[index]?.join(' ')).to.match(
        /^padron: (--to|--categoria) should not be empty\n$|^error: option .* argument '' is invalid. It should not be empty.\n|^padron: correlation must have 1 to 128 characters|^padron: (--field must not be given together with --at|--limit must not be given together with --revision)\n$/,
      );
    });
  });

  it('never creates the data that it should read: a mistyped DATA_DIR is reported with exit code 2', async () => {
    const DATA_DIR = join(folder, 'mistyped');
    const calls = someOf(2, [
      ['history', '5'],
      ['rebuild', 'users'],
      ['projections'],
      ['projections', 'jobs'],
    ]);
    const runs = await Promise.all(calls.map((call) => runCli(call, { DATA_DIR })));
    runs.forEach(({ code, stdout, stderr }, index) => {
      expect({ code, stdout }, calls[index]?.join(' ')).to.deep.equal({ code: 2, stdout: '' });
      expect(stderr)
        .to.contain(`there is no padron data in ${DATA_DIR}`)
        .and.to.contain('set DATA_DIR to the folder');
    });
    expect(existsSync(DATA_DIR)).to.equal(false);
  });

  it('names every error in the configuration at once, with exit code 2, and changes nothing', async () => {
    const DATA_DIR = join(folder, 'untouched');
    const { code, stderr } = await runCli(['serve'], {
      DATA_DIR,
      PORT: 'x',
      LOG_LEVEL: 'loud',
      JWKS_URI: 'nowhere',
    });
    expect(code).to.equal(2);
    for (const name of ['PORT', 'LOG_LEVEL', 'JWKS_URI']) expect(stderr).to.contain(name);
    expect(existsSync(DATA_DIR)).to.equal(false);
  });

  it('explains in one line, with exit code 2, a DATA_DIR that can hold no data', async () => {
    const list = join(folder, 'people.csv');
    writeFileSync(list, 'dni,nombres,apellidos,cuenta\n1,A,B,a\n');
    for (const call of [['serve'], ['import', list], ['import', list, '--dry-run']])
      for (const DATA_DIR of [list, join(list, 'data')]) {
        const { code, stdout, stderr } = await runCli(call, { DATA_DIR });
        expect({ code, stdout }, call.join(' ')).to.deep.equal({ code: 2, stdout: '' });
        expect(stderr).to.equal(`padron: DATA_DIR ${DATA_DIR} cannot be created: ${list} is not a folder\n`);
      }
  });

  it('goes on where its reader has closed the pipe, and ends with the exit code that it would have', async () => {
    const DATA_DIR = join(folder, 'nothing-yet');
    const { process: child, ended } = startCli(['doctor'], { DATA_DIR });
    child.stdout?.destroy();
    expect(await ended).to.deep.equal({ code: 0, stdout: '', stderr: '' });
  });

  it('ends with one line where its output cannot be written', async function () {
    if (!existsSync('/dev/full')) return this.skip();
    const full = openSync('/dev/full', 'w');
    try {
      const { ended } = startCli(['doctor'], { DATA_DIR: join(folder, 'nothing-yet') }, full);
      expect(await ended).to.include({ code: 1, stderr: 'padron: the output cannot be written: ENOSPC\n' });
    } finally {
      closeSync(full);
    }
  });

  it('refuses a reason that a request could not have, before anything is read', async () => {
    for (const call of [
      ['import', '/missing.csv'],
      ['undo', 'x'],
    ])
      for (const reason of ['', 'x'.repeat(201), 'a\nb']) {
        const { code, stderr } = await runCli([...call, '--reason', reason], { DATA_DIR: folder });
        expect(code).to.equal(2);
        expect(stderr).to.match(/^padron: --reason /);
      }
  });

  it('refuses to serve in production without a secret (exit code 2)', async () => {
    const DATA_DIR = join(folder, 'untouched');
    const { code, stderr } = await runCli(['serve'], { DATA_DIR, NODE_ENV: 'production' });
    expect(code).to.equal(2);
    expect(stderr).to.contain('JWT_SECRET or JWKS_URI must be set');
    expect(existsSync(DATA_DIR)).to.equal(false);
  });
});
