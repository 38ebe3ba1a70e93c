import { expect } from 'chai';
import { finishErasure, type FinishErasureDependencies } from '../../src/erasure/finishErasure.ts';
import { KeyStoreError } from '../../src/sealing/keyStore.ts';
import { failureOf } from '../events/contract/steps.ts';

const ERASURE: Parameters<typeof finishErasure>[1] = {
  id: 'e-1',
  subject: 'persona-5',
  revision: 3,
  key: 'k-1',
  reason: 'File 7',
  by: { account: 'ana', role: 'dpo' },
  rolls: [],
  at: '2026-01-01T00:00:00.000Z',
  announced: 0,
  isProved: false,
};

describe('The steps of a decided erasure', () => {
  it('begin with the key: nothing else is done if the key store does not record its erasure', async () => {
    const done: string[] = [];
    const note = (what: string) => () => void done.push(what);
    const noAnswer = new KeyStoreError('no answer');
    const dependencies = {
      store: { readStream: note('store') },
      readModel: { controls: { versions: note('views') } },
      views: { documentViews: [], rowViews: [] },
      keys: {
        store: { erase: () => Promise.reject(noAnswer), ofSubjects: note('keys') },
        keyring: { dropErased: note('keyring') },
      },
      forget: note('caches'),
    } as unknown as FinishErasureDependencies;
    const steps = finishErasure(
      dependencies,
      ERASURE,
      { revision: 3, position: 9n },
      new AbortController().signal,
    );
    expect(await failureOf(steps)).to.equal(noAnswer);
    expect(done).to.deep.equal([]);
  });
});
