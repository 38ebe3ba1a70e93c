import { expect } from 'chai';
import { requestErasure, type SubjectToErase } from '../../src/erasure/requestErasure.ts';
import { KeyUnavailableError } from '../../src/events/eventErrors.ts';
import { NO_REVISION, type EventStore, type RecordedEvent } from '../../src/events/eventStore.ts';
import { newEvent, systemOrigin } from '../../src/events/newEvent.ts';
import { ERASURES_STREAM } from '../../src/events/streams.ts';
import type { Actor, HistoryEvent } from '../../src/events/types.ts';
import { createDeadline } from '../../src/platform/deadline.ts';
import { failureOf } from '../events/contract/steps.ts';
import { maria, socia } from '../support/decisions.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';

const AT = '2026-01-01T00:00:00.000Z';
const origin = { ...systemOrigin('r-1'), commandId: 'c-1' };
const KEY = { subject: 'user-15', keyId: 'k-1', wrapped: '', master: '' };

describe('A request to erase a person', () => {
  let store: EventStore;
  let waits: number;
  let asked: number;
  /** Appends that another writer comes before. */
  let rivals: number;
  let decided: SubjectToErase[];

  beforeEach(() => {
    const bare = memoryEventStore(memoryLog());
    [waits, asked, rivals, decided] = [0, 0, 0, []];
    store = {
      ...bare,
      async append(appends, options) {
        if (appends.length === 2 && rivals > 0) {
          rivals -= 1;
          await write('user-15', edited(`rival ${rivals}`));
        }
        return bare.append(appends, options);
      },
    };
  });

  const edited = (to: string): HistoryEvent => ({
    type: 'UserEdited',
    data: { changes: { nombre: { from: '', to } } },
  });
  const all = (stream: string): Promise<RecordedEvent[]> => store.readStream(stream, { limit: 99 });
  async function write(stream: string, ...events: HistoryEvent[]): Promise<void> {
    const expected = (await all(stream)).at(-1)?.revision ?? NO_REVISION;
    const made = events.map((event, n) => newEvent(`${stream} ${expected} ${n}`, event, origin, AT));
    await store.append([{ stream, expected, events: made }]);
  }
  const register = (): Promise<void> => write('user-15', { type: 'UserRegistered', data: socia });

  interface Asked {
    stream?: string;
    actor?: Actor;
    keys?: (typeof KEY)[] | null;
    isSameRequest?: boolean;
    decision?: 'erase' | { code: 'not-found' };
  }
  async function erase({
    stream = 'user-15',
    actor = { account: 'ana', role: 'dpo' },
    keys = [KEY],
    isSameRequest = true,
    decision = 'erase',
  }: Asked = {}): Promise<unknown> {
    const deadline = createDeadline(5_000);
    const clock = {
      now: () => AT,
      async wait() {
        waits += 1;
      },
    };
    try {
      return await requestErasure(
        {
          store,
          keyStore: keys && { ofSubjects: async () => keys },
          entriesOnRolls: async () => [],
          lateEntries: { keep: () => undefined },
          async beforeAppend() {
            asked += 1;
            return isSameRequest;
          },
        },
        {
          id: 'e-1',
          stream,
          reason: 'Request 7',
          origin: { ...origin, actor },
          decide(subject) {
            decided.push(subject);
            return decision;
          },
        },
        { clock, deadline },
      );
    } finally {
      deadline.release();
    }
  }
  async function expectNothingStored(): Promise<void> {
    expect(await all(ERASURES_STREAM)).to.deep.equal([]);
    expect((await all('user-15')).map(({ type }) => type)).to.not.include('SubjectErased');
  }

  it('decides on every state that the person had, a removed one too', async () => {
    await register();
    await write('user-15', edited('Otra'), { type: 'UserRemoved', data: {} });
    expect(await erase()).to.equal('erased');
    const [{ records, revision, isKeyGone } = { records: [] }] = decided;
    expect(records).to.deep.equal([socia, { ...socia, nombre: 'Otra' }]);
    expect([revision, isKeyGone]).to.deep.equal([2, false]);
    expect((await all('user-15')).at(-1)).to.deep.include({ type: 'SubjectErased', id: 'e-1', revision: 3 });
  });

  it('stores nothing that is refused, and asks nothing else first', async () => {
    await register();
    expect(await erase({ decision: { code: 'not-found' } })).to.deep.equal({ code: 'not-found' });
    expect(await erase({ keys: null })).to.deep.equal({ code: 'not-sealed' });
    expect(asked).to.equal(0);
    expect(await erase({ isSameRequest: false })).to.deep.equal({ code: 'key-reused' });
    await expectNothingStored();
  });

  it('stores nothing of a person whose key is missing', async () => {
    await register();
    expect(await failureOf(erase({ keys: [] }))).to.be.instanceOf(KeyUnavailableError);
    await expectNothingStored();
  });

  it('finds a person erased whose erasure is decided, and decides no second one', async () => {
    await register();
    await erase();
    const stored = [await all('user-15'), await all(ERASURES_STREAM)];
    expect(await erase({ decision: { code: 'not-found' } })).to.equal('erased');
    expect(decided).to.have.length(1);
    expect([await all('user-15'), await all(ERASURES_STREAM)]).to.deep.equal(stored);
  });

  it('decides again, after a pause, on what another writer has stored first', async () => {
    await register();
    rivals = 2;
    expect(await erase()).to.equal('erased');
    expect(decided.map(({ revision }) => revision)).to.deep.equal([0, 1, 2]);
    expect([waits, asked]).to.deep.equal([2, 1]);
    expect((await all('user-15')).at(-1)).to.deep.include({ type: 'SubjectErased', revision: 3 });
  });

  it('gives up after twelve others', async () => {
    await register();
    rivals = 12;
    expect(await erase()).to.deep.equal({ code: 'contention' });
    expect([rivals, waits, decided.length]).to.deep.equal([0, 11, 12]);
    expect((await all('user-15')).map(({ type }) => type)).to.not.include('SubjectErased');
  });

  for (const [who, stream, account, kept] of [
    ['another account', 'user-15', 'ana', 'ana'],
    ['the DNI of the user', 'user-15', '45.678.912c', 'user-15'],
    ['a former e-mail of the user', 'user-15', socia.email.toUpperCase(), 'user-15'],
    ['the account of the person', 'persona-5', 'maria', 'persona-5'],
    ['an account with other letters', 'persona-5', 'Maria', 'Maria'],
  ] as const) {
    it(`keeps ${kept === account ? 'the account' : 'no account'} of who decided it with ${who}`, async () => {
      await register();
      await write('user-15', edited('Otra'), {
        type: 'UserEdited',
        data: { changes: { email: { from: socia.email, to: 'ana@example.com' } } },
      });
      await write('persona-5', { type: 'PersonaRegistered', data: maria });
      await erase({ stream, actor: { account, role: 'dpo' } });
      const [begun] = await all(ERASURES_STREAM);
      expect(begun?.data).to.have.deep.property('by', { account: kept, role: 'dpo' });
      expect(begun?.metadata.actor.account).to.equal(kept);
    });
  }
});
