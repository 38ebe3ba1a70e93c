import { expect } from 'chai';
import fc from 'fast-check';
import { cellReader, plainText, type CellRules } from '../../src/imports/columns/cells.ts';
import { integerIn, numberIn } from '../../src/imports/columns/numbers.ts';
import { memberSchemas } from '../../src/imports/records/lineSchemas.ts';
import { csvCell } from '../../src/presentation/csv.ts';

const POINT: CellRules = { decimals: { decimal: 'point', isSaid: false }, dates: 'iso' };

const read = (member: string, cell: string, rules: Partial<CellRules> = {}): unknown => {
  const found = cellReader(memberSchemas('users')[member] ?? {}, { ...POINT, ...rules })(cell);
  return 'hint' in found ? { refused: found.hint } : found.value;
};

describe('A number in a cell', () => {
  const comma = (cell: string, isSaid = false): number | null => numberIn(cell, { decimal: 'comma', isSaid });
  const point = (cell: string, isSaid = false): number | null => numberIn(cell, { decimal: 'point', isSaid });

  it('has a decimal comma if the file does', () => {
    const cells = ['25', '25,5', '25,50', '1.250,00', '1.234.567', '0,25', '-3,5'];
    expect(cells.map((cell) => comma(cell))).to.deep.equal([25, 25.5, 25.5, 1250, 1_234_567, 0.25, -3.5]);
  });

  it('has a decimal point elsewhere', () => {
    const cells = ['25', '25.5', '1.250', '1,250.00', '1,234,567', '1e+21'];
    expect(cells.map((cell) => point(cell))).to.deep.equal([25, 25.5, 1.25, 1250, 1_234_567, 1e21]);
  });

  it('is refused if it can be read in two ways, unless the caller said which', () => {
    expect([comma('1.250'), point('1,250')]).to.deep.equal([null, null]);
    expect([comma('1.250', true), point('1,250', true)]).to.deep.equal([1250, 1250]);
    expect([comma('30.5'), point('12,5')]).to.deep.equal([30.5, null]);
  });

  it('may have a euro sign and thin spaces, and nothing else', () => {
    const good = ['25,50 €', '25 EUR', '€ 25', '1\u202f250,5\u00a0€'];
    expect(good.map((cell) => comma(cell))).to.deep.equal([25.5, 25, 25, 1250.5]);
    for (const bad of ['', '€', '25 al mes', '25-30', '1.25.0', '01.250,5x', '$25', '1 2 3', '25 5'])
      expect(comma(bad), bad).to.equal(null);
  });

  it('is refused at once where it is far too long, whatever it consists of', () => {
    const start = performance.now();
    for (const part of [' ', '1', '1 ', '1.', "'"])
      expect(comma(`€${part.repeat(3_000)}x`), part).to.equal(null);
    expect(performance.now() - start).to.be.below(50);
  });

  it('is whole for an id, with or without thousands separators', () => {
    const cells = ['15', '1.250', '1,250', '12,5', 'x', '007'];
    expect(cells.map(integerIn)).to.deep.equal([15, 1250, 1250, null, null, 7]);
    const decimals = ['0.015', '1.234,567', '1,234.567', '1.234.567', '-1.250'];
    expect(decimals.map(integerIn)).to.deep.equal([null, null, null, 1_234_567, -1250]);
  });
});

describe('A cell', () => {
  it('loses the characters that a spreadsheet adds to keep a text a text', () => {
    const cells = ['="01234567L"', '"a', '=""', "'+34 600", ' x ', '="say ""hi"""', "O'Neill"];
    expect(cells.map(plainText)).to.deep.equal([
      '01234567L',
      '"a',
      '',
      '+34 600',
      'x',
      'say "hi"',
      "O'Neill",
    ]);
  });

  it('becomes the type of its member', () => {
    expect([
      read('IdUsuario', '15'),
      read('cuota', '25.50'),
      read('socio', '1'),
      read('socio', 'no socio'),
      read('socio', 'Sí'),
      read('isVerified', 'FALSE'),
      read('isVerified', 'Verdadero'),
      read('dni', ' 045 '),
    ]).to.deep.equal([15, 25.5, 1, 'NoSocio', 'Socio', false, true, '045']);
  });

  it('that is empty is null for members that may be null, missing for a boolean, and otherwise an empty text', () => {
    const members = ['fechabaja', 'isVerified', 'direccion', 'cuota'];
    expect(members.map((member) => read(member, ' '))).to.deep.equal([null, undefined, '', '']);
  });

  it('may have dates like 15/03/2024 only if the caller said so', () => {
    const cells = ['15/03/2024', '5-3-2024', '15.03.2024 0:00:00', '2024-03-15'];
    expect(cells.map((cell) => read('fechaalta', cell, { dates: 'dmy' }))).to.deep.equal([
      '2024-03-15',
      '2024-03-05',
      '2024-03-15',
      '2024-03-15',
    ]);
    expect(read('fechaalta', '15/03/2024')).to.deep.equal({
      refused: 'day-month-year',
    });
    expect(read('fechaalta', '15/03/24', { dates: 'dmy' })).to.deep.equal({
      refused: 'year-of-two-digits',
    });
    expect(read('fechaalta', '2024-03-15 00:00:00')).to.equal('2024-03-15');
  });

  it('is refused, with what is wrong, if its day is in no calendar', () => {
    for (const [cell, dates] of [
      ['31/02/2024', 'dmy'],
      ['2024-02-31', 'iso'],
      ['2023-02-29 00:00:00', 'iso'],
      ['2024-13-01', 'iso'],
    ] as const)
      expect(read('fechaalta', cell, { dates }), cell).to.deep.equal({ refused: 'no-such-day' });
    expect(read('fechaalta', '2024-02-29')).to.equal('2024-02-29');
  });

  it('is refused, with what to do, if it has a line break that is not at its ends', () => {
    for (const cell of ['C/ Mayor\n3', 'C/ Mayor\r\n3'])
      expect(read('direccion', cell)).to.deep.equal({ refused: 'line-break' });
    expect(read('direccion', '\nC/ Mayor 3\r\n')).to.equal('C/ Mayor 3');
  });

  it('is refused if the spreadsheet shows an error or has cut digits', () => {
    for (const damaged of ['#N/A', '#REF!', '#¡VALOR!', '#¿NOMBRE?', '######', '6,00111E+08', '3.46E+11'])
      expect(read('telefono', damaged), damaged).to.have.property('refused');
    for (const text of ['#12', 'E+', '600111222', '4.º E'])
      expect(read('telefono', text), text).to.equal(text);
  });

  it('is what padron exported, whatever the text looks like', () => {
    const unquoted = (text: string): string =>
      text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text;
    const parts = [
      "'",
      '=',
      '+',
      '-',
      '@',
      '"',
      ',',
      ';',
      ' ',
      '#',
      '#REF!',
      'N/A',
      '6',
      'E+08',
      '="1"',
      'a',
    ];
    const texts = fc.array(fc.constantFrom(...parts), { maxLength: 6 }).map((some) => some.join('').trim());
    fc.assert(
      fc.property(texts, (text) => {
        expect(read('telefono', unquoted(csvCell(text)))).to.equal(text);
      }),
      { numRuns: 5_000 },
    );
    for (const text of ['#REF!', "'#REF!", '######', '6,00E+08', '="6E+08"', "''"])
      expect(read('telefono', unquoted(csvCell(text))), text).to.equal(text);
  });
});
