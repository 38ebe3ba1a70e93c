import { expect } from 'chai';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { CliError, EXIT } from '../../src/cli/output/exit.ts';
import { csvLines } from '../../src/cli/import/importCsv.ts';
import { MAX_LINE_LENGTH, type Line } from '../../src/cli/import/importLines.ts';
import { runCli } from '../support/cli.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { asCsv, memberList } from '../support/memberList.ts';

const NEVER_CLOSED = 'has an unclosed quote: the file cannot be read further';

/** The lines of a text that comes in chunks of so many bytes. */
async function linesOf(text: string, chunk = text.length): Promise<Line[]> {
  const bytes = Buffer.from(text);
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunk) }, (_, index) =>
    bytes.subarray(index * chunk, (index + 1) * chunk),
  );
  const lines: Line[] = [];
  for await (const line of csvLines(Readable.from(chunks))) lines.push(line);
  return lines;
}
const numbersOf = (lines: readonly Line[]): number[] => lines.map(({ line }) => line);

describe('A row of a CSV file', () => {
  for (const [name, end] of Object.entries({ LF: '\n', CRLF: '\r\n', CR: '\r' }))
    for (const chunk of [1, 7, 1_000])
      it(`is told by the line where it begins (${name}, chunks of ${chunk})`, async () => {
        const text = ['', 'a,b', '1,2', '', '', '3,"x', '', 'y"', '4,5', '', '"6', '",7,8', '9,0'].join(end);
        const lines = await linesOf(text, chunk);
        expect(numbersOf(lines)).to.deep.equal([3, 6, 9, 11, 13]);
        expect(lines[1]).to.deep.equal({ line: 6, value: { a: '3', b: `x${end}${end}y` } });
        expect(lines[3]).to.deep.equal({
          line: 11,
          problem: 'has a different number of cells than the header',
        });
      });

  it('with a quote that is never closed ends the file: what came before is there', async () => {
    const rows = Array.from({ length: 500 }, (_, index) => `${index},x`);
    for (const chunk of [7, 100_000]) {
      const lines = await linesOf(['a,b', ...rows, '', '"7,x', '8,x', '9,x', ''].join('\n'), chunk);
      expect(lines).to.have.lengthOf(501);
      expect(lines.at(-2)).to.deep.equal({ line: 501, value: { a: '499', b: 'x' } });
      expect(lines.at(-1)).to.deep.equal({ line: 503, problem: NEVER_CLOSED });
    }
  });

  it('that is longer than any record ends the file, whatever comes after it', async () => {
    const long = `"${'x\n'.repeat(MAX_LINE_LENGTH)}`;
    const lines = await linesOf(`a,b\n1,2\n3,${long}",4\n5,6\n7,8\n`, 65_536);
    expect(numbersOf(lines)).to.deep.equal([2, 3]);
    expect(lines[1])
      .to.have.property('problem')
      .that.contains('unclosed quote')
      .and.contains('cannot be read on from here');
  });

  it('has each column once: a name that is there twice is a wrong call', async () => {
    const refusal = async (header: string): Promise<unknown> =>
      linesOf(`${header}\n1,2,3\n`).catch((error: unknown) => error);
    const twice = await refusal('dni,nombre,dni');
    expect(twice).to.be.instanceOf(CliError).with.property('exitCode', EXIT.usage);
    expect(twice).to.have.property('message').that.contains('two columns are named dni');
    expect(await refusal('dni,,')).to.have.property('message', 'two columns have no name');
  });
});

describe('padron import of CSV', () => {
  let folder: string;
  beforeEach(() => {
    folder = newFolder();
  });
  afterEach(() => {
    removeFolder(folder);
  });

  it('takes in what comes before a quote that is never closed, and tells the quote as a line that failed', async () => {
    const path = join(folder, 'members.csv');
    writeFileSync(path, `${asCsv(memberList(30))}31;"Ana;Gil\r\n32;Eva;Gil\r\n`);
    const report = join(folder, 'errors.ndjson');
    const { code, stdout, stderr } = await runCli(['import', path, '--errors', report], {
      DATA_DIR: join(folder, 'data'),
    });
    expect(code).to.equal(1);
    expect(stdout).to.contain('31 lines: 30 imported, 0 were already there, 1 failed');
    expect(stderr).to.equal(`line 32: ${NEVER_CLOSED}\n`);
    expect(JSON.parse(readFileSync(report, 'utf8'))).to.deep.equal({ line: 32, errors: [NEVER_CLOSED] });
  });
});
