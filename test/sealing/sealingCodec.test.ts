import { createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { ErasedData, UnreadableData } from '../../src/events/codec.ts';
import { NO_REVISION, type EventStore, type NewEvent } from '../../src/events/eventStore.ts';
import { newEvent, systemOrigin } from '../../src/events/newEvent.ts';
import type { BookkeepingEvent, HistoryEvent } from '../../src/events/types.ts';
import { KeyUnavailableError } from '../../src/events/eventErrors.ts';
import { createKeyring, type Keyring } from '../../src/sealing/keyring.ts';
import { KeyStoreError, type KeyRow, type WrappedKey } from '../../src/sealing/keyStore.ts';
import { masterKey } from '../../src/sealing/masterKeys.ts';
import { SubjectErasedError } from '../../src/events/eventErrors.ts';
import { sealerWith } from '../../src/sealing/sealer.ts';
import { sealingCodec } from '../../src/sealing/sealingCodec.ts';
import { memoryEventStore, memoryLog, type MemoryLog } from '../support/memoryEventStore.ts';
import { memoryKeyStore } from './memoryKeyStore.ts';

const master = masterKey(createSecretKey(randomBytes(32)));
const RESERVATION = `reservation-${'r'.repeat(43)}`;
const KEY = `key-${'k'.repeat(43)}`;
const AT = '2026-01-02T03:04:05.000Z';

interface Process {
  store: EventStore;
  keyring: Keyring;
}

/** One of several processes over the same log and key store. */
function startProcess(log: MemoryLog, rows: Map<string, KeyRow>): Process {
  const store = memoryKeyStore(rows);
  const keyring = createKeyring({ store, masters: { present: master, previous: null } });
  return { keyring, store: memoryEventStore(log, undefined, sealingCodec(sealerWith(keyring))) };
}

const event = (one: HistoryEvent | BookkeepingEvent, reason?: string): NewEvent =>
  newEvent(
    randomUUID(),
    one,
    { ...systemOrigin(randomUUID()), actor: { account: 'maria', role: 'asistente' } },
    AT,
    reason === undefined ? {} : { reason },
  );

const edited = (from: string, to: string): HistoryEvent => ({
  type: 'PersonaProfileUpdated',
  data: { changes: { nombres: { from, to } } },
});
const claimed = (owner: string): BookkeepingEvent => ({ type: 'ValueClaimed', data: { owner, revision: 0 } });
const skipped: BookkeepingEvent = {
  type: 'EventSkipped',
  data: { view: 'personas', subject: 'persona-5', revision: 3, reason: 'typing error of Pedro' },
};
const begun = (target: string): BookkeepingEvent => ({
  type: 'CommandBegun',
  data: { route: 'PUT /api/personas/me', bodyHash: 'hash-of-the-body', target, revision: 0 },
});

describe('The sealing codec', () => {
  let log: MemoryLog;
  let rows: Map<string, KeyRow>;
  let one: Process;
  const append = (stream: string, what: NewEvent, expected = NO_REVISION, { store } = one) =>
    store.append([{ stream, expected, events: [what] }]);
  const first = async (stream: string, { store } = one) => (await store.readStream(stream, { limit: 1 }))[0];
  const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
      () => null,
      (error: unknown) => error,
    );
  const erase = (subject: string): void => {
    const { keyId } = rows.get(subject) as KeyRow;
    rows.set(subject, { subject, keyId, erasedAt: AT });
  };

  beforeEach(async () => {
    log = memoryLog();
    rows = new Map();
    one = startProcess(log, rows);
    await one.keyring.create(['persona-5']);
  });

  it('stores no personal data in clear text: neither the data nor the reason, the account or the owner', async () => {
    await append('persona-5', event(edited('María', 'Ana'), 'at the desk of Pedro'));
    await append(RESERVATION, event(claimed('persona-5')));
    await append(KEY, event(begun('persona-5')));
    await append('padron-skips', event(skipped));
    const stored = JSON.stringify(log.events.map(({ data, metadata }) => ({ data, metadata })));
    for (const text of ['María', 'Ana', 'nombres', 'Pedro', 'maria', 'hash-of-the-body']) {
      expect(stored).not.to.include(text);
    }
    expect(JSON.stringify(log.events.slice(0, 3).map(({ data }) => data))).not.to.include('persona-5');
    expect(log.events[0]?.data).to.have.all.keys('sealed');
    expect(log.events[0]?.metadata.actor.role).to.equal('asistente');
  });

  it('returns every event as it was appended, in any process', async () => {
    const sent = event(edited('María', 'Ana'), 'a reason');
    await append('persona-5', sent);
    await append(RESERVATION, event(claimed('persona-5')));
    const other = startProcess(log, rows);
    expect(await first('persona-5', other)).to.deep.include({ data: sent.data, metadata: sent.metadata });
    expect((await first(RESERVATION, other))?.data).to.deep.equal({ owner: 'persona-5', revision: 0 });
  });

  it('gives back why an event is skipped, and which one even where the key is erased, missing or out of reach', async () => {
    await append('padron-skips', event(skipped));
    const place = { view: 'personas', subject: 'persona-5', revision: 3 };
    expect((await first('padron-skips'))?.data).to.deep.equal(skipped.data);
    const saved = new Map(rows);
    rows.clear();
    const missing = startProcess(log, rows);
    expect((await first('padron-skips', missing))?.data).to.deep.equal({ ...place, reason: null });
    for (const [subject, row] of saved) rows.set(subject, row);
    erase('persona-5');
    const erased = startProcess(log, rows);
    expect((await first('padron-skips', erased))?.data).to.deep.equal({ ...place, reason: null });
    const away = { ...memoryKeyStore(rows), ofKeys: () => Promise.reject(new KeyStoreError('away')) };
    const keyring = createKeyring({ store: away, masters: { present: master, previous: null } });
    const store = memoryEventStore(log, undefined, sealingCodec(sealerWith(keyring)));
    expect((await first('padron-skips', { store, keyring }))?.data).to.deep.equal({ ...place, reason: null });
  });

  it('gives back what is not JSON as what it was', async () => {
    await append('persona-5', { ...event(edited('María', 'Ana')), data: new UnreadableData('[María') });
    expect(JSON.stringify(log.events[0]?.data)).not.to.include('María');
    expect((await first('persona-5'))?.data)
      .to.be.instanceOf(UnreadableData)
      .with.property('text', '[María');
  });

  it('leaves events about no one, and events stored in clear text, unchanged', async () => {
    const settings = event({ type: 'IdAllocated', data: { id: 7 } });
    await append('sequence-persona', settings);
    expect(log.events[0]?.data).to.deep.equal({ id: 7 });
    const clear = event(edited('a', 'b'));
    await memoryEventStore(log).append([{ stream: 'persona-9', expected: NO_REVISION, events: [clear] }]);
    expect((await first('persona-9'))?.data).to.deep.equal(clear.data);
  });

  it('shows an event as erased once its key is, and no reservation leads to the person', async () => {
    await append('persona-5', event(edited('María', 'Ana')));
    await append(RESERVATION, event(claimed('persona-5')));
    erase('persona-5');
    const other = startProcess(log, rows);
    const seen = await first('persona-5', other);
    expect(seen?.data).to.be.instanceOf(ErasedData);
    expect(seen?.metadata.actor).to.deep.equal({ account: '', role: 'asistente' });
    expect((await first(RESERVATION, other))?.data).to.be.instanceOf(ErasedData);
  });

  it('neither treats a missing key as erased nor replaces it: reads and appends fail', async () => {
    await append('persona-5', event(edited('María', 'Ana')));
    rows.clear();
    const other = startProcess(log, rows);
    expect(await failureOf(first('persona-5', other))).to.be.instanceOf(KeyUnavailableError);
    const again = append('persona-5', event(edited('Ana', 'Eva')), 0, other);
    expect(await failureOf(again)).to.be.instanceOf(KeyUnavailableError);
    expect(rows.size).to.equal(0);
    expect(log.events).to.have.length(1);
  });

  it('treats a key that is damaged in the key store, or moved there from another person, as missing', async () => {
    await one.keyring.create(['persona-6']);
    await append('persona-5', event(edited('María', 'Ana')));
    await append('persona-6', event(edited('Eva', 'Sol')));
    const [own, other] = ['persona-5', 'persona-6'].map((subject) => rows.get(subject) as WrappedKey);
    for (const wrapped of [own!.wrapped.slice(4), other!.wrapped]) {
      rows.set('persona-5', { ...own!, wrapped });
      const process = startProcess(log, rows);
      expect(await failureOf(first('persona-5', process))).to.be.instanceOf(KeyUnavailableError);
      const again = append('persona-5', event(edited('Ana', 'Eva')), 0, process);
      expect(await failureOf(again)).to.be.instanceOf(KeyUnavailableError);
      expect((await first('persona-6', process))?.data).to.have.property('changes');
    }
  });

  it('reads again once a missing key is back', async () => {
    await append('persona-5', event(edited('María', 'Ana')));
    const saved = new Map(rows);
    rows.clear();
    const other = startProcess(log, rows);
    expect(await failureOf(first('persona-5', other))).to.be.instanceOf(KeyUnavailableError);
    for (const [subject, row] of saved) rows.set(subject, row);
    expect((await first('persona-5', other))?.data).to.have.property('changes');
  });

  it('appends nothing more to an erased person', async () => {
    erase('persona-5');
    const other = startProcess(log, rows);
    const late = append('persona-5', event(edited('María', 'Ana')), NO_REVISION, other);
    expect(await failureOf(late)).to.be.instanceOf(SubjectErasedError);
    expect(await other.keyring.create(['persona-5'])).to.deep.equal(['erased']);
    expect(log.events).to.deep.equal([]);
  });

  it('drops a cached key when it reads the erasure, even if the key store was restored', async () => {
    await append('persona-5', event(edited('María', 'Ana')));
    expect((await first('persona-5'))?.data).to.have.property('changes');
    const { keyId } = rows.get('persona-5') as KeyRow;
    const end = event({
      type: 'SubjectErased',
      data: { erasure: randomUUID(), key: keyId, reason: 'asked' },
    });
    await append('persona-5', end, 0);
    const [erased, last] = await one.store.readStream('persona-5', { limit: 9 });
    expect(erased?.data).to.be.instanceOf(ErasedData);
    expect(last?.data).to.deep.equal(end.data);
    expect((await first('persona-5'))?.data).to.be.instanceOf(ErasedData);
  });

  it('gives two processes that create the key of one subject at once the same key', async () => {
    const other = startProcess(log, rows);
    const created = [one, other, one].map(({ keyring }) => keyring.create(['user-1']));
    expect((await Promise.all(created)).flat()).to.deep.equal(['key', 'key', 'key']);
    await append('user-1', event({ type: 'UserRemoved', data: {} }), NO_REVISION, other);
    expect((await first('user-1'))?.data).to.deep.equal({});
  });

  it('stores the key durably before the event that needs it', async () => {
    const failing = { ...memoryKeyStore(rows), add: () => Promise.reject(new KeyStoreError('disk full')) };
    const keyring = createKeyring({ store: failing, masters: { present: master, previous: null } });
    expect(await failureOf(keyring.create(['user-1']))).to.be.instanceOf(KeyStoreError);
    const store = memoryEventStore(log, undefined, sealingCodec(sealerWith(keyring)));
    const append = store.append([
      { stream: 'user-1', expected: NO_REVISION, events: [event(edited('a', 'b'))] },
    ]);
    expect(await failureOf(append)).to.be.instanceOf(KeyUnavailableError);
    expect(log.events).to.deep.equal([]);
  });

  it('shows an event that was moved to another stream as unreadable', async () => {
    await append('persona-5', event(edited('María', 'Ana')));
    const moved = { ...log.events[0]!, stream: 'persona-6' };
    log.events.push({ ...moved, position: 2n });
    expect((await first('persona-6'))?.data).to.be.instanceOf(UnreadableData);
  });
});
