import { expect } from 'chai';
import {
  NO_VIEW_RECORD,
  type ViewRecord,
  type ViewRecords,
  type Job,
  type StoredViewRecord,
} from '../../../src/projections/record/viewRecord.ts';
import { at, PEOPLE, person, type OpenedView } from './examples.ts';

const job: Job = {
  id: 'people-v1-1',
  kind: 'rebuild',
  projection: 'people',
  generation: 2,
  state: 'running',
  processed: 9_007_199_254_740_991,
  share: 0.1,
  eventsPerSecond: 1_234.5,
  etaSeconds: null,
  startedAt: '2026-03-01T08:00:00.000Z',
  endedAt: null,
  error: null,
};

/** A record that tells itself from others by its `jobsBegun`. */
export const record = (jobsBegun: number): ViewRecord => ({ ...NO_VIEW_RECORD, newest: 1, jobsBegun });

/** What is decided about views. */
export function controlRules({ storage, view }: OpenedView): void {
  const controls = (): ViewRecords => storage().readModel.controls;
  const read = async (of = PEOPLE): Promise<StoredViewRecord | null> => controls().read(of);
  const write = async (to: ViewRecord, of = PEOPLE): Promise<StoredViewRecord> => {
    expect(await controls().replace(of, await read(of), to)).to.equal(true);
    return (await read(of))!;
  };

  it('do not exist before the first write', async () => {
    expect(await read()).to.equal(null);
    expect(await read({ name: 'people', version: 7 })).to.equal(null);
  });

  it('are read as they were written, including jobs and their findings', async () => {
    const verification: Job = {
      ...job,
      id: 'people-v1-2',
      kind: 'verify',
      projection: null,
      generation: null,
      state: 'done',
      share: 1,
      endedAt: '2026-03-01T09:00:00.000Z',
      error: 'Ñ «€» 😀 $a.b',
      differences: [
        { projection: 'people', subject: 'persona-5', member: 'telefono', problem: 'different' },
        { projection: null, subject: 'user-15', member: null, problem: 'reservation' },
      ],
      differenceCount: 1_000_000,
    };
    const report = { state: 'paused', lastError: 'upgrade this instance', needs: 'upgrade' } as const;
    const control: ViewRecord = {
      live: 1,
      kept: null,
      newest: 2,
      jobsBegun: 2,
      jobs: [verification, job],
      report,
    };
    expect((await write(control)).control).to.deep.equal(control);
  });

  it('are replaced as a whole', async () => {
    const report = { state: 'live', lastError: null } as const;
    await write({ live: 1, kept: 2, newest: 3, jobsBegun: 4, jobs: [job], report });
    expect((await write(record(9))).control).to.deep.equal(record(9));
  });

  it('are replaced only by a writer that has read the last one', async () => {
    const first = await write(record(1));
    const second = await write(record(2));
    expect(await controls().replace(PEOPLE, first, record(3))).to.equal(false);
    expect(await controls().replace(PEOPLE, null, record(3))).to.equal(false);
    expect(await read()).to.deep.equal(second);
  });

  it('are not replaced if none exists', async () => {
    const other = await write(record(1), { name: 'people', version: 2 });
    expect(await controls().replace(PEOPLE, other, record(2))).to.equal(false);
    expect(await read()).to.equal(null);
  });

  it('are distinguished even if their contents are the same', async () => {
    const first = await write(record(1));
    await write(record(2));
    await write(record(1));
    expect(await controls().replace(PEOPLE, first, record(3))).to.equal(false);
  });

  it('are replaced by one of several simultaneous writers, on any connection', async () => {
    const elsewhere = (await storage().another()).controls;
    for (let round = 0; round < 10; round++) {
      const from = await read();
      const records = [1, 2, 3, 4].map((n) => record(10 * round + n));
      const outcomes = await Promise.all(
        records.map((to, i) => (i % 2 === 0 ? controls() : elsewhere).replace(PEOPLE, from, to)),
      );
      const done = records.filter((_, i) => outcomes[i]);
      expect(done, `round ${round}`).to.have.lengthOf(1);
      expect((await elsewhere.read(PEOPLE))?.control).to.deep.equal(done[0]);
    }
  });

  it('lose no change if writers that were too late read and try again', async () => {
    const elsewhere = (await storage().another()).controls;
    await write(record(0));
    const countUp = async (on: ViewRecords): Promise<void> => {
      for (;;) {
        const stored = (await on.read(PEOPLE))!;
        if (await on.replace(PEOPLE, stored, record(stored.control.jobsBegun + 1))) return;
      }
    };
    await Promise.all(Array.from({ length: 12 }, (_, i) => countUp(i % 2 === 0 ? controls() : elsewhere)));
    expect((await read())?.control.jobsBegun).to.equal(12);
  });

  it('stay unchanged when those of other views and versions change', async () => {
    const others = [
      { name: 'people', version: 2 },
      { name: 'people', version: 11 },
      { name: 'people1', version: 1 },
      { name: 'users', version: 1 },
    ];
    for (const [n, other] of others.entries()) await write(record(100 + n), other);
    await write(record(1));
    await write(record(2));
    await controls().forget(PEOPLE);
    for (const [n, other] of others.entries()) {
      expect((await read(other))?.control).to.deep.equal(record(100 + n));
    }
  });

  it('neither revert the checkpoint nor are reverted by it when both change at once', async () => {
    for (let n = 1; n <= 10; n++) {
      const stored = await read();
      const from = n === 1 ? null : at(BigInt(n - 1));
      const [written, replaced] = await Promise.all([
        view().write({ documents: [person(1, n)], from, to: at(BigInt(n)) }),
        controls().replace(PEOPLE, stored, record(n)),
      ]);
      expect([written, replaced]).to.deep.equal(['written', true]);
      expect((await read())?.control).to.deep.equal(record(n));
      expect(await view().checkpoint()).to.deep.equal(at(BigInt(n)));
    }
  });

  it('survive closing and opening, and can be replaced from an earlier read', async () => {
    const stored = await write({ ...record(1), jobs: [job] });
    await storage().readModel.close();
    const again = (await storage().another()).controls;
    expect(await again.read(PEOPLE)).to.deep.equal(stored);
    expect(await again.replace(PEOPLE, stored, record(2))).to.equal(true);
  });
}
