import { expect } from 'chai';
import iconv from 'iconv-lite';
import { gzipSync } from 'node:zlib';
import { ENCODINGS } from '../../src/imports/reading/encoding.ts';
import { headingMapOf } from '../../src/imports/columns/matchColumns.ts';
import { readAll, refusalOf } from './support/lists.ts';

const PERSONS =
  'Nombre;APELLIDOS;D.N.I.;Teléfono;id\nÍñigo;Núñez Ibáñez;01234567L;+34 600;7\nAna;Gil;X1;;8\n';
const personas = { kind: 'personas' } as const;
const members = [
  { nombres: 'Íñigo', apellidos: 'Núñez Ibáñez', dni: '01234567L', telefono: '+34 600', id: 7 },
  { nombres: 'Ana', apellidos: 'Gil', dni: 'X1', telefono: null, id: 8 },
];

describe('The encoding of a list', () => {
  for (const encoding of ENCODINGS)
    it(`is ${encoding} if the caller says so`, async () => {
      const bytes = iconv.encode(PERSONS, encoding);
      for (const piece of [1, 5, 65_536]) {
        const { lines } = await readAll(bytes, { ...personas, encoding }, piece);
        expect(lines.map((line) => 'members' in line && line.members)).to.deep.equal(members);
      }
    });

  it('is UTF-16 or UTF-8 if a byte order mark says so', async () => {
    for (const encoding of ['utf-8', 'utf-16le', 'utf-16be'] as const) {
      const bytes = iconv.encode(PERSONS, encoding, { addBOM: true });
      for (const piece of [3, 65_536]) {
        const read = await readAll(bytes, personas, piece);
        expect(read.encoding).to.equal(encoding);
        expect(read.lines.map((line) => 'members' in line && line.members)).to.deep.equal(members);
      }
    }
  });

  it('is UTF-8, or Windows-1252 if the bytes are not UTF-8, wherever the first accent is', async () => {
    const rows = Array.from({ length: 3_000 }, (_, n) => `Ana;Gil;P${n};600;${n + 10}\n`).join('');
    const late = PERSONS.replace('é', 'e').replace('Íñigo', `Ana;Gil;X0;;9\n${rows}Íñigo`);
    for (const encoding of ['utf-8', 'windows-1252'] as const)
      for (const text of [PERSONS, late])
        for (const piece of [1, 65_536]) {
          const read = await readAll(iconv.encode(text, encoding), personas, piece);
          expect(read.encoding).to.equal(encoding);
          expect(read.lines).to.deep.include({ line: text === late ? 3_003 : 2, members: members[0] });
        }
    expect((await readAll('nombre;apellidos;dni\nAna;Gil;1\n', personas)).encoding).to.equal(null);
  });

  it('stays UTF-8 with a broken byte: its line is refused, the others are read', async () => {
    const bytes = Buffer.concat([Buffer.from(PERSONS), Buffer.from('Jos\xe9;Gil;X2;;9\n', 'latin1')]);
    const { lines, encoding } = await readAll(bytes, personas);
    expect(encoding).to.equal('utf-8');
    expect(lines[0]).to.deep.equal({ line: 2, members: members[0] });
    expect(lines[2]).to.deep.equal({
      line: 4,
      problem: { code: 'not-decoded' },
    });
  });

  it('must be given for UTF-16 without a byte order mark', async () => {
    expect(await refusalOf(iconv.encode(PERSONS, 'utf-16le'), personas)).to.contain('--encoding utf-16le');
  });
});

describe('A file that is not a list', () => {
  const files: Record<string, [string | Buffer, RegExp]> = {
    empty: ['', /empty: nothing to import/],
    'of blanks': ['\ufeff \n\n', /empty: nothing to import/],
    'of separators': [';;;\n;;\n', /empty: nothing to import/],
    'a web page': ['<!DOCTYPE html><p>Ana</p>', /a web page/],
    'a JSON array': ['[{"dni":"01234567L","nombres":"Ana"}]', /a JSON array/],
    'a JSON array over lines': ['[\n  {"dni":"01234567L"}\n]', /a JSON array/],
    'an object over lines': ['{\n  "dni": "01234567L"\n}', /over several lines/],
    'a workbook': [Buffer.from([0x50, 0x4b, 3, 4, 20, 0, 0xff, 0xfe]), /Excel or LibreOffice workbook/],
    'an old workbook': [
      Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0, 0]),
      /old Excel workbook/,
    ],
    compressed: [gzipSync(PERSONS), /compressed/],
    'a PDF': ['%PDF-1.7 …', /PDF/],
  };
  for (const [name, [content, message]] of Object.entries(files))
    it(`is refused by name: ${name}`, async () => {
      for (const options of [{}, { name: 'list.csv' }, { name: 'list.ndjson' }, { format: 'csv' }] as const) {
        const refusal = await refusalOf(content, options);
        expect(refusal, JSON.stringify(options)).to.match(message);
        expect(refusal).to.not.contain('Ana').and.to.not.contain('01234567L');
      }
    });

  it('is refused if it is NDJSON named as CSV', async () => {
    expect(await refusalOf('{"dni":"01234567L"}\n', { name: 'list.csv' })).to.contain('--format ndjson');
  });
});

describe('The header of a CSV file', () => {
  const ROW =
    '1,Ana,Gil,$2b$12$hash,01234567L,Calle Sol 1,46002,Valencia,Valencia,España,ana@example.com,600,2024-01-01,,Efectivo,25,socio,Socio';

  it('may follow blank lines, with its columns in any order and spelling', async () => {
    const text = `;;\n\n${PERSONS}`;
    const { lines, kind } = await readAll(text.replace('id', ' ID_ '), personas);
    expect(kind).to.equal('personas');
    expect(lines[0]).to.deep.equal({ line: 4, members: members[0] });
  });

  it('shows the kind by the only column that one kind has', async () => {
    expect((await readAll('dni,nombres,apellidos,cuenta\n1,Ana,Gil,ana\n')).kind).to.equal('personas');
    const error = await readAll('dni,nombres,apellidos\n1,Ana,Gil\n').catch((thrown: unknown) => thrown);
    expect(error).to.have.nested.property('reason.code', 'kind-of-columns');
  });

  it('may have the headings of Spanish lists, which also show the kind', async () => {
    const header =
      'Nº Socio;Nombre;Apellidos;D.N.I./N.I.E.;Domicilio;C.P.;Provincia;Localidad;País;Correo electrónico;Móvil;Fecha de alta;F. baja;Forma de pago;Cuota (€);Tipo;Es socio';
    const row =
      '12;Ana;Gil;1X;Sol 1;46002;Valencia;Alzira;España;a@example.com;600;2024-03-01;;Efectivo;1.250,50 €;socio;Sí';
    const { lines, kind } = await readAll(`${header}\n${row}\n`);
    expect(kind).to.equal('users');
    expect(lines).to.deep.equal([
      {
        line: 2,
        members: {
          IdUsuario: 12,
          nombre: 'Ana',
          apellidos: 'Gil',
          dni: '1X',
          direccion: 'Sol 1',
          CP: '46002',
          provincia: 'Valencia',
          poblacion: 'Alzira',
          pais: 'España',
          email: 'a@example.com',
          telefono: '600',
          fechaalta: '2024-03-01',
          fechabaja: null,
          formadepago: 'Efectivo',
          cuota: 1250.5,
          categoria: 'socio',
          socio: 'Socio',
        },
      },
    ]);
  });

  it('is reported as missing once, without values, if the first line is a person', async () => {
    for (const options of [{}, { kind: 'users' }, { kind: 'personas' }] as const)
      for (const text of [ROW, ROW.replaceAll(',', ';'), 'Ana;Gil;01234567L', ROW.replace('Gil', 'Ana')]) {
        const refusal = await refusalOf(`${text}\n${ROW}\n`, options);
        expect(refusal).to.match(/header line/);
        for (const cell of ROW.split(/[,;]/).filter((one) => one.length > 3 && one.toLowerCase() !== 'socio'))
          expect(refusal).to.not.contain(cell);
      }
  });

  it('is refused with missing, repeated or unknown columns named by member or letter, never by their text', async () => {
    expect(await refusalOf('nombre;dni;telefono\n', personas)).to.equal(
      'a column is missing: apellidos. If it is there under another name, say --map "that name=apellidos"',
    );
    expect(await refusalOf('nombre;apellidos;dni;nif\n', personas)).to.contain(
      'columns C and D are both dni',
    );
    const unknown = await refusalOf('nombre;apellidos;dni;Secreto;Otro\n', personas);
    expect(unknown).to.contain('columns D, E').and.to.not.contain('Secreto');
  });

  it('is refused without normalising a heading of stacked accents', async function () {
    this.timeout(2_000); // some 20 ms; minutes where a heading of 1 MiB is put in order
    const heading = `a${'\u0301\u0323'.repeat(60_000)}`;
    expect(await refusalOf(`nombre;apellidos;dni;${heading}\n`, personas)).to.contain('column D');
    const map = headingMapOf(['Carné=dni']);
    const line = JSON.stringify({ nombres: 'Ana', apellidos: 'Gil', carné: 'X1', [heading]: 1 });
    const { lines } = await readAll(`${line}\n`, { ...personas, map });
    expect(lines[0]).to.have.nested.property('members.dni', 'X1');
  });

  it('is read as --map says', async () => {
    const map = headingMapOf(['Carné nº=dni', 'observaciones=']);
    const { lines } = await readAll('Nombre;Apellidos;CARNE Nº;Observaciones\nAna;Gil;X1;dice =no\n', {
      ...personas,
      map,
    });
    expect(lines).to.deep.equal([{ line: 2, members: { nombres: 'Ana', apellidos: 'Gil', dni: 'X1' } }]);
    for (const wrong of ['dni', '=dni', 'x=nothing'])
      expect(() => headingMapOf([wrong])).to.throw('--map takes');
  });

  it('is refused if --map gives a heading two members, instead of taking the last', async () => {
    for (const others of [['CARNE Nº=telefono'], ['carné nº='], ['Nota=', 'Carné nº=']])
      expect(() => headingMapOf(['Carné nº=dni', ...others])).to.throw('names a heading twice');
    expect([...headingMapOf(['Carné nº=dni', 'Carné nº=dni', 'Nota=', 'nota='])]).to.have.length(2);
  });

  it('is refused if --map names a heading that no column has, with the columns that there are', async () => {
    const map = headingMapOf(['Carné=dni', 'Observaciones=']);
    const header = 'Nombre;Apellidos;Carné nº';
    const refusal = '--map names a heading that the file does not have: carne';
    expect(await refusalOf(`${header}\n`, { ...personas, map }))
      .to.match(new RegExp(`^${refusal} .*has columns for nombres, apellidos; .*heading of C$`))
      .and.not.to.contain('nº');
    expect(await refusalOf(`${header};DNI\n`, { ...personas, map })).to.match(/nombres, apellidos, dni; /);
    expect(await refusalOf('Nombre;Apellidos;DNI\n', { ...personas, map })).to.match(/, dni$/);
    expect(await refusalOf('Nombre;Apellidos;CARNE\n', { ...personas, map })).to.equal(null);
    expect(await refusalOf(`Ana;Gil;X1\n`, { ...personas, map })).to.match(/header line/);
  });

  it('is refused if --map names a member that only the other kind has, instead of losing the column', async () => {
    const map = headingMapOf(['Correo=email']);
    const refusal = await refusalOf('nombre;apellidos;dni;Correo\n', { ...personas, map });
    expect(refusal).to.contain('does not know the heading of column D');
    const users = { kind: 'users', isUpdate: true, map: headingMapOf(['Nombre completo=nombres']) } as const;
    expect(await refusalOf('dni;Nombre completo\n', users)).to.contain('column B');
  });

  it('may have columns without a name if their cells are empty', async () => {
    const { lines } = await readAll(
      'nombre;apellidos;;dni;\nAna;Gil;;X1;\nEva;Gil;note;X2;\nEva;Gil;;X3;;;\n',
      personas,
    );
    expect(lines[0]).to.have.property('members');
    expect(lines[1]).to.deep.equal({ line: 3, problem: { code: 'cell-without-heading', columns: ['C'] } });
    expect(lines[2]).to.have.property('members');
  });

  it('must have as many columns as each row has cells', async () => {
    const { lines } = await readAll('nombre;apellidos;dni\nAna;Gil\nAna;Gil;X1;more\n', personas);
    const problem = { code: 'cells-missing' };
    expect(lines).to.deep.equal([
      { line: 2, problem },
      { line: 3, problem },
    ]);
  });
});
