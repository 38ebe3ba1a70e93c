import { expect } from 'chai';
import { headingMapOf } from '../../src/imports/columns/matchColumns.ts';
import { readAll, refusalOf } from './support/lists.ts';

describe('NDJSON', () => {
  it('is refused with an option that only CSV has: it would be ignored', async () => {
    const line = '{"nombres":"Ana","apellidos":"Gil","dni":"X1"}\n';
    const refused = '--separator, --decimal and --dates dmy are for CSV, and the file is NDJSON';
    for (const option of [{ separator: 'semicolon' }, { decimal: 'point' }, { dates: 'dmy' }] as const)
      expect(await refusalOf(line, { kind: 'personas', ...option })).to.equal(refused);
    expect(await refusalOf(line, { kind: 'personas', dates: 'iso' })).to.equal(null);
  });

  it('is known by its first character, behind blank pieces of a stream too', async () => {
    const line = '{"nombres":"Ana","apellidos":"Gil","dni":"X1"}';
    const { lines, format } = await readAll(`  \n\n${line}\n\n[]\n{"a"\n${line}`, {}, 2);
    expect(format).to.equal('ndjson');
    expect(lines.map((one) => [one.line, 'problem' in one ? one.problem.code : null])).to.deep.equal([
      [3, null],
      [5, 'not-an-object'],
      [6, 'not-json'],
      [7, null],
    ]);
  });

  it('may have its members under other names if --map says so', async () => {
    const map = headingMapOf(['numero=dni', 'nota=']);
    const { lines } = await readAll('{"nombres":"Ana","apellidos":"Gil","numero":"X1","nota":"x"}\n', {
      map,
    });
    expect(lines).to.deep.equal([{ line: 1, members: { nombres: 'Ana', apellidos: 'Gil', dni: 'X1' } }]);
  });

  it('refuses a line that has a member twice once --map has renamed it, instead of losing a value', async () => {
    const map = headingMapOf(['numero=dni']);
    const person = '"nombres":"Ana","apellidos":"Gil"';
    const { lines } = await readAll(
      `{${person},"numero":"X1","dni":"X2"}\n{${person},"numero":"X1","Número":"X2"}\n{${person},"dni":"X3"}\n`,
      { map },
    );
    const problem = { code: 'member-doubled', member: 'dni' };
    expect(lines).to.deep.equal([
      { line: 1, problem },
      { line: 2, problem },
      { line: 3, members: { nombres: 'Ana', apellidos: 'Gil', dni: 'X3' } },
    ]);
  });
});
