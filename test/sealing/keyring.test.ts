import { createSecretKey, randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { KeyUnavailableError } from '../../src/events/eventErrors.ts';
import { createKeyring, type Keyring } from '../../src/sealing/keyring.ts';
import type { KeyRow, KeyStore, WrappedKey } from '../../src/sealing/keyStore.ts';
import { masterKey } from '../../src/sealing/masterKeys.ts';
import { failureOf } from '../events/contract/steps.ts';
import { deferred, type Deferred } from '../support/deferred.ts';
import { memoryKeyStore } from './memoryKeyStore.ts';

const masters = { present: masterKey(createSecretKey(randomBytes(32))), previous: null };

describe('The keyring of a process', () => {
  let rows: Map<string, KeyRow>;
  let keyring: Keyring;
  /** The calls to the key store, each with its names. */
  let calls: string[];
  /** If set, the key store answers nothing until it is resolved. */
  let held: Deferred | null;

  beforeEach(() => {
    rows = new Map();
    calls = [];
    held = null;
    keyring = startKeyring();
  });

  function startKeyring(): Keyring {
    const store = memoryKeyStore(rows);
    const noted =
      <Name, Answer>(what: string, call: (names: readonly Name[]) => Promise<Answer>) =>
      async (names: readonly Name[]): Promise<Answer> => {
        const subjects = names.map((one) => (typeof one === 'string' ? one : (one as WrappedKey).subject));
        calls.push(`${what} ${subjects.join()}`);
        const answer = await call(names);
        await held?.promise;
        return answer;
      };
    const watched: KeyStore = {
      ...store,
      ofSubjects: noted('of', store.ofSubjects),
      ofKeys: noted('with', store.ofKeys),
      add: noted('add', store.add),
    };
    return createKeyring({ store: watched, masters });
  }

  const stateOf = async (states: ReturnType<Keyring['ofKeys']>, name: string): Promise<string | undefined> =>
    (await states).get(name)?.state;
  const ofSubject = (subject: string) => stateOf(keyring.ofSubjects([subject]), subject);
  const ofKey = (keyId: string) => stateOf(keyring.ofKeys([keyId]), keyId);
  const keyIdOf = (subject: string): string => rows.get(subject)?.keyId ?? '';

  it('asks the key store for no key that it has made or found before', async () => {
    await keyring.create(['user-1']);
    await keyring.create(['user-1']);
    expect(await ofSubject('user-1')).to.equal('key');
    expect(await ofKey(keyIdOf('user-1'))).to.equal('key');
    expect(calls).to.deep.equal(['add user-1']);
    keyring = startKeyring();
    for (let times = 0; times < 2; times += 1) {
      expect(await ofSubject('user-1')).to.equal('key');
      expect(await ofKey(keyIdOf('user-1'))).to.equal('key');
    }
    expect(calls).to.deep.equal(['add user-1', 'of user-1']);
  });

  it('writes new keys that are wanted during a write together, and only those', async () => {
    held = deferred();
    const first = keyring.create(['user-1']);
    while (calls.length === 0) await new Promise(setImmediate);
    const others: ReturnType<Keyring['create']>[] = [];
    for (const subject of ['user-2', 'user-3', 'user-2']) {
      others.push(keyring.create(['user-1', subject]));
      await new Promise(setImmediate);
    }
    held.resolve();
    await first;
    expect((await Promise.all(others)).flat()).to.deep.equal(Array(6).fill('key'));
    expect(calls[0]).to.equal('add user-1');
    expect(calls.filter((call) => call.startsWith('add'))).to.have.lengthOf(2);
    await keyring.create(['user-4']);
    expect(calls.at(-1)).to.equal('add user-4');
  });

  it('finds a key again once its damaged row is repaired', async () => {
    await keyring.create(['user-1']);
    const row = rows.get('user-1') as WrappedKey;
    rows.set('user-1', { ...row, wrapped: row.wrapped.slice(4) });
    keyring = startKeyring();
    expect(await ofSubject('user-1')).to.equal('unavailable');
    rows.set('user-1', row);
    expect(await ofSubject('user-1')).to.equal('key');
  });

  it('makes no key for a subject whose key it cannot read, or cannot read back', async () => {
    const other = createKeyring({
      store: memoryKeyStore(rows),
      masters: { ...masters, present: masterKey(createSecretKey(randomBytes(32))) },
    });
    await other.create(['user-1']);
    expect(await failureOf(keyring.create(['user-1']))).to.be.instanceOf(KeyUnavailableError);
    const forgetful = { ...memoryKeyStore(rows), add: async () => false };
    const unread = createKeyring({ store: forgetful, masters });
    expect(await failureOf(unread.create(['user-2']))).to.be.instanceOf(KeyUnavailableError);
  });

  it('keeps a key erased that was being read when it was dropped', async () => {
    await keyring.create(['user-1', 'user-2']);
    keyring = startKeyring();
    held = deferred();
    const states = [ofSubject('user-1'), ofKey(keyIdOf('user-2'))];
    for (const subject of ['user-1', 'user-2']) keyring.dropErased(subject, keyIdOf(subject));
    held.resolve();
    expect(await Promise.all(states)).to.deep.equal(['erased', 'erased']);
    const keyId = keyIdOf('user-1');
    rows.clear();
    expect(await ofKey(keyId)).to.equal('erased');
    expect(await ofSubject('user-2')).to.equal('erased');
    expect(keyring.isErased('user-1')).to.equal(true);
    expect(keyring.isErased('user-3')).to.equal(false);
  });

  it('makes no key for an erased subject, even if the key store has lost its tombstone', async () => {
    keyring.dropErased('user-1', 'k-1');
    expect(await keyring.create(['user-1', 'user-2'])).to.deep.equal(['erased', 'key']);
    expect([...rows.keys()]).to.deep.equal(['user-2']);
  });
});
