import { expect } from 'chai';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { csvCell as cell, csvText, DEFAULT_CSV, unguarded } from '../../src/presentation/csv.ts';

/** Holds a cell as it stands in the file against every reader: none may find a cell in it that begins like a formula. */
function expectNoFormula(made: string): void {
  const inner = made.startsWith('"') ? made.slice(1, -1).replaceAll('""', '"') : made;
  for (const part of inner.split(/[;\t|,\r\n]/)) {
    expect(part, JSON.stringify(made)).to.not.match(/^[\s\p{Cf}"]*[=+\-@＋－＝＠]/u);
  }
}

describe('A cell of CSV', () => {
  for (const formula of [
    '=1+1',
    '+34600111222',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\u200b=1',
    '＝1',
    '＋1',
    '－1',
    '＠A1',
    '  =1',
    '\n',
  ]) {
    it(`keeps ${JSON.stringify(formula)} from being a formula`, () => {
      expect(
        cell(formula)
          .replace(/^"/, '')
          .startsWith(`'${formula.slice(0, 1)}`),
      ).to.equal(true);
      expectNoFormula(cell(formula));
    });
  }

  it('guards text after any separator against formulas, regardless of what precedes it', () => {
    const parts = fc.constantFrom(
      ';',
      '\t',
      '|',
      ',',
      '\n',
      '\r',
      ' ',
      '"',
      "'",
      '=',
      '+',
      '-',
      '@',
      '＝',
      'x',
      '\u200b',
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 12 }), (list) => {
        expectNoFormula(cell(list.join('')));
      }),
      { numRuns: 2_000 },
    );
    expect(cell("x;=cmd|'/c calc'!A0")).to.equal(`"x;'=cmd|'/c calc'!A0"`);
    expect(cell('Calle Sol 5, 2-A; bajo')).to.equal('"Calle Sol 5, 2-A; bajo"');
  });

  it('is quoted if it contains any separator or line end', () => {
    for (const text of ['a;b', 'a\tb', 'a|b', 'a,b', 'a\nb', 'a\rb'])
      expect(cell(text)).to.equal(`"${text}"`);
  });

  it('never contains text that a spreadsheet would execute', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('=', '+', '-', '@', ' ', '\t', '"', ',', 'a') }),
        (text) => {
          const [[read]] = parse(`${cell(text)},end\r\n`) as [[string, string]];
          expect(read).not.to.match(/^\s*[=+\-@]/);
          expect(read.replaceAll("'", '')).to.equal(text);
        },
      ),
    );
  });

  it('leaves numbers, booleans and plain texts unchanged', () => {
    expect([25, 0.5, true, null, 'a-b', 'x=1', '#12', '1e5', ''].map((value) => cell(value))).to.deep.equal([
      '25',
      '0.5',
      'true',
      '',
      'a-b',
      'x=1',
      '#12',
      '1e5',
      '',
    ]);
  });

  it('begins with an apostrophe if it is a text like an error or a rounded number of a spreadsheet', () => {
    const texts = ['#REF!', '#¡VALOR!', '##', '1E+5', '6,00E+08', "'#N/A"];
    expect(texts.map((text) => cell(text).replaceAll('"', ''))).to.deep.equal(
      texts.map((text) => `'${text}`),
    );
  });

  it('uses a decimal comma where the format asks for it', () => {
    const spanish = { separator: 'semicolon', decimal: 'comma', hasHeader: true } as const;
    expect([30.5, 0.25, 1250, 1e21].map((fee) => cell(fee, spanish))).to.deep.equal([
      '30,5',
      '0,25',
      '1250',
      '1e+21',
    ]);
    expect(cell(30.5, { ...spanish, separator: 'comma' })).to.equal('"30,5"');
    expect(cell('30.5', spanish)).to.equal('30.5');
  });

  it('yields the original text once the guard is removed', () => {
    const texts = fc.string({
      unit: fc.constantFrom(
        "'",
        '=',
        '+',
        '-',
        '@',
        ' ',
        '\t',
        '"',
        ',',
        ';',
        '|',
        '\n',
        '\r',
        '\u200b',
        'a',
        '#REF!',
        '1,5E+08',
      ),
    });
    fc.assert(
      fc.property(texts, (text) => {
        const [[read]] = parse(`${cell(text)},end\r\n`) as [[string, string]];
        expect(unguarded(read)).to.equal(text);
      }),
      { numRuns: 5_000 },
    );
    expect(unguarded("'+34 600 111 222")).to.equal('+34 600 111 222');
    expect(unguarded("O'Donnell; 'x")).to.equal("O'Donnell; 'x");
  });
});

describe('A CSV file', () => {
  it('begins with a byte order mark and the columns, and has one line per row', async () => {
    async function* pages(): AsyncGenerator<unknown[][]> {
      yield [['Íñigo', 30.5]];
      yield [];
      yield [[null, '=1']];
    }
    const format = { ...DEFAULT_CSV, separator: 'semicolon', decimal: 'comma' } as const;
    let text = '';
    for await (const piece of csvText(['nombre', 'cuota'], pages(), format)) text += piece;
    expect(text).to.equal("\uFEFFnombre;cuota\r\nÍñigo;30,5\r\n;'=1\r\n");
  });
});
