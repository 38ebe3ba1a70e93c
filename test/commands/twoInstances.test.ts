import { expect } from 'chai';
import type { Outcome, Request } from '../../src/commands/command.ts';
import { createCommandSide } from '../../src/commands/handling/commandSide.ts';
import { editUser } from '../../src/commands/editUser.ts';
import { removeUser } from '../../src/commands/removeUser.ts';
import { updatePersonaProfile } from '../../src/commands/updatePersonaProfile.ts';
import type { EventStore } from '../../src/events/eventStore.ts';
import { deferred, type Deferred } from '../support/deferred.ts';
import { memoryEventStore, memoryLog, type MemoryLog } from '../support/memoryEventStore.ts';
import { aUser, editOf } from '../support/people.ts';
import { codeOf, immediateClock, noDeadline, testProcess, TEST_KEY } from '../support/processes.ts';

/** A store over the log that stops, once, before the nth step that `at` fits, of those while it is armed. */
function stoppingStore(
  log: MemoryLog,
  at: RegExp,
  nth = 1,
  isArmed = (): boolean => true,
): { store: EventStore; reached: Promise<void>; go: Deferred['resolve'] } {
  const [reached, go] = [deferred(), deferred()];
  let steps = 0;
  const store = memoryEventStore(log, async (what) => {
    if (!isArmed() || !at.test(what)) return;
    steps += 1;
    if (steps !== nth) return;
    reached.resolve();
    await go.promise;
  });
  return { store, reached: reached.promise, go: go.resolve };
}

/** A log with Ana, and an instance that has registered her. */
async function withAna() {
  const log = memoryLog();
  const other = testProcess(memoryEventStore(log));
  await other.register({ dni: '1', cuenta: 'ana' });
  return { log, other };
}

/** The values that the phone of persona-1 was given, in their order. */
const phonesIn = ({ events }: MemoryLog): unknown[] =>
  events
    .filter(({ stream, type }) => stream === 'persona-1' && type === 'PersonaProfileUpdated')
    .map(({ data }) => (data as { changes: { telefono: { to: unknown } } }).changes.telefono.to);

const phoneOf = (outcome: Outcome<{ telefono: string | null }>) =>
  outcome.outcome === 'done' ? outcome.state?.telefono : outcome.rejection.code;

const request = (changes: Partial<Request> = {}): Request => ({
  actor: { account: 'admin', role: 'admin' },
  requestId: 'request',
  correlationId: 'correlation',
  ifMatch: null,
  key: null,
  ...changes,
});
const keyed = (value: string): Partial<Request> => ({ key: { value, route: 'test', bodyHash: 'same' } });
const usersOf = (store: EventStore) => createCommandSide({ store, key: TEST_KEY, clock: immediateClock });

describe('Two instances over one log', () => {
  it('store a value that one has cached and the other has changed since', async () => {
    const { log, other } = await withAna();
    const one = testProcess(memoryEventStore(log));
    await one.update('ana', { telefono: 'A' });
    await other.update('ana', { telefono: 'B' });
    expect(phoneOf(await one.update('ana', { telefono: 'A' }))).to.equal('A');
    expect(phonesIn(log)).to.deep.equal(['A', 'B', 'A']);
  });

  it('apply the repeat of an undecided request to the current state, whatever they have cached', async () => {
    const { log, other } = await withAna();
    const one = testProcess(memoryEventStore(log));
    await one.update('ana', { telefono: 'A' });
    const dying = stoppingStore(log, /^append key-/, 2);
    void testProcess(dying.store).update('ana', { telefono: 'A' }, { key: 'k', deadline: noDeadline() });
    await dying.reached;
    await other.update('ana', { telefono: 'B' });
    expect(phoneOf(await one.update('ana', { telefono: 'A' }, { key: 'k' }))).to.equal('A');
    expect(phonesIn(log)).to.deep.equal(['A', 'B', 'A']);
  });

  it('edit the current holder of a DNI even if one of them has cached the previous holder', async () => {
    const log = memoryLog();
    const [one, other] = [usersOf(memoryEventStore(log)), usersOf(memoryEventStore(log))];
    const first = await aUser({ commands: one });
    await one.handle(editUser, editOf(first, { cuota: 1 }), request());
    await other.handle(removeUser, { dni: first.dni }, request());
    const second = await aUser({ commands: other }, { dni: first.dni });
    const outcome = await one.handle(editUser, editOf(second, { cuota: 2 }), request());
    expect(outcome).to.include({ outcome: 'done', id: second.IdUsuario });
  });

  it('read the state again before they report that a DNI is taken', async () => {
    const { log, other } = await withAna();
    await other.register({ dni: '2', cuenta: 'ben' });
    const { store, reached, go } = stoppingStore(log, /^read persona-2/);
    const asAna = request({
      actor: { account: 'ana', role: 'admin' },
      ifMatch: (_id, revision) => revision === 0,
    });
    const update = usersOf(store).handle(updatePersonaProfile, { dni: '2' }, asAna);
    await reached;
    await other.update('ana', { telefono: 'moved' });
    go();
    expect(codeOf(await update)).to.equal('stale');
  });
});

describe('One Idempotency-Key on two instances at once', () => {
  for (let stopAt = 1; stopAt <= 8; stopAt += 1) {
    it(`is applied once if the late instance stops before its read number ${stopAt}`, async () => {
      const { log, other } = await withAna();
      const { store, reached, go } = stoppingStore(log, /^read (persona|key)-/, stopAt);
      const late = testProcess(store).update('ana', { telefono: 'wanted' }, { key: 'k' });
      await Promise.race([reached, late]);
      const twin = testProcess(memoryEventStore(log));
      await twin.update('ana', { telefono: 'wanted' }, { key: 'k' });
      await other.update('ana', { telefono: 'other' });
      go();
      expect(codeOf(await late)).to.equal('done');
      expect(phonesIn(log).filter((phone) => phone === 'wanted')).to.have.lengthOf(1);
    });
  }

  // What the late instance has cached makes the request one that changes nothing.
  for (let stopAt = 1; stopAt <= 4; stopAt += 1) {
    it(`is applied once if the late instance has cached the wanted value and stops before its read number ${stopAt}`, async () => {
      const { log, other } = await withAna();
      let isArmed = false;
      const { store, reached, go } = stoppingStore(log, /^read persona-/, stopAt, () => isArmed);
      const late = testProcess(store);
      await late.update('ana', { telefono: 'wanted' });
      await other.update('ana', { telefono: 'other' });
      const applying = stoppingStore(log, /^append persona-/);
      const first = testProcess(applying.store).update('ana', { telefono: 'wanted' }, { key: 'k' });
      await applying.reached;

      isArmed = true;
      const second = late.update('ana', { telefono: 'wanted' }, { key: 'k' });
      await Promise.race([reached, second]);
      applying.go();
      expect(codeOf(await first)).to.equal('done');
      await other.update('ana', { telefono: 'last' });
      go();
      expect(codeOf(await second)).to.equal('done');
      expect(phonesIn(log).at(-1)).to.equal('last');
    });
  }

  // The first finds nothing to change and is about to record that; another write makes it a change for the second.
  for (const [where, at] of [
    ['its event', /^append persona-1/],
    ['its attempt', /^append key-/],
  ] as const) {
    it(`is never both answered «no change» and applied (the second stops before ${where})`, async () => {
      const { log, other } = await withAna();
      await other.update('ana', { telefono: 'A' });
      const settling = stoppingStore(log, /^append key-/, 2);
      const first = testProcess(settling.store).update('ana', { telefono: 'A' }, { key: 'k' });
      await settling.reached;
      await other.update('ana', { telefono: 'B' });
      const applying = stoppingStore(log, at);
      const second = testProcess(applying.store).update('ana', { telefono: 'A' }, { key: 'k' });
      await Promise.race([applying.reached, second]);
      settling.go();
      const firstAnswer = await first;
      applying.go();
      const answers = [firstAnswer, await second];

      expect(answers.map(codeOf)).to.deep.equal(['done', 'done']);
      const applied = phonesIn(log).slice(2);
      const isNoChange = firstAnswer.outcome === 'done' && firstAnswer.revision === 1;
      expect(applied).to.deep.equal(at.source.includes('key') ? [] : ['A']);
      expect(isNoChange && applied.length > 0).to.equal(false);
    });
  }

  it('removes a user once, and both report success', async () => {
    const log = memoryLog();
    const one = usersOf(memoryEventStore(log));
    const { dni } = await aUser({ commands: one });
    const { store, reached, go } = stoppingStore(log, /^read reservation-/);
    const late = usersOf(store).handle(removeUser, { dni }, request(keyed('k')));
    await reached;
    expect(codeOf(await one.handle(removeUser, { dni }, request(keyed('k'))))).to.equal('done');
    go();
    expect(await late).to.include({ outcome: 'done', repeated: true });
  });

  it('registers one person, at the id that was recorded first', async () => {
    const log = memoryLog();
    const stops = [stoppingStore(log, /^append key-/), stoppingStore(log, /^append key-/)];
    const register = stops.map(({ store }) =>
      testProcess(store).register({ dni: '1', cuenta: 'ana' }, { key: 'k' }),
    );
    await Promise.all(stops.map(({ reached }) => reached));
    for (const { go } of stops) go();
    const outcomes = await Promise.all(register);
    expect(outcomes.map(codeOf)).to.deep.equal(['done', 'done']);
    const registered = log.events.filter(({ type }) => type === 'PersonaRegistered');
    expect(registered).to.have.lengthOf(1);
    for (const outcome of outcomes) {
      expect(outcome).to.include({ id: (registered[0]?.data as { id: number }).id });
    }
  });

  it('is refused with another body, even if both arrive at once', async () => {
    const { log } = await withAna();
    const { store, reached, go } = stoppingStore(log, /^append key-/);
    const late = testProcess(store).update('ana', { telefono: 'A' }, { key: 'k', bodyHash: 'A' });
    await reached;
    const twin = testProcess(memoryEventStore(log));
    await twin.update('ana', { telefono: 'B' }, { key: 'k', bodyHash: 'B' });
    go();
    expect(codeOf(await late)).to.equal('key-reused');
    expect(phonesIn(log)).to.deep.equal(['B']);
  });
});
