import { expect } from 'chai';
import { certificateOf, type Certificate } from '../../src/erasure/certificate.ts';
import { reapplyErasure, type Reapplied } from '../../src/erasure/reapplyErasure.ts';
import { KeyStoreError } from '../../src/sealing/keyStore.ts';
import { failureOf } from '../events/contract/steps.ts';

type Dependencies = Parameters<typeof reapplyErasure>[0];

const CERTIFICATE: Certificate = {
  erasure: 'e-1',
  subject: 'persona-5',
  erasedAt: '2026-01-01T00:00:00.000Z',
  by: { account: 'ana', role: 'dpo' },
  reason: 'File 7',
  keys: ['k-1'],
  verified: { events: true, views: true, keyStore: true },
};

/** A restored log: whether it has events of the subject, the id of the subject's key, and its erasures. */
interface Restored {
  hasEvents?: boolean;
  keyId?: string | null;
  listed?: Certificate[];
  rejection?: { code: 'not-sealed' };
  /** The failure of the key store. */
  failure?: Error;
}

/** The outcome of repeating the certified erasure, and what it did. */
async function reapplied({
  hasEvents = true,
  keyId = 'k-1',
  listed = [],
  rejection,
  failure,
}: Restored = {}) {
  const done: unknown[] = [];
  const dependencies = {
    store: { readStream: async () => (hasEvents ? [{}] : []) },
    keyStore: {
      ofSubjects: async () => (keyId === null ? [] : [{ keyId }]),
      async erase(row: unknown) {
        if (failure) throw failure;
        done.push(row);
      },
    },
    erasures: {
      list: async () => listed,
      async erase(
        target: { named: string; find(): Promise<string> },
        wish: object,
        request: { actor: object },
      ) {
        done.push({ subject: await target.find(), named: target.named, ...wish, by: request.actor });
        return rejection ? { rejection } : {};
      },
    },
  } as unknown as Dependencies;
  const outcome: Reapplied = await reapplyErasure(dependencies, CERTIFICATE, { correlationId: 'c-1' });
  return { outcome, done };
}

const { erasure: id, subject, erasedAt, by, reason } = CERTIFICATE;
const erased = { subject, named: subject, id, reason, confirm: null, by };

describe('A certified erasure that is repeated in a restored log', () => {
  it('erases the person again, with its id, reason and actor', async () => {
    expect(await reapplied()).to.deep.equal({ outcome: 'erased', done: [erased] });
    expect(await reapplied({ keyId: null })).to.deep.equal({ outcome: 'erased', done: [erased] });
  });

  it('does nothing if this log has proved it, and finishes it if it has only been decided', async () => {
    const decided = { ...erased, announced: 0, at: erasedAt, revision: 3, key: 'k-1', rolls: [] };
    const certificate = (isProved: boolean) => certificateOf({ ...decided, isProved });
    expect(await reapplied({ listed: [certificate(true)] })).to.deep.equal({
      outcome: 'erased before',
      done: [],
    });
    expect(await reapplied({ listed: [certificate(false)] })).to.deep.include({ outcome: 'erased' });
    const other = { ...certificate(true), subject: 'persona-6' };
    expect(await reapplied({ listed: [other] })).to.deep.include({ outcome: 'erased' });
  });

  it('spares another person who got the id after the restore', async () => {
    expect(await reapplied({ keyId: 'k-2' })).to.deep.equal({ outcome: 'another person', done: [] });
  });

  it('erases only the key if the log has no events of the person', async () => {
    const done = [{ subject, keyId: 'k-1', erasedAt }];
    expect(await reapplied({ hasEvents: false })).to.deep.equal({ outcome: 'not in this log', done });
  });

  it('fails if the key store does not answer', async () => {
    const failure = new KeyStoreError('no answer');
    expect(await failureOf(reapplied({ hasEvents: false, failure }))).to.equal(failure);
  });

  it('reports why it is refused', async () => {
    const { outcome } = await reapplied({ rejection: { code: 'not-sealed' } });
    expect(outcome).to.deep.equal({ code: 'not-sealed' });
  });
});
