import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { createAccessLogger } from '../../src/logging/log.ts';
import { bufferLogLines, type LogBuffer } from '../../src/logging/logBuffer.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';

describe('Buffered log lines', () => {
  let folder: string;
  let fd: number;
  let file: string;
  let lines: LogBuffer;

  beforeEach(() => {
    folder = newFolder();
    file = join(folder, 'log');
    fd = openSync(file, 'a');
    lines = bufferLogLines(fd);
  });

  afterEach(() => {
    closeSync(fd);
    removeFolder(folder);
  });

  const written = (): string => readFileSync(file, 'utf8');

  it('are all written, once and in order, by a flush', async () => {
    const all = Array.from({ length: 5_000 }, (_, n) => `{"n":${n},"word":"ñandú"}\n`);
    for (const line of all) lines.write(line);
    await lines.flushed();
    expect(written() === all.join('')).to.equal(true);
  });

  it('are written once for everyone who waits for a flush', async () => {
    lines.write('one\n');
    const first = lines.flushed();
    lines.write('two\n');
    await Promise.all([first, lines.flushed(), lines.flushed()]);
    expect(written()).to.equal('one\ntwo\n');
  });

  it('are written synchronously when nothing else can wait', () => {
    lines.write('one\n');
    lines.flushSync();
    expect(written()).to.equal('one\n');
  });

  it('are held until there are many', () => {
    lines.write('one\n');
    expect(written()).to.equal('');
  });

  it('keep a line whole that is longer than a usual batch', async () => {
    const long = `${'x'.repeat(100_000)}\n`;
    lines.write('before\n');
    lines.write(long);
    lines.write('behind\n');
    await lines.flushed();
    expect(written()).to.equal(`before\n${long}behind\n`);
  });

  it('are written automatically when there are many', async () => {
    const many = Array.from({ length: 300 }, () => `${'x'.repeat(99)}\n`);
    for (const line of many) lines.write(line);
    await eventually('some are written', () => written() !== '');
  });

  it('are each written once even if a synchronous flush meets a write under way', async () => {
    const all = Array.from({ length: 1_000 }, (_, n) => `${String(n).padStart(99)}\n`);
    for (const line of all) lines.write(line);
    lines.flushSync();
    await lines.flushed();
    expect(written().split('\n').sort().join('\n').trim()).to.equal(all.join('').trim());
  });

  it('are the output of a logger', () => {
    createAccessLogger('info', lines).info({ status: 200 }, 'request');
    lines.flushSync();
    expect(JSON.parse(written())).to.include({ status: 200, msg: 'request' });
  });
});

describe('Buffered log lines with a pipe as output', () => {
  let folder: string;
  let pipe: number;
  let lines: LogBuffer;

  beforeEach(() => {
    folder = newFolder();
    const file = join(folder, 'pipe');
    execFileSync('mkfifo', [file]);
    // Read and written here: no end of it waits for another process to open it.
    pipe = openSync(file, constants.O_RDWR | constants.O_NONBLOCK);
    lines = bufferLogLines(pipe, { bound: 1_000_000, readerTimeoutMs: 50 });
  });

  afterEach(() => {
    closeSync(pipe);
    removeFolder(folder);
  });

  /** What is in the pipe, `most` bytes of it. */
  function read(most = 1_000_000): string {
    const bytes = Buffer.alloc(most);
    let length = 0;
    try {
      while (length < most) length += readSync(pipe, bytes, length, most - length, null);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
    return bytes.toString('utf8', 0, length);
  }

  const numbered = (count: number): string[] =>
    Array.from({ length: count }, (_, n) => `${String(n).padStart(99)}\n`);

  it('all arrive, whole and in order, at a slow reader', async () => {
    const all = numbered(9_000);
    for (const line of all) lines.write(line);
    let got = '';
    await eventually('all have arrived', () => {
      lines.flush();
      got += read(20_000);
      return got.length >= all.length * 100;
    });
    expect(got === all.join('')).to.equal(true);
  });

  it('do not block the end of the process if the reader has stopped', async () => {
    for (const line of numbered(9_000)) lines.write(line);
    await lines.flushed();
    lines.flushSync();
    const got = read();
    expect(got.length).to.be.within(1_000, 200_000);
    expect(got === numbered(9_000).join('').slice(0, got.length)).to.equal(true);
  });

  it('are kept up to a limit for a reader that has stopped; one line reports how many were lost', async () => {
    const long = 'x'.repeat(900);
    const count = 3_000;
    for (let n = 0; n < count; n += 1) lines.write(`${n} ${long}\n`);
    let got = '';
    let more = 0;
    let notes: { lost: number; level: number }[] = [];
    await eventually('there is room again, and every line is there or counted as lost', () => {
      if (notes.length === 0) {
        lines.write('there is room\n');
        more += 1;
      }
      lines.flush();
      got += read(100_000);
      const whole = got.split('\n').slice(0, -1);
      notes = whole
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as { lost: number; level: number });
      const lost = notes.reduce((sum, note) => sum + note.lost, 0);
      return whole.length - notes.length + lost === count + more;
    });
    expect(notes.every(({ level }) => level === 40)).to.equal(true);
    const arrived = got.trimEnd().split('\n');
    const kept = arrived.filter((line) => line.endsWith(long));
    expect(kept.length).to.be.within(1_100, 1_300);
    expect(kept.every((line, n) => line === `${n} ${long}`)).to.equal(true);
  });
});
