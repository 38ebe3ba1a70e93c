import { expect } from 'chai';
import { derivedKey } from '../../src/events/identifiers.ts';
import { fixedKey } from '../../src/events/bookkeeping/settings.ts';
import { encodeCursor } from '../../src/history/cursor.ts';
import { readHistoryQuery } from '../../src/history/filters.ts';
import { questionOf } from '../../src/history/history.ts';
import { userBody } from '../support/people.ts';
import { ADMIN, aPersona, seeing, startTestService, type TestService } from './support/service.ts';

const ANA = { sub: 'ana', role: 'asistente' };

describe('A history cursor with a valid signature', () => {
  let service: TestService;

  before(async () => {
    service = await startTestService();
    await service.request('POST', '/api/personas', { body: aPersona });
    await service.request('POST', '/api/personas', { body: { ...aPersona, dni: '2', cuenta: 'eva' } });
    const written = await service.request('POST', '/users', { body: userBody({ dni: '45678912C' }) });
    await service.request('GET', '/audit', { headers: seeing(written) });
  });
  after(() => service.close());

  /** A cursor signed with the service's own key for this route, over the history of `subject`. */
  async function cursorOver(subject: string | null, name: string): Promise<string> {
    const logKey = await fixedKey(service.store, null);
    const read = readHistoryQuery({});
    if (!logKey || 'faults' in read) throw new Error('no key, or no query');
    const place = { at: Date.now() + 1e9, position: 999_999n };
    const cursor = { upTo: 999_999n, place, subject };
    return encodeCursor(derivedKey(logKey, 'history cursors'), questionOf(read.query, name), cursor);
  }

  const walks: [path: string, name: string, own: string | null, as: typeof ANA, others: (string | null)[]][] =
    [
      ['/api/personas/me/history', 'me ana', 'persona-1', ANA, [null, 'persona-2', 'user-1']],
      ['/api/personas/1/history', 'persona-1', 'persona-1', ADMIN, [null, 'persona-2', 'user-1']],
      ['/users/45678912C/history', 'dni 45678912C', 'user-1', ADMIN, [null, 'persona-1', 'user-x']],
      ['/audit', 'audit', null, ADMIN, ['persona-1', 'user-1']],
    ];
  for (const [path, name, own, as, others] of walks) {
    it(`is refused by ${path} if it names a subject outside of that route`, async () => {
      const status = async (subject: string | null): Promise<number> =>
        (await service.request('GET', `${path}?cursor=${await cursorOver(subject, name)}`, { as })).status;
      expect(await status(own)).to.equal(200);
      for (const other of others) expect(await status(other), String(other)).to.equal(400);
    });
  }

  it('is signed with another key than stream names', async () => {
    const logKey = await fixedKey(service.store, null);
    const read = readHistoryQuery({});
    if (!logKey || 'faults' in read) throw new Error('no key, or no query');
    const cursor = { upTo: 9n, place: { at: 0, position: 0n }, subject: null };
    const text = encodeCursor(logKey, questionOf(read.query, 'audit'), cursor);
    expect((await service.request('GET', `/audit?cursor=${text}`)).status).to.equal(400);
  });
});
