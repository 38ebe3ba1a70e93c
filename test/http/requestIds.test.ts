import { expect } from 'chai';
import { aPersona } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe('The ids of a request', () => {
  const running = serviceForTests();

  it("are the caller's if they are well formed", async () => {
    const headers = { 'x-request-id': 'a.B_9:-', 'x-correlation-id': 'x'.repeat(128) };
    const answer = await running().send('GET', '/health/live', { headers });
    expect(answer.headers).to.include(headers);
  });

  it('are generated if they are not well formed', async () => {
    for (const id of ['x'.repeat(129), 'with space', 'ñ', '{"a":1}', '']) {
      const headers = { 'x-request-id': id, 'x-correlation-id': id };
      const answer = await running().send('GET', '/health/live', { headers });
      expect(answer.headers['x-request-id']).to.match(UUID);
      expect(answer.headers['x-correlation-id']).to.equal(answer.headers['x-request-id']);
    }
  });

  it('are on every answer, including errors; the correlation id defaults to the request id', async () => {
    const requests: [string, string][] = [
      ['GET', '/nowhere'],
      ['DELETE', '/users'],
      ['GET', '/users'],
      ['PUT', '/api/personas/me'],
    ];
    for (const [method, path] of requests) {
      const { headers } = await running().send(method, path, { headers: { 'x-request-id': 'mine' } });
      expect(headers).to.include({ 'x-request-id': 'mine', 'x-correlation-id': 'mine' });
    }
  });

  it('are in the metadata of stored events, with actor, command and instant', async () => {
    const { cuenta, created_at } = await aPersona(running().service);
    const { stored } = await running().storedBy(() =>
      running().send('PUT', '/api/personas/me', {
        token: tokenOf('asistente', cuenta),
        headers: { 'x-request-id': 'r-1', 'x-correlation-id': 'c-1' },
        body: { telefono: '1' },
      }),
    );
    const { commandId, occurredAt, ...metadata } = stored[0]!.metadata;
    expect(commandId).to.match(UUID);
    expect(occurredAt).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(occurredAt >= created_at).to.equal(true);
    expect(metadata).to.deep.equal({
      actor: { account: cuenta, role: 'asistente' },
      requestId: 'r-1',
      schemaVersion: 1,
      $correlationId: 'c-1',
      $causationId: commandId,
    });
  });
});
