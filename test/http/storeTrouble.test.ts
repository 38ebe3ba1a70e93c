import { expect } from 'chai';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { systemClock } from '../../src/platform/clock.ts';
import { eventually } from '../support/eventually.ts';
import { failingStore, type Trouble } from '../support/failingStore.ts';
import { aPersona, aUser, editOf } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

const PERSONAS_BODY = { message: 'Error al actualizar perfil' };
const USERS_BODY = {
  message: 'Temporarily unavailable, try again',
  error: 'Service Unavailable',
  statusCode: 503,
};

describe('When the event store fails', () => {
  const trouble: Trouble = { appends: 'work', reads: 'work' };
  const running = serviceForTests({
    aroundStore: (store) => failingStore(store, trouble),
    // Pauses between attempts are not waited out.
    clock: { now: systemClock.now, wait: () => nextTurn() },
  });
  afterEach(async () => {
    Object.assign(trouble, { appends: 'work', reads: 'work' });
    await eventually('the event store counts as there again', async () => {
      const { body } = await running().send('GET', '/health/ready');
      return !('writes' in (body as object));
    });
  });

  for (const appends of ['out of reach', 'conflict'] as const) {
    it(`a profile update answers 503 and stores nothing (${appends})`, async () => {
      const { cuenta } = await aPersona(running().service);
      trouble.appends = appends;
      const { answer, stored } = await running().storedBy(() =>
        running().send('PUT', '/api/personas/me', {
          token: tokenOf('asistente', cuenta),
          body: { telefono: '9' },
        }),
      );
      expect({ status: answer.status, body: answer.body }).to.deep.equal({
        status: 503,
        body: PERSONAS_BODY,
      });
      expect(Number(answer.headers['retry-after'])).to.be.greaterThan(0);
      expect(ours(stored)).to.deep.equal([]);
    });

    it(`an edit of a user answers 503 and stores nothing (${appends})`, async () => {
      const user = await aUser(running().service);
      trouble.appends = appends;
      const { answer, stored } = await running().storedBy(() =>
        running().send('POST', '/users/edit', {
          token: tokenOf('monitor'),
          body: editOf(user, { cuota: 1 }),
        }),
      );
      expect({ status: answer.status, body: answer.body }).to.deep.equal({ status: 503, body: USERS_BODY });
      expect(Number(answer.headers['retry-after'])).to.be.greaterThan(0);
      expect(ours(stored)).to.deep.equal([]);
    });
  }

  it('reads that need the event store answer 503, and the process keeps running', async () => {
    trouble.reads = 'out of reach';
    const admin = tokenOf('admin');
    expect((await running().send('GET', '/users/1X', { token: admin })).status).to.equal(503);
    expect((await running().send('GET', '/api/personas/me', { token: admin })).status).to.equal(503);
    expect((await running().send('GET', '/health/live')).status).to.equal(200);
  });

  it('an unknown outcome is 503, and a repeat with the same key is safe', async () => {
    const { cuenta, id } = await aPersona(running().service);
    const call = {
      token: tokenOf('asistente', cuenta),
      headers: { 'idempotency-key': 'once' },
      body: { telefono: '77' },
    };
    trouble.appends = 'outcome unknown';
    const put = () => running().send('PUT', '/api/personas/me', call);
    const first = await running().storedBy(put);
    expect(first.answer.status).to.equal(503);
    trouble.appends = 'work';
    const second = await running().storedBy(put);
    expect(second.answer.status).to.equal(200);
    expect(second.answer.body).to.include({ id, telefono: '77' });
    const updates = [...first.stored, ...second.stored].filter(({ stream }) => stream === `persona-${id}`);
    expect(updates).to.have.lengthOf(1);
  });

  it('no message of the store reaches the client or the log', async () => {
    const { cuenta } = await aPersona(running().service);
    trouble.appends = 'out of reach';
    const logged = running().logLines.length;
    const call = { token: tokenOf('asistente', cuenta), body: { telefono: '5551234' } };
    const { body } = await running().send('PUT', '/api/personas/me', call);
    expect(JSON.stringify(body)).to.not.contain('secret');
    const lines = running().logLines.slice(logged).join('');
    expect(lines).to.contain('request failed');
    expect(lines).to.not.contain('5551234').and.not.contain(cuenta);
  });
});

/** What is not the other writer's. */
const ours = <Event extends { type: string }>(events: readonly Event[]): Event[] =>
  events.filter(({ type }) => type !== 'ReservationLapsed');
