import { expect } from 'chai';
import { eventually } from '../support/eventually.ts';
import { amountOf } from '../support/long.ts';
import { tokenOf } from '../support/tokens.ts';
import { inOrder, openOffice, rowsOf, withCells, type Cell, type Office } from './support/office.ts';

/** ROUND_TRIP_USERS=10000 tries it at the size of a large club. */
const USERS = amountOf('ROUND_TRIP_USERS', { short: 100, long: 300 });
const ROWS = 10;

/** What the office changes in each of the rows: five cells, as a Spanish spreadsheet writes them and as padron stores them. */
const EDITS: Record<string, { cell: string; stored: unknown }> = {
  cuota: { cell: '47,25', stored: 47.25 },
  telefono: { cell: '+34 971 000 000', stored: '+34 971 000 000' },
  poblacion: { cell: 'Sóller', stored: 'Sóller' },
  provincia: { cell: 'Illes Balears', stored: 'Illes Balears' },
  email: { cell: 'nueva@example.com', stored: 'nueva@example.com' },
};

/** What a run says of the list: how many lines were changed, and how many were not. */
interface Result {
  changed: number;
  unchanged: number;
  correlation: string;
}

/** A way to have a list imported as an update. */
interface Door {
  dryRun(office: Office, sheet: string): Promise<Cell[]>;
  run(office: Office, sheet: string): Promise<Result>;
}

const commandLine: Door = {
  async dryRun({ padron, file }, sheet) {
    const { stdout } = await padron('import', file('list.csv', sheet), '--update', '--dry-run');
    return [...stdout.matchAll(/^line \d+: (user-\d+): (.*)$/gm)].flatMap(([, subject = '', cells = '']) =>
      cells.split(', ').map((text) => cellIn(subject, text)),
    );
  },
  async run({ padron, file }, sheet) {
    const list = file('list.csv', sheet);
    const { code, stdout } = await padron('import', list, '--update', '--reason', 'annual review');
    expect(code).to.equal(0);
    const [, changed, unchanged] =
      /: (\d+) changed, 0 imported, (\d+) unchanged, 0 failed/.exec(stdout) ?? [];
    const correlation = /^correlation ([\w-]+):/m.exec(stdout)?.[1] ?? '';
    return { changed: Number(changed), unchanged: Number(unchanged), correlation };
  },
};

/** `cuota 30 -> 45` */
function cellIn(subject: string, text: string): Cell {
  const [, member = '', from = '', to = ''] = /^(\w+) (.*) -> (.*)$/.exec(text) ?? [];
  return { subject, member, from: JSON.parse(from), to: JSON.parse(to) };
}

const token = tokenOf('admin', 'ana');
const upload = (sheet: string): object => ({ token, body: sheet, headers: { 'content-type': 'text/csv' } });

const overHttp: Door = {
  async dryRun({ service }, sheet) {
    const { status, body } = await service.send('POST', '/imports?update=true&dryRun=true', upload(sheet));
    expect(status).to.equal(200);
    type Change = { field: string; before: unknown; after: unknown };
    const { changes } = body as { changes: { subject: string; changes: Change[] }[] };
    return changes.flatMap((one) =>
      one.changes.map(({ field, before, after }) => ({
        subject: one.subject,
        member: field,
        from: before,
        to: after,
      })),
    );
  },
  async run({ service }, sheet) {
    const begun = await service.send('POST', '/imports?update=true&reason=annual+review', upload(sheet));
    expect(begun.status).to.equal(202);
    const { id } = begun.body as { id: string };
    type Job = { state: string; import: { correlation: string; counts: Record<string, number> } };
    const job = await eventually(
      'the import ends',
      async () => {
        const { body } = await service.send('GET', `/imports/${id}`, { token });
        return (body as Job).state !== 'running' && (body as Job);
      },
      60_000 + USERS * 10,
    );
    expect(job.state).to.equal('done');
    const { counts, correlation } = job.import;
    expect(counts).to.include({ imported: 0, refused: 0 });
    return { changed: counts['changed'] ?? -1, unchanged: counts['unchanged'] ?? -1, correlation };
  },
};

for (const [door, { dryRun, run }] of Object.entries({
  'padron import': commandLine,
  'POST /imports': overHttp,
})) {
  describe(`A roll of ${USERS} that comes back from a spreadsheet through ${door}`, function () {
    this.timeout(120_000 + USERS * 20);

    let office: Office;
    let sheet: string;
    let changedSheet: string;
    let wanted: Cell[];
    let correlation: string;

    before(async () => {
      office = await openOffice(USERS);
      sheet = await office.exported((rows) => rows.length === USERS);
      const ids = Array.from({ length: ROWS }, (_, n) => 1 + Math.floor((n * USERS) / ROWS));
      const edits = ids.flatMap((id) =>
        Object.entries(EDITS).map(([member, { cell }]) => ({ id, member, cell })),
      );
      changedSheet = withCells(sheet, edits);
      wanted = edits.map(({ id, member }) => ({
        subject: `user-${id}`,
        member,
        from: office.members[id - 1]?.[member],
        to: EDITS[member]?.stored,
      }));
      expect(wanted).to.have.lengthOf(50);
    });
    after(() => office.close());

    it('stores nothing and shows nothing if no cell was changed', async () => {
      const { answer, stored } = await office.service.storedBy(async () => ({
        shown: await dryRun(office, sheet),
        result: await run(office, sheet),
      }));
      expect(answer.shown).to.deep.equal([]);
      expect(answer.result).to.include({ changed: 0, unchanged: USERS });
      expect(stored).to.deep.equal([]);
    });

    it('shows exactly the changed cells in a dry run, and stores nothing', async () => {
      const { answer, stored } = await office.service.storedBy(() => dryRun(office, changedSheet));
      expect(inOrder(answer)).to.deep.equal(inOrder(wanted));
      expect(stored).to.deep.equal([]);
    });

    it('stores exactly these cells, an event for each row, with one correlation and the reason', async () => {
      const { answer, stored } = await office.service.storedBy(() => run(office, changedSheet));
      expect(answer).to.include({ changed: ROWS, unchanged: USERS - ROWS });
      ({ correlation } = answer);
      expect(stored).to.have.lengthOf(ROWS);
      for (const { metadata } of stored)
        expect(metadata).to.include({ $correlationId: correlation, reason: 'annual review' });
      expect(inOrder(await office.editedCells(correlation))).to.deep.equal(inOrder(wanted));
    });

    it('stores nothing when the same list comes again', async () => {
      const { answer, stored } = await office.service.storedBy(() => run(office, changedSheet));
      expect(answer).to.include({ changed: 0, unchanged: USERS });
      expect(stored).to.deep.equal([]);
    });

    it('has its former values back after padron undo', async () => {
      const { code, stdout } = await office.padron('undo', correlation);
      expect({ code, stdout: stdout.split('\n')[0] }).to.deep.equal({
        code: 0,
        stdout: `${ROWS} people in the operation: ${ROWS} edited back, 0 removed, 0 left alone`,
      });
      const own = /^correlation ([\w-]+):/m.exec(stdout)?.[1] ?? '';
      const back = wanted.map(({ subject, member, from, to }) => ({ subject, member, from: to, to: from }));
      expect(inOrder(await office.editedCells(own))).to.deep.equal(inOrder(back));
      const now = await office.exported((rows) => rows.every(({ poblacion }) => poblacion !== 'Sóller'));
      expect(rowsOf(now)).to.deep.equal(rowsOf(sheet));
      expect(now).to.equal(sheet);
    });
  });
}
