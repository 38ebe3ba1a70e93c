import { expect } from 'chai';
import { SOCIA } from '../../support/people.ts';
import {
  ADMIN,
  aPersona,
  MONITOR,
  seeing,
  startTestService,
  type Answer,
  type TestService,
} from './service.ts';

export const ANA = { sub: 'ana', role: 'asistente' };
export const PASSWORD = 'correct horse';

export interface ServedHistory {
  service(): TestService;
  /** What is stored of María's password. */
  hash(): string;
  /** Asks after the last write of the setting, and sees all of it. */
  get(path: string, as?: typeof ADMIN, headers?: Record<string, string>): Promise<Answer>;
}

/**
 * A service for the tests of this block, none of which writes: persons 1 (Ana) and 2, user 1 (María) with two edits; 6
 * entries.
 */
export function servedHistory(): ServedHistory {
  let service: TestService;
  let last: Answer;
  let hash: string;

  before(async () => {
    service = await startTestService();
    await service.request('POST', '/api/personas', { body: aPersona });
    await service.request('POST', '/api/personas', { body: { ...aPersona, dni: '2', cuenta: 'eva' } });
    await service.request('PUT', '/api/personas/me', {
      as: ANA,
      body: { telefono: '=1+1', nombres: 'Ána' },
      headers: { 'x-correlation-id': 'corr-1' },
    });
    hash = (await service.request('POST', '/users', { body: { ...SOCIA, password: PASSWORD } })).body
      .password;
    await service.request('POST', '/users/edit', { as: MONITOR, body: { ...SOCIA, cuota: 30 } });
    last = await service.request('POST', '/users/edit', { body: { ...SOCIA, cuota: 45, CP: '46002' } });
    expect(last.status).to.equal(200);
  });

  after(() => service.close());

  return {
    service: () => service,
    hash: () => hash,
    get: (path, as = ADMIN, headers = {}) =>
      service.request('GET', path, { as, headers: { ...seeing(last), ...headers } }),
  };
}
