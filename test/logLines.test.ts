import { expect } from 'chai';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAccessLogger } from '../src/log.ts';
import { gatherLogLines, type LogLines } from '../src/logLines.ts';
import { newFolder, removeFolder } from './support/folder.ts';

describe('gathered log lines', () => {
  let folder: string;
  let fd: number;
  let file: string;
  let lines: LogLines;

  beforeEach(() => {
    folder = newFolder();
    file = join(folder, 'log');
    fd = openSync(file, 'a');
    lines = gatherLogLines(fd);
  });

  afterEach(() => {
    closeSync(fd);
    removeFolder(folder);
  });

  const written = (): string => readFileSync(file, 'utf8');

  it('are all there, once and in their order, when they are flushed', async () => {
    const all = Array.from({ length: 5_000 }, (_, n) => `{"n":${n},"word":"ñandú"}\n`);
    for (const line of all) lines.write(line);
    await lines.flushed();
    expect(written() === all.join('')).to.equal(true);
  });

  it('are there, once, for everybody who waits for them', async () => {
    lines.write('one\n');
    const first = lines.flushed();
    lines.write('two\n');
    await Promise.all([first, lines.flushed(), lines.flushed()]);
    expect(written()).to.equal('one\ntwo\n');
  });

  it('are there at once when nothing else can wait', () => {
    lines.write('one\n');
    lines.flushSync();
    expect(written()).to.equal('one\n');
  });

  it('wait until there are many', () => {
    lines.write('one\n');
    expect(written()).to.equal('');
  });

  it('keep a line whole that is longer than many together', async () => {
    const long = `${'x'.repeat(100_000)}\n`;
    lines.write('before\n');
    lines.write(long);
    lines.write('behind\n');
    await lines.flushed();
    expect(written()).to.equal(`before\n${long}behind\n`);
  });

  it('are what a logger writes', () => {
    createAccessLogger('info', lines).info({ status: 200 }, 'request');
    lines.flushSync();
    expect(JSON.parse(written())).to.include({ status: 200, msg: 'request' });
  });
});
