import { expect } from 'chai';
import iconv from 'iconv-lite';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordedEvent } from '../../src/events/eventStore.ts';
import type { UserRecord } from '../../src/events/types.ts';
import { runCli, type CliRun } from '../support/cli.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { asNdjson, memberList } from '../support/memberList.ts';
import { openStores } from '../support/stores.ts';

const HEADER =
  'Apellidos;Nombre;N.I.F.;Cuota;Correo electrónico;Teléfono;Móvil 2;Domicilio;C.P.;Población;Provincia;País;Forma de pago;Categoría;Socio;Fecha alta;';
const person = (apellidos: string, nif: string, cuota = '30,50'): string =>
  `${apellidos};Íñigo;${nif};${cuota};inigo@example.com;="0600111222";;"Calle Peñón, 3; 2º";08001;Sant Cugat;Barcelona;España;Recibo;socio;Sí;15/03/2019;`;

/** What an import prints, but for the name of this one. */
const withoutCorrelation = (printed: string): string => printed.replace(/^correlation .*\n/m, '');

describe('padron import of a list from an office', () => {
  let folder: string;
  let dataDir: string;
  let report: string;
  beforeEach(() => {
    folder = newFolder();
    dataDir = join(folder, 'data');
    report = join(folder, 'errors.ndjson');
  });
  afterEach(() => {
    removeFolder(folder);
  });

  function file(name: string, content: string | Buffer): string {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  }
  const load = (...args: string[]): Promise<CliRun> => runCli(['import', ...args], { DATA_DIR: dataDir });
  async function events(): Promise<RecordedEvent[]> {
    const stores = await openStores(dataDir);
    try {
      return await stores.store.readAll(null, 1_000_000);
    } finally {
      await stores.close();
    }
  }
  const users = async (): Promise<UserRecord[]> =>
    (await events()).filter(({ type }) => type === 'UserRegistered').map(({ data }) => data as UserRecord);
  const reported = (): { line: number; errors: string[] }[] =>
    readFileSync(report, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { line: number; errors: string[] });

  const office = iconv.encode(
    [
      ';;;',
      HEADER,
      person('Núñez Ibáñez', '01234567L'),
      ';;;;;;;;;;;;;;;;',
      person('López de Heredia', '1234567L', '1.250,00 €'),
      person('García', 'X-1', '1.250'),
      person('Peña', '01234567-l'),
      person('Sanz', ''),
      'broken;line',
      person('Otxoa', 'X-2').replace('15/03/2019', ''),
    ].join('\r\n'),
    'windows-1252',
  );

  it('takes a list in Windows-1252 without ids, hashes and order in one command, and a second time stores nothing', async () => {
    const path = file('socios.csv', office);
    const options = [path, '--dates', 'dmy', '--map', 'Móvil 2=', '--errors', report];
    const { code, stdout, stderr } = await load(...options);
    expect({ code, stdout: withoutCorrelation(stdout) }).to.deep.equal({
      code: 1,
      stdout: [
        '7 lines: 3 imported, 0 were already there, 4 failed',
        'the file was read as windows-1252; if names look wrong, say --encoding',
        '3 lines without an id got one',
        '3 users without a password hash got one that no password matches',
        "1 line without a registration date got today's",
        '1 DNI with seven digits: has a spreadsheet dropped a leading zero?',
        '',
      ].join('\n'),
    });
    expect(reported().sort((a, b) => a.line - b.line)).to.deep.equal([
      {
        line: 6,
        errors: [
          'cuota must be a number: decimals have a comma, as in 12,5; --decimal says otherwise, and decides where a number can be read in two ways',
        ],
      },
      { line: 7, errors: ['dni is already in use'] },
      { line: 8, errors: ['dni should not be empty'] },
      { line: 9, errors: ['does not have as many cells as the header'] },
    ]);
    for (const cell of ['Peña', 'García', '01234567', 'inigo@', '1.250'])
      expect(stdout + stderr + readFileSync(report, 'utf8')).to.not.contain(cell);
    const stored = await users();
    expect(stored.map(({ cuota }) => cuota).sort()).to.deep.equal([1250, 30.5, 30.5]);
    expect(stored.find(({ dni }) => dni === '01234567L')).to.include({
      nombre: 'Íñigo',
      apellidos: 'Núñez Ibáñez',
      telefono: '0600111222',
      direccion: 'Calle Peñón, 3; 2º',
      CP: '08001',
      fechaalta: '2019-03-15',
      password: '!',
      socio: 'Socio',
    });
    expect(new Set(stored.map(({ IdUsuario }) => IdUsuario))).to.deep.equal(new Set([1, 2, 3]));

    const again = await load(...options);
    expect(again.stdout).to.contain('7 lines: 0 imported, 3 were already there, 4 failed');
    expect(await users()).to.have.lengthOf(3);
  });

  it('reports in a dry run exactly what the run then does, including ids and DNIs that are taken', async () => {
    const members = memberList(1_200);
    await load(file('first.ndjson', asNdjson(members.slice(0, 300))));
    const before = await events();
    const [first = {}, second = {}] = members;
    const lines = [
      ...members,
      { ...first, IdUsuario: 9_001 },
      { ...second, dni: 'NEW-1' },
      { ...first, IdUsuario: null, dni: 'NEW-2' },
      { ...first, IdUsuario: 9_002, dni: 'NEW-3' },
      { ...first, IdUsuario: 9_003, dni: 'new3' },
      { ...first, IdUsuario: 9_002, dni: 'NEW-4' },
    ].map(({ IdUsuario, ...line }) =>
      IdUsuario === null ? line : { IdUsuario: IdUsuario ?? null, ...line },
    );
    const path = file('second.ndjson', asNdjson(lines));

    const dry = await load(path, '--dry-run', '--errors', report);
    const foretold = reported().sort((a, b) => a.line - b.line);
    expect(dry.stdout).to.contain('1206 lines: 902 would be imported, 300 were already there, 4 failed');
    expect(await events()).to.deep.equal(before);

    const run = await load(path, '--errors', report);
    expect(withoutCorrelation(run.stdout)).to.equal(
      dry.stdout.replaceAll('would be imported', 'imported').replaceAll('would get', 'got'),
    );
    expect(reported().sort((a, b) => a.line - b.line)).to.deep.equal(foretold);
    expect(await users()).to.have.lengthOf(1_202);
  });

  it('makes nothing in a dry run where there is no padron yet, and still finds what the file itself has twice', async () => {
    const [first = {}] = memberList(1);
    const path = file('twice.ndjson', asNdjson([first, { ...first, IdUsuario: 2 }]));
    const { code, stdout, stderr } = await load(path, '--dry-run');
    expect({ code, stdout, stderr }).to.deep.equal({
      code: 1,
      stdout: '2 lines: 1 would be imported, 0 were already there, 1 failed\n',
      stderr: 'line 2: dni is already in use\n',
    });
    expect(existsSync(dataDir)).to.equal(false);
  });

  it('ends with exit code 2 and one message for a file that is not a list, before anything is created', async () => {
    const path = file('page.csv', '<html><td>01234567L</td></html>');
    expect(await load(path)).to.deep.equal({
      code: 2,
      stdout: '',
      stderr: 'padron: the file is a web page or an XML document, not CSV or NDJSON\n',
    });
    expect(existsSync(dataDir)).to.equal(false);
  });
});
