import { expect } from 'chai';
import { request } from 'node:http';
import { setImmediate as nextTick } from 'node:timers/promises';
import type { RollThread } from '../../src/embedded/roll/rollThread.ts';
import type { RollWork } from '../../src/roll/wholeRoll/rollWork.ts';
import type { Answer } from '../support/client.ts';
import { deferred, type Deferred } from '../support/deferred.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

/** Work on rolls that never ends on its own, or that ends at once with a digest. */
function endlessRolls(): RollThread & { begun: Deferred; ended: Deferred; isEndless: boolean } {
  const rolls = {
    begun: deferred(),
    ended: deferred(),
    isEndless: false,
    async *doWork(_work: RollWork): AsyncGenerator<string, void> {
      if (!rolls.isEndless) {
        yield JSON.stringify({ count: 0, digest: '0'.repeat(64), erased: 0 });
        return;
      }
      rolls.begun.resolve();
      try {
        for (;;) {
          yield '';
          await nextTick();
        }
      } finally {
        rolls.ended.resolve();
      }
    },
    stop: async () => undefined,
  };
  return rolls;
}

describe('Work on a whole roll, when the client disconnects', () => {
  const rolls = endlessRolls();
  const running = serviceForTests({ rollWith: () => rolls });
  const token = tokenOf('admin');
  const post = (path: string, body?: object, headers: Record<string, string> = {}): Promise<Answer> =>
    running().send('POST', path, { token, headers, ...(body ? { body } : {}) });

  const toName = (name: string): object => ({ name, kind: 'users', at: '2020-01-01' });

  before(async () => {
    expect((await post('/rolls', toName('The first'))).status).to.equal(201);
  });
  beforeEach(() => {
    Object.assign(rolls, { begun: deferred(), ended: deferred(), isEndless: true });
  });
  afterEach(() => {
    rolls.isEndless = false;
  });

  /** Sends a request, and disconnects once its work is under way and another request was answered. */
  async function leave(
    method: string,
    path: string,
    { headers = {}, body }: { headers?: Record<string, string>; body?: object } = {},
  ): Promise<void> {
    const sent = request(`${running().service.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    });
    sent.on('error', () => undefined);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
    await rolls.begun.promise;
    expect((await running().send('GET', '/users', { token })).status).to.equal(200);
    sent.destroy();
    await rolls.ended.promise;
  }

  const between = 'from=2020-01-01&to=2020-01-02';
  const cases: [string, string, Record<string, string>][] = [
    ['POST', '/rolls/1/verify', {}],
    ['GET', '/rolls/1/entries', { accept: 'text/csv' }],
    ['GET', '/rolls/1/changes?to=2021-01-01', { accept: 'application/x-ndjson' }],
    ['GET', '/rolls/1/changes?to=2021-01-01&summary=true', {}],
    ['GET', '/users?at=2020-01-01', { accept: 'application/x-ndjson' }],
    ['GET', '/api/personas?at=2020-01-01', { accept: 'text/csv' }],
    ['GET', `/users/changes?${between}`, { accept: 'text/csv' }],
    ['GET', `/api/personas/changes?${between}&summary=true`, {}],
  ];
  for (const [method, path, headers] of cases) {
    const accept = headers['accept'] === undefined ? '' : ` as ${headers['accept']}`;
    it(`ends for ${method} ${path}${accept}`, () => leave(method, path, { headers }));
  }

  it('ends for POST /rolls, which names nothing; a repeat with the same Idempotency-Key does', async () => {
    const headers = { 'idempotency-key': 'left' };
    await leave('POST', '/rolls', { headers, body: toName('The second') });
    rolls.isEndless = false;
    const { body } = await running().send('GET', '/rolls', { token });
    expect((body as { rolls: { name: string }[] }).rolls.map(({ name }) => name)).to.deep.equal([
      'The first',
    ]);
    expect((await post('/rolls', toName('The second'), headers)).status).to.equal(201);
  });
});
