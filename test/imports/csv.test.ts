import { expect } from 'chai';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { layoutOf } from '../../src/imports/reading/csvLayout.ts';
import { csvRows, type CsvRow } from '../../src/imports/reading/csvRows.ts';
import { MAX_LINE_LENGTH } from '../../src/imports/list/listLine.ts';
import { runCli } from '../support/cli.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { asCsv, memberList } from '../support/memberList.ts';

const NEVER_CLOSED = { code: 'quote-open' };

/** The rows of a text that comes in chunks of so many characters. */
async function rowsOf(text: string, chunk = text.length): Promise<CsvRow[]> {
  const chunks = Array.from({ length: Math.ceil(text.length / chunk) }, (_, index) =>
    text.slice(index * chunk, (index + 1) * chunk),
  );
  const rows: CsvRow[] = [];
  for await (const row of csvRows(Readable.from(chunks), layoutOf(text))) rows.push(row);
  return rows;
}
const numbersOf = (rows: readonly CsvRow[]): number[] => rows.map(({ line }) => line);

describe('A row of a CSV file', () => {
  for (const [name, end] of Object.entries({ LF: '\n', CRLF: '\r\n', CR: '\r' }))
    for (const chunk of [1, 7, 1_000])
      it(`is identified by its first line (${name}, chunks of ${chunk})`, async () => {
        const text = ['', 'a,b', '1,2', '', '', '3,"x', '', 'y"', '4,5', '', '"6', '",7,8', '9,0'].join(end);
        const rows = await rowsOf(text, chunk);
        expect(numbersOf(rows)).to.deep.equal([2, 3, 6, 9, 11, 13]);
        expect(rows[2]).to.deep.equal({ line: 6, cells: ['3', `x${end}${end}y`] });
        expect(rows[4]).to.deep.equal({ line: 11, cells: [`6${end}`, '7', '8'] });
      });

  for (const chunk of [1, 1_000])
    it(`ends at any line end, also where a file has several (chunks of ${chunk})`, async () => {
      const rows = await rowsOf('a,b\r\n1,2\n3,4\r5,6\r\n"7\n",8\n', chunk);
      expect(rows).to.deep.equal([
        { line: 1, cells: ['a', 'b'] },
        { line: 2, cells: ['1', '2'] },
        { line: 3, cells: ['3', '4'] },
        { line: 4, cells: ['5', '6'] },
        { line: 5, cells: ['7\n', '8'] },
      ]);
    });

  it('is skipped if it has nothing but separators, blanks and quotes', async () => {
    const rows = await rowsOf(';;\n\n  ;;\na;b;c\n;;\n"";;" "\n1;2;3\n;;\n');
    expect(rows).to.deep.equal([
      { line: 4, cells: ['a', 'b', 'c'] },
      { line: 7, cells: ['1', '2', '3'] },
    ]);
  });

  it('is split at the separator that a line sep= names, otherwise at the most frequent one in the header', async () => {
    const cells = async (text: string): Promise<string[][]> =>
      (await rowsOf(text)).map((row) => ('cells' in row ? row.cells : []));
    for (const separator of [',', ';', '\t', '|'])
      expect(await cells(`\n${['a', '"b, x; y"', 'c'].join(separator)}\n`)).to.deep.equal([
        ['a', 'b, x; y', 'c'],
      ]);
    expect(await cells('sep=|\r\na,b|c,d\r\n')).to.deep.equal([['a,b', 'c,d']]);
    expect(await rowsOf('"sep=;"\n\na;b\n')).to.deep.equal([{ line: 3, cells: ['a', 'b'] }]);
  });

  it('with an unclosed quote ends the file: the rows before it are read', async () => {
    const body = Array.from({ length: 500 }, (_, index) => `${index},x`);
    for (const chunk of [7, 100_000]) {
      const rows = await rowsOf(['a,b', ...body, '', '"7,x', '8,x', '9,x', ''].join('\n'), chunk);
      expect(rows).to.have.lengthOf(502);
      expect(rows.at(-2)).to.deep.equal({ line: 501, cells: ['499', 'x'] });
      expect(rows.at(-1)).to.deep.equal({ line: 503, problem: NEVER_CLOSED });
    }
  });

  it('that is longer than any record ends the file', async () => {
    const long = `"${'x\n'.repeat(MAX_LINE_LENGTH)}`;
    const rows = await rowsOf(`a,b\n1,2\n3,${long}",4\n5,6\n7,8\n`, 65_536);
    expect(numbersOf(rows)).to.deep.equal([1, 2, 3]);
    expect(rows[2])
      .to.have.property('problem')
      .that.deep.equals({ code: 'row-too-long', wanted: MAX_LINE_LENGTH });
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

  it('imports the rows before an unclosed quote, and reports the quote as a failed line', async () => {
    const path = join(folder, 'members.csv');
    writeFileSync(path, `${asCsv(memberList(30))}31;"Ana;Gil\r\n32;Eva;Gil\r\n`);
    const report = join(folder, 'errors.ndjson');
    const { code, stdout, stderr } = await runCli(['import', path, '--errors', report], {
      DATA_DIR: join(folder, 'data'),
    });
    expect(code).to.equal(1);
    expect(stdout).to.contain('31 lines: 30 imported, 0 were already there, 1 failed');
    const problem = 'has a quote that is never closed: the file cannot be read on from here';
    expect(stderr).to.equal(`line 32: ${problem}\n`);
    expect(JSON.parse(readFileSync(report, 'utf8'))).to.deep.equal({ line: 32, errors: [problem] });
  });
});
