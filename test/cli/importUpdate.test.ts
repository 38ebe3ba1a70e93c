import { expect } from 'chai';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordedEvent } from '../../src/events/eventStore.ts';
import type { UserRecord } from '../../src/events/types.ts';
import { runCli, type CliRun } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { describeLong } from '../support/long.ts';
import { asNdjson, memberList } from '../support/memberList.ts';
import { startTestService } from '../support/service.ts';
import { openStores } from '../support/stores.ts';
import { tokenOf } from '../support/tokens.ts';

const COUNT = 600;

describeLong('padron import --update', function () {
  this.timeout(120_000);
  const folder = newFolder();
  const dataDir = join(folder, 'data');
  after(() => {
    removeFolder(folder);
  });

  function file(name: string, text: string): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  }
  const padron = (...args: string[]): Promise<CliRun> => runCli(args, { DATA_DIR: dataDir });
  const update = (...args: string[]): Promise<CliRun> => padron('import', '--update', ...args);
  async function edits(): Promise<RecordedEvent[]> {
    const stores = await openStores(dataDir);
    try {
      return (await stores.store.readAll(null, 1_000_000)).filter(({ type }) => type === 'UserEdited');
    } finally {
      await stores.close();
    }
  }
  /** The list as a Spanish spreadsheet opens it. */
  async function exported(): Promise<string> {
    const running = await startTestService({ dataDir });
    try {
      const headers = {
        authorization: `Bearer ${tokenOf('admin')}`,
        accept: 'text/csv; separator=semicolon',
      };
      return await eventually('the list has everybody', async () => {
        const text = await (await fetch(`${running.service.url}/users`, { headers })).text();
        return text.split('\r\n').length === COUNT + 2 ? text : undefined;
      });
    } finally {
      await running.stop();
    }
  }
  const correlationIn = ({ stdout }: CliRun): string => /^correlation ([\w-]+):/m.exec(stdout)?.[1] ?? '';

  let sheet: string;
  let changed: string;
  let correlation: string;

  before(async () => {
    const members = memberList(COUNT).map((member, index) =>
      index === 0 ? { ...member, telefono: '+34 600 111 222', direccion: '=1;-2, "x"', CP: '08001' } : member,
    );
    await padron('import', file('members.ndjson', asNdjson(members)));
    sheet = await exported();
  });

  it('stores nothing for an export that comes back as it was', async () => {
    const { code, stdout } = await update(file('same.csv', sheet));
    expect(stdout).to.contain(`${COUNT} lines: 0 changed, 0 imported, ${COUNT} unchanged, 0 failed`);
    expect(code).to.equal(0);
    expect(stdout).to.not.contain('correlation');
    expect(await edits()).to.deep.equal([]);
  });

  it('shows exactly the cells that differ in a dry run, and stores exactly these, once, with the reason', async () => {
    const rows = sheet.split('\r\n');
    const header = (rows[0] ?? '').replace('\ufeff', '').split(';');
    const set = (row: number, member: string, cell: string): void => {
      const cells = (rows[row] ?? '').match(/("(?:[^"]|"")*"|[^;]*)(?:;|$)/g) ?? [];
      cells[header.indexOf(member)] = `${cell};`;
      rows[row] = cells.slice(0, header.length).join('').replace(/;$/, '');
    };
    for (let row = 11; row <= 20; row += 1) {
      set(row, 'cuota', '47,25');
      set(row, 'poblacion', 'Sóller');
    }
    // Excel drops zeros and knows no spelling of a DNI but its own: neither is an edit.
    set(1, 'CP', '8001');
    set(2, 'IdUsuario', '');
    changed = file('changed.csv', rows.join('\r\n'));

    const dry = await update(changed, '--dry-run');
    const shown = dry.stdout.split('\n').filter((line) => line.startsWith('line '));
    expect(shown.sort()[0]).to.match(
      /^line 12: user-11: poblacion ".*" -> "Sóller", cuota [\d.]+ -> 47\.25$/,
    );
    expect(dry.stdout).to.contain(
      `${COUNT} lines: 10 would be changed, 0 would be imported, 590 unchanged, 0 failed`,
    );
    expect(await edits()).to.deep.equal([]);

    const run = await update(changed, '--reason', 'annual review');
    expect(run.stdout).to.contain(`${COUNT} lines: 10 changed, 0 imported, 590 unchanged, 0 failed`);
    correlation = correlationIn(run);
    const stored = await edits();
    expect(stored.map(({ stream }) => stream).sort()).to.deep.equal(
      Array.from({ length: 10 }, (_, n) => `user-${n + 11}`),
    );
    for (const { data, metadata } of stored) {
      const { changes } = data as { changes: object };
      expect(Object.keys(changes).sort()).to.deep.equal(['cuota', 'poblacion']);
      expect(metadata).to.include({ $correlationId: correlation, reason: 'annual review' });
    }
    const again = await update(changed);
    expect(again.stdout).to.contain(`0 changed, 0 imported, ${COUNT} unchanged, 0 failed`);
    expect(await edits()).to.have.lengthOf(10);
  });

  it('is shown as a whole by padron history --correlation', async () => {
    const { stdout } = await padron('history', '--correlation', correlation, '--json');
    const { entries } = JSON.parse(stdout) as { entries: { subject: string; reason: string }[] };
    expect(entries).to.have.lengthOf(10);
    expect(entries.every(({ reason }) => reason === 'annual review')).to.equal(true);
    expect((await padron('history')).code).to.equal(2);
  });

  it('is taken back by padron undo, but for what has been changed since', async () => {
    const dni = memberList(COUNT)[10]?.['dni'];
    await update(file('later.csv', `dni;cuota;provincia\n${String(dni)};99;Girona\n`), '--kind', 'users');

    const dry = await padron('undo', correlation, '--dry-run');
    expect(dry.stdout).to.contain(
      '10 people in the operation: 10 would be edited back, 0 would be removed, 1 left alone',
    );
    const { code, stdout, stderr } = await padron('undo', correlation);
    expect({ code, stderr }).to.deep.equal({
      code: 1,
      stderr: 'left alone: user-11 cuota has been changed since\n',
    });
    expect(stdout).to.contain('10 people in the operation: 10 edited back, 0 removed, 1 left alone');
    const back = await update(file('same.csv', sheet), '--dry-run');
    const lines = back.stdout.split('\n').filter((line) => line.startsWith('line '));
    expect(lines).to.have.lengthOf(1);
    expect(lines[0]).to.match(/^line 12: user-11: provincia .*, cuota 99 -> /);

    const again = await padron('undo', correlationIn({ code, stdout, stderr }));
    expect(again.stdout).to.contain('10 edited back, 0 removed, 0 left alone');
    expect((await padron('undo', 'no-such')).stderr).to.contain('no event of a person or user');
  });

  it('registers who is not known, refuses what no edit may change, and is undone as a whole', async () => {
    const [first, second] = memberList(COUNT) as unknown as UserRecord[];
    const lines = [
      { ...first, IdUsuario: undefined, dni: 'NEW-9' },
      { IdUsuario: 1, isVerified: false },
      { IdUsuario: 1, dni: second?.dni },
      { IdUsuario: 1, dni: 'OTHER' },
      { dni: 'NOBODY', cuota: 3 },
      { IdUsuario: 2, fechabaja: '1999-01-01' },
    ];
    const path = file('mixed.ndjson', lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const run = await update(path);
    expect(run.stdout).to.contain('6 lines: 0 changed, 1 imported, 0 unchanged, 5 failed');
    for (const text of [
      'line 2: isVerified cannot be changed by an import',
      'line 3: the id and the dni belong to two people',
      'line 4: dni cannot be changed by an import',
      'line 5: nobody on the roll has this id or dni; nombre is required',
      'line 6: fechabaja must not be before fechaalta',
    ])
      expect(run.stderr).to.contain(text);
    const undone = await padron('undo', correlationIn(run));
    expect(undone.stdout).to.contain('1 person in the operation: 0 edited back, 1 removed, 0 left alone');
    expect(undone.stdout)
      .to.match(/^correlation [\w-]+: npx padron history/m)
      .and.not.contain('npx padron undo');
    const again = await padron('undo', correlationIn(undone));
    expect({ code: again.code, stderr: again.stderr }).to.deep.equal({
      code: 1,
      stderr: 'left alone: user-601 was removed by the operation, and a removed user does not come back\n',
    });
  });
});
