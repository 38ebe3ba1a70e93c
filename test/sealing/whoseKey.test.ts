import { expect } from 'chai';
import { KeyUnavailableError } from '../../src/events/eventErrors.ts';
import type { NewEvent, RecordedEvent } from '../../src/events/eventStore.ts';
import { KeyStoreError } from '../../src/sealing/keyStore.ts';
import type { Opened, Sealer } from '../../src/sealing/sealer.ts';
import { isOfNobody, isOpen, ownerOf, sealingCodec } from '../../src/sealing/sealingCodec.ts';
import { failureOf } from '../events/contract/steps.ts';

const KEY_ID = 'k'.repeat(22);
const ENVELOPE = `v1.${KEY_ID}.${'A'.repeat(64)}`;

/** An event as it is stored. */
const stored = (stream: string, type: string, data: object): RecordedEvent => ({
  stream,
  type,
  data,
  id: 'e',
  revision: 0,
  position: 1n,
  metadata: {
    actor: { account: '', role: 'admin' },
    requestId: '',
    commandId: '',
    schemaVersion: 1,
    occurredAt: '2026-01-02T03:04:05.000Z',
    $correlationId: '',
    $causationId: '',
  },
});
const sealed = (stream: string, type: string, open: object = {}): RecordedEvent =>
  stored(stream, type, { ...open, sealed: ENVELOPE });
const SKIP = { view: 'users', subject: 'user-1', revision: 3 };

/** A sealer that opens nothing but does as told; `asked` and `dropped`: what it was asked to do. */
function sealerThat(open: () => Opened[] | Promise<Opened[]>): Sealer & { asked: number; dropped: string[] } {
  const sealer = {
    asked: 0,
    dropped: [] as string[],
    create: async () => [],
    seal(): string[] {
      sealer.asked += 1;
      return [];
    },
    open() {
      sealer.asked += 1;
      return open();
    },
    dropErased: (subject: string) => void sealer.dropped.push(subject),
  };
  return sealer;
}

describe('The key of an event', () => {
  it('is that of the person whom it is about, and none for the bookkeeping about no person', () => {
    const owner = (stream: string, type: string, data: object = {}): string | null =>
      ownerOf(stream, { type, data });
    expect(owner('user-1', 'UserEdited')).to.equal('user-1');
    expect(owner('reservation-x', 'ValueClaimed', { owner: 'user-1' })).to.equal('user-1');
    expect(owner('key-x', 'CommandBegun', { target: 'persona-2' })).to.equal('persona-2');
    expect(owner('padron-skips', 'EventSkipped', { subject: 'user-1' })).to.equal('user-1');
    expect(owner('key-x', 'CommandBegun', { target: 'imports' })).to.equal(null);
    expect(owner('key-x', 'CommandBegun')).to.equal(null);
    expect(owner('user-1', 'SubjectErased')).to.equal(null);
    expect(owner('sequence-user', 'IdAllocated', { owner: 'user-1' })).to.equal(null);
  });

  it('is not needed for an append or a read of events about no person, or in clear', async () => {
    const sealer = sealerThat(() => []);
    const codec = sealingCodec(sealer);
    const allocated = stored('sequence-user', 'IdAllocated', { id: 7 });
    const appends = [{ stream: allocated.stream, expected: -1, events: [allocated] }];
    expect(await codec.encode(appends)).to.equal(appends);
    const clear = [
      allocated,
      stored('user-1', 'UserEdited', { sealed: 5 }),
      stored('user-1', 'UserEdited', { sealed: 'by hand' }),
    ];
    expect(await codec.decode(clear)).to.equal(clear);
    expect(sealer.asked).to.equal(0);
  });

  it('is needed as soon as one event of an append is about a person', () => {
    const of = (...types: string[]): boolean =>
      isOfNobody({
        stream: 'user-1',
        expected: 0,
        events: types.map((type) => ({ type, data: {} }) as NewEvent),
      });
    expect(of('SubjectErased')).to.equal(true);
    expect(of('UserEdited')).to.equal(false);
    expect(of('SubjectErased', 'UserEdited')).to.equal(false);
  });

  it('has to be known for a sealed event and for an erasure, and for no other', () => {
    expect(isOpen(stored('user-1', 'UserEdited', {}))).to.equal(true);
    expect(isOpen(sealed('user-1', 'UserEdited'))).to.equal(false);
    expect(isOpen(stored('user-1', 'SubjectErased', { key: 'k' }))).to.equal(false);
  });

  it('is dropped at the erasure of its person only, if that names it', async () => {
    const sealer = sealerThat(() => []);
    await sealingCodec(sealer).decode([
      stored('padron-erasures', 'ErasureBegun', { subject: 'user-1', key: 'k' }),
      stored('user-2', 'SubjectErased', {}),
      stored('user-3', 'SubjectErased', { key: 'k' }),
    ]);
    expect(sealer.dropped).to.deep.equal(['user-3']);
  });
});

describe('Sealed events while the key store does not answer', () => {
  const away = new KeyStoreError('the key store does not answer');
  const read = async (failure: Error, ...events: RecordedEvent[]): Promise<unknown> => {
    const codec = sealingCodec(sealerThat(() => Promise.reject(failure)));
    return codec.decode(events);
  };

  it('are an outage, not a missing key, also beside a skip', async () => {
    const edited = sealed('user-1', 'UserEdited');
    expect(await failureOf(read(away, edited))).to.equal(away);
    expect(await failureOf(read(away, edited, sealed('padron-skips', 'EventSkipped', SKIP)))).to.equal(away);
  });

  it('are read without the reason if they are skips, and only then', async () => {
    const skip = sealed('padron-skips', 'EventSkipped', SKIP);
    const [found] = (await read(away, skip)) as RecordedEvent[];
    expect(found?.data).to.deep.equal({ ...SKIP, reason: null });
    const fault = new TypeError('a fault of padron');
    expect(await failureOf(read(fault, skip))).to.equal(fault);
  });

  it('name the stream, the revision and the key where that is missing', async () => {
    const codec = sealingCodec(sealerThat(() => [{ state: 'unavailable' }]));
    const error = await failureOf((async () => codec.decode([sealed('user-1', 'UserEdited')]))());
    expect(error).to.be.instanceOf(KeyUnavailableError);
    expect((error as Error).message).to.contain(`user-1@0 (${KEY_ID})`);
  });
});
