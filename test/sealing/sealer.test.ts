import { expect } from 'chai';
import { KeyUnavailableError, SubjectErasedError } from '../../src/events/eventErrors.ts';
import { sealInThread } from '../../src/embedded/sealing/sealingThread.ts';
import { openKeys, type OpenedKeys, type SealerOver } from '../../src/sealing/opening/sealedStore.ts';
import type { Opened, Sealer, ToOpen, ToSeal } from '../../src/sealing/sealer.ts';
import { keyIdIn } from '../../src/sealing/envelope.ts';
import { failureOf } from '../events/contract/steps.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { keyPlaceIn } from '../support/madeUpKeys.ts';

const AT = '2026-01-02T03:04:05.000Z';
const textOf = (subject: string, text = `of ${subject}`): ToSeal => ({
  subject,
  place: { stream: subject, id: `event of ${subject}`, type: 'UserEdited' },
  text,
});
const toOpen = ({ place }: ToSeal, envelope: string): ToOpen => ({
  keyId: keyIdIn(envelope) ?? '',
  place,
  envelope,
});
const people = (count: number): string[] => Array.from({ length: count }, (_, n) => `user-${n + 1}`);

/** Makes keys and seals in the thread from now on: it has been given enough work, and has started. */
async function untilInThread(sealer: Sealer): Promise<void> {
  let made = 0;
  await eventually('the thread', async () => {
    const subjects = Array.from({ length: 100 }, () => `persona-${(made += 1)}`);
    await sealer.create(subjects);
    return sealer.seal(subjects.map((subject) => textOf(subject))) instanceof Promise;
  });
}

function describeSealer(name: string, over: SealerOver | undefined): void {
  describe(`Sealing ${name}`, () => {
    let folder: string;
    let keys: OpenedKeys;

    beforeEach(async () => {
      folder = newFolder();
      keys = await openKeys(keyPlaceIn(folder), true, over);
      if (over) await untilInThread(keys.sealer);
    });

    afterEach(async () => {
      await keys.close();
      removeFolder(folder);
    });

    /** Another process or a restored backup erases the key of this subject in the key store. */
    const eraseInStore = async (subject: string): Promise<string> => {
      const [row] = await keys.store.ofSubjects([subject]);
      const keyId = row?.keyId ?? '';
      await keys.store.erase({ subject, keyId, erasedAt: AT });
      return keyId;
    };

    it('opens what it has sealed, in the order of the texts', async () => {
      const subjects = people(300);
      expect(await keys.sealer.create(subjects)).to.deep.equal(subjects.map(() => 'key'));
      const texts = subjects.map((subject) => textOf(subject, `ñ ${subject} 漢`));
      const envelopes = await keys.sealer.seal(texts);
      expect(envelopes.join('')).not.to.include('user-');
      const opened = await keys.sealer.open(texts.map((text, at) => toOpen(text, envelopes[at] ?? '')));
      expect(opened).to.deep.equal(texts.map(({ text }): Opened => ({ text })));
    });

    it('gives concurrent calls the results of their own texts', async () => {
      const subjects = people(200);
      await keys.sealer.create(subjects);
      const texts = subjects.map((subject) => textOf(subject));
      const envelopes = await Promise.all(texts.map(async (text) => keys.sealer.seal([text, text])));
      const opened = await Promise.all(
        texts.map(async (text, at) =>
          keys.sealer.open((envelopes[at] ?? []).map((envelope) => toOpen(text, envelope))),
        ),
      );
      expect(opened.map(([one]) => one)).to.deep.equal(texts.map(({ text }): Opened => ({ text })));
    });

    it('fails the call that names an erased subject or one without a key, and seals the texts of the others', async () => {
      await keys.sealer.create(people(3));
      keys.sealer.dropErased('user-2', await eraseInStore('user-2'));
      const calls = ['user-1', 'user-2', 'user-99', 'user-3'].map(async (one) =>
        keys.sealer.seal([textOf(one)]),
      );
      const [first, erased, missing, last] = await Promise.allSettled(calls);
      expect(erased).to.have.property('reason').that.is.instanceOf(SubjectErasedError);
      expect(missing).to.have.property('reason').that.is.instanceOf(KeyUnavailableError);
      expect(missing).to.have.nested.property('reason.message').that.contains('user-99');
      expect([first?.status, last?.status]).to.deep.equal(['fulfilled', 'fulfilled']);
    });

    it('opens nothing that is damaged, was moved, or whose key is missing', async () => {
      await keys.sealer.create(people(2));
      const [one, two] = [textOf('user-1'), textOf('user-2')];
      const [envelope = ''] = await keys.sealer.seal([one]);
      const damaged = toOpen(
        one,
        envelope.replace(/.(?=.{9}$)/, (one) => (one === 'A' ? 'B' : 'A')),
      );
      const unknown = { ...toOpen(one, envelope), keyId: 'x'.repeat(22) };
      const opened = await keys.sealer.open([damaged, toOpen(two, envelope), unknown]);
      expect(opened).to.deep.equal([{ state: 'broken' }, { state: 'broken' }, { state: 'unavailable' }]);
    });

    it('makes no key for an erased subject, seals and opens nothing of it', async () => {
      await keys.sealer.create(people(1));
      const text = textOf('user-1');
      const [envelope = ''] = await keys.sealer.seal([text]);
      keys.sealer.dropErased('user-1', await eraseInStore('user-1'));
      expect(await keys.sealer.create(['user-1'])).to.deep.equal(['erased']);
      expect(await keys.sealer.open([toOpen(text, envelope)])).to.deep.equal([{ state: 'erased' }]);
      const failure = await failureOf((async () => keys.sealer.seal([text]))());
      expect(failure).to.be.instanceOf(SubjectErasedError);
    });

    it('treats a key as erased once this process knows, even if the key store still has it', async () => {
      await keys.sealer.create(people(1));
      const text = textOf('user-1');
      const [envelope = ''] = await keys.sealer.seal([text]);
      const [row] = await keys.store.ofSubjects(['user-1']);
      keys.keyring.dropErased('user-1', row?.keyId ?? '');
      expect(await keys.sealer.create(['user-1'])).to.deep.equal(['erased']);
      expect(await keys.sealer.open([toOpen(text, envelope)])).to.deep.equal([{ state: 'erased' }]);
      const failure = await failureOf((async () => keys.sealer.seal([text]))());
      expect(failure).to.be.instanceOf(SubjectErasedError);
    });
  });
}

describeSealer('in the calling thread', undefined);
describeSealer('in a thread of its own', sealInThread);

describe('A sealer with a thread of its own', () => {
  let folder: string;
  beforeEach(() => {
    folder = newFolder();
  });
  afterEach(() => {
    removeFolder(folder);
  });

  it('works in the calling thread while there is little to do', async () => {
    const keys = await openKeys(keyPlaceIn(folder), true, sealInThread);
    await keys.sealer.create(['user-1']);
    for (let n = 0; n < 150; n += 1) expect(keys.sealer.seal([textOf('user-1')])).to.be.an('array');
    await keys.close();
  });

  it('leaves the first keys to the other thread if they are many, and their texts too', async () => {
    const keys = await openKeys(keyPlaceIn(folder), true, sealInThread);
    await keys.sealer.create(people(300));
    const envelopes = keys.sealer.seal([textOf('user-1')]);
    expect(envelopes).to.be.instanceOf(Promise);
    expect(await envelopes).to.have.length(1);
    await keys.close();
  });

  it('works in the calling thread if the other one cannot open the keys', async () => {
    const elsewhere: SealerOver = (_, keyring) => sealInThread(keyPlaceIn(`${folder}/none`), keyring);
    const keys = await openKeys(keyPlaceIn(folder), true, elsewhere);
    await keys.sealer.create(people(2_000));
    const envelopes = await keys.sealer.seal(people(2_000).map((subject) => textOf(subject)));
    expect(envelopes).to.have.length(2_000);
    await keys.close();
  });

  it('answers what it was asked before it ends', async () => {
    const keys = await openKeys(keyPlaceIn(folder), true, sealInThread);
    await untilInThread(keys.sealer);
    await keys.sealer.create(people(64));
    const pending = Promise.all(people(64).map(async (subject) => keys.sealer.seal([textOf(subject)])));
    await keys.close();
    expect((await pending).flat()).to.have.length(64);
  });

  it('asks the key store for no key that the calling thread has made', async () => {
    const keys = await openKeys(keyPlaceIn(folder), true, sealInThread);
    await keys.sealer.create(['user-1']);
    await untilInThread(keys.sealer);
    expect(keys.sealer.seal([textOf('user-1')])).to.be.an('array');
    await keys.close();
  });
});
