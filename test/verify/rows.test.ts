import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { updatePersonaProfile } from '../../src/commands/updatePersonaProfile.ts';
import { ErasedData } from '../../src/events/codec.ts';
import type { EventStore, RecordedEvent } from '../../src/events/eventStore.ts';
import type { PersonaRecord } from '../../src/events/types.ts';
import { rowsOfErased } from '../../src/projections/folding/erasedSubjects.ts';
import { history, type HistoryEntry } from '../../src/projections/views/history.ts';
import type { Row } from '../../src/projections/ports/rows.ts';
import { event, written } from '../events/contract/steps.ts';
import { aPersona } from '../support/people.ts';
import { by, EVENT_STORES, MAX_MS, openVerified, type Verified } from './support/verified.ts';

for (const events of EVENT_STORES) {
  describe(`Verifying the history (events: ${events})`, function () {
    this.timeout(MAX_MS);
    let verified: Verified;
    let ana: PersonaRecord & { cuenta: string };
    beforeEach(async () => {
      verified = await openVerified({ events });
      ana = await aPersona(verified);
      await verified.commands.handle(updatePersonaProfile, { telefono: '600' }, by(ana.cuenta));
      await verified.level();
    });
    afterEach(() => verified.close());

    async function lastEvent(): Promise<RecordedEvent> {
      const all = await verified.store.readAll(null, 1_000);
      return all.filter(({ stream }) => stream === `persona-${ana.id}`).at(-1)!;
    }
    async function lastRow(change: Partial<HistoryEntry> = {}): Promise<Row> {
      const row = history.rowOf(await lastEvent())!;
      return { ...row, json: JSON.stringify({ ...(JSON.parse(row.json) as object), ...change }) };
    }

    async function expectFoundAndMended(
      subject: string,
      ...about: { member: string | null; problem: string }[]
    ) {
      const wanted = about.map((one) => ({ projection: 'history', subject, ...one }));
      const { told, found } = await verified.verify();
      expect(told).to.deep.equal(wanted);
      expect(found.every(({ repaired }) => repaired === null)).to.equal(true);
      const repaired = await verified.verify({ repair: true });
      expect(repaired.told).to.deep.equal(wanted);
      expect(repaired.found.every(({ repaired }) => repaired === true)).to.equal(true);
      expect((await verified.verify()).told).to.deep.equal([]);
    }

    it('finds a row that is missing', async () => {
      const before = await verified.everything();
      const { position } = await lastEvent();
      await (await verified.rows()).repair(position, null);
      await expectFoundAndMended(`persona-${ana.id}`, { member: null, problem: 'missing' });
      expect(await verified.everything()).to.deep.equal(before);
    });

    it('names the members that are different', async () => {
      const before = await verified.everything();
      const row = await lastRow({ actor: { account: 'somebody', role: 'admin' }, summary: 'nothing' });
      await (await verified.rows()).repair(row.position, row);
      await expectFoundAndMended(
        `persona-${ana.id}`,
        { member: 'actor', problem: 'different' },
        { member: 'summary', problem: 'different' },
      );
      expect(await verified.everything()).to.deep.equal(before);
    });

    it('finds a correct row that no filter or range of instants would return', async () => {
      const before = await verified.everything();
      const row = await lastRow();
      for (const wrong of [
        { ...row, keys: row.keys.slice(1) },
        { ...row, keys: [] },
        { ...row, at: row.at + 1 },
      ]) {
        await (await verified.rows()).repair(row.position, wrong);
        await expectFoundAndMended(`persona-${ana.id}`, { member: 'index', problem: 'different' });
        expect(await verified.everything()).to.deep.equal(before);
      }
    });

    it('finds an index entry that points to a row without its key', async () => {
      const row = await lastRow();
      const rows = await verified.rows();
      await rows.repair(row.position, { ...row, keys: [...row.keys, 'actor:somebody'] });
      const isIndexApart = (await rows.countEntries(row.position)) !== null;
      const found = isIndexApart
        ? { subject: 'history', problem: 'unexpected' }
        : { subject: `persona-${ana.id}`, problem: 'different' };
      expect((await verified.verify()).told).to.deep.equal([
        { projection: 'history', member: 'index', ...found },
      ]);
    });

    it('finds a row that cannot be read', async () => {
      const row = { ...(await lastRow()), json: '{"position":' };
      await (await verified.rows()).repair(row.position, row);
      await expectFoundAndMended(`persona-${ana.id}`, { member: null, problem: 'different' });
    });

    it('ignores the order of members', async () => {
      const row = await lastRow();
      const members = Object.entries(JSON.parse(row.json) as object).reverse();
      await (
        await verified.rows()
      ).repair(row.position, { ...row, json: JSON.stringify(Object.fromEntries(members)) });
      expect((await verified.verify()).told).to.deep.equal([]);
    });

    it('finds a row without an event, both between others and after the end of the log', async () => {
      const before = await verified.everything();
      const claim = (await verified.store.readAll(null, 1_000)).find(({ type }) => type === 'ValueClaimed')!;
      const [row, rows] = [await lastRow(), await verified.rows()];
      await rows.repair(claim.position, { ...row, position: claim.position });
      await rows.repair(10n ** 15n, { ...row, position: 10n ** 15n });
      const unexpected = { member: null, problem: 'unexpected' };
      await expectFoundAndMended(`persona-${ana.id}`, unexpected, unexpected);
      expect(await verified.everything()).to.deep.equal(before);
    });

    it('gives the position of a row that does not name its subject', async () => {
      const row = { ...(await lastRow()), position: 10n ** 15n, json: '"maria@example.com"' };
      await (await verified.rows()).repair(row.position, row);
      await expectFoundAndMended('position 1000000000000000', { member: null, problem: 'unexpected' });
    });

    it('compares rows after the head as of its start, as far as they exist', async () => {
      const upTo = await verified.level();
      await verified.commands.handle(updatePersonaProfile, { telefono: '700' }, by(ana.cuenta));
      await verified.commands.handle(updatePersonaProfile, { telefono: '800' }, by(ana.cuenta));
      await verified.level();
      const row = await lastRow({ summary: 'nothing' });
      await (await verified.rows()).repair(row.position, row);
      const { told } = await verified.verify({ upTo });
      expect(told).to.deep.equal([
        { projection: 'history', subject: `persona-${ana.id}`, member: 'summary', problem: 'different' },
      ]);
      await (await verified.rows()).repair(row.position, null);
      expect((await verified.verify({ upTo })).told, 'it need not be there yet').to.deep.equal([]);
    });

    it('leaves rows alone that a lagging node of the event store does not have yet', async () => {
      const before = await verified.everything();
      const { store } = verified;
      const lagging: EventStore = {
        ...store,
        async *subscribe(options) {
          yield { events: [], position: options.after ?? 0n, mark: null, caughtUp: true };
          yield* store.subscribe(options);
        },
      };
      expect((await verified.verify({ store: lagging, repair: true })).told).to.deep.equal([]);
      expect(await verified.everything()).to.deep.equal(before);
    });

    it('does not bring back the data of a person who is erased after an event was read', async () => {
      const { store } = verified;
      const stream = `persona-${ana.id}`;
      const asErased = (event: RecordedEvent): RecordedEvent =>
        event.stream === stream ? { ...event, data: new ErasedData() } : event;
      const erased: EventStore = {
        ...store,
        readStream: async (...args) => (await store.readStream(...args)).map(asErased),
      };
      const redacted = await rowsOfErased(history, erased, [stream]);
      await (await verified.rows()).erase(redacted, history.keysIn);
      const { found } = await verified.verify({ store: erased, repair: true });
      expect(found.filter(({ projection }) => projection === 'history')).to.deep.equal([]);
      const stored = await (await verified.rows()).scan({ after: null, limit: 1_000 });
      expect(stored.map(({ json }) => json)).to.include.members(redacted.map(({ json }) => json));
    });

    /**
     * The store of a process that has the person's key until it reads the erasure, or never has it. `meanwhile` runs after it has read
     * the first events of the log.
     */
    function withKey(hasKey: boolean, meanwhile = async (): Promise<void> => undefined): EventStore {
      const { store } = verified;
      const stream = `persona-${ana.id}`;
      let isThere = hasKey;
      const read = (event: RecordedEvent): RecordedEvent => {
        const isReadable = isThere || event.stream !== stream || event.type === 'SubjectErased';
        return isReadable ? event : { ...event, data: new ErasedData() };
      };
      const readAll = (events: readonly RecordedEvent[]): RecordedEvent[] => {
        if (events.some(({ type }) => type === 'SubjectErased')) isThere = false;
        return events.map(read);
      };
      return {
        ...store,
        readStream: async (...args) => readAll(await store.readStream(...args)),
        async *subscribe(options) {
          for await (const batch of store.subscribe(options)) {
            const events = readAll(batch.events);
            await meanwhile();
            yield { ...batch, events };
          }
        },
      };
    }

    async function eraseAna(): Promise<void> {
      const { stream, revision } = await lastEvent();
      const data = { erasure: randomUUID(), key: 'k'.repeat(22), reason: 'a request' };
      await written(verified.store, stream, revision, [event('SubjectErased', data)]);
    }

    it('reports nothing of a person whose erasure the view has not reached', async () => {
      const upTo = await verified.level();
      await eraseAna();
      expect((await verified.verify({ upTo, store: withKey(false) })).told).to.deep.equal([]);
    });

    it('reports what is left of a person once the view has passed the erasure', async () => {
      await eraseAna();
      await verified.level();
      const { told } = await verified.verify({ store: withKey(false) });
      expect(told.map(({ projection, subject }) => `${projection} ${subject}`)).to.include(
        `history persona-${ana.id}`,
      );
    });

    it('does not bring back with a key that is in memory what the view has redacted', async () => {
      const upTo = await verified.level();
      let redacted: Row[] = [];
      async function eraseOnce(): Promise<void> {
        if (redacted.length > 0) return;
        await eraseAna();
        redacted = await rowsOfErased(history, withKey(false), [`persona-${ana.id}`]);
        await verified.level();
        await (await verified.rows()).erase(redacted, history.keysIn);
      }
      const { found } = await verified.verify({ upTo, store: withKey(true, eraseOnce), repair: true });
      expect(found.filter(({ projection }) => projection === 'history')).to.deep.equal([]);
      const stored = await (await verified.rows()).scan({ after: null, limit: 1_000 });
      expect(stored.map(({ json }) => json)).to.include.members(redacted.map(({ json }) => json));
    });
  });
}
