import { expect } from 'chai';
import { request } from 'node:http';
import { deferred } from '../support/deferred.ts';
import { eventually } from '../support/eventually.ts';
import { aPersona } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

describe('A client that disconnects while its write waits for another one', () => {
  let held = '';
  const [reached, go] = [deferred(), deferred()];
  const deadlines: number[] = [];
  const running = serviceForTests({
    aroundStore: (store) => ({
      ...store,
      async append(appends, options) {
        if (appends.at(-1)?.stream === held) {
          deadlines.push(options?.deadline?.remainingMs() ?? Infinity);
          reached.resolve();
          await go.promise;
        }
        return store.append(appends, options);
      },
    }),
  });

  it('causes no stored event and no logged error; other requests continue', async () => {
    const { cuenta, id } = await aPersona(running().service);
    held = `persona-${id}`;
    const token = tokenOf('asistente', cuenta);
    const update = (telefono: string) =>
      running().send('PUT', '/api/personas/me', { token, body: { telefono } });
    const first = update('first');
    await reached.promise;

    const body = JSON.stringify({ telefono: 'gone' });
    const gone = request(`${running().service.url}/api/personas/me`, {
      method: 'PUT',
      agent: false,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    });
    gone.on('error', () => undefined);
    gone.end(body);
    await new Promise<void>((resolve) => gone.on('finish', resolve));
    // Answered after what came before it on the same server: by then the write waits in line.
    await running().send('GET', '/health/live');
    const lines = (): string[] => running().logLines.filter((line) => line.includes('"status":503'));
    gone.destroy();
    await eventually('the line of the request that was given up', () => lines().length === 1);
    go.resolve();
    expect((await first).status).to.equal(200);
    expect((await update('last')).status).to.equal(200);

    const phones = (await running().events())
      .filter(({ stream, type }) => stream === held && type === 'PersonaProfileUpdated')
      .map(({ data }) => (data as { changes: { telefono: { to: string } } }).changes.telefono.to);
    expect(phones).to.deep.equal(['first', 'last']);
    expect(running().logLines.join('')).to.not.contain('request failed');
    for (const ms of deadlines) expect(ms).to.be.within(1, 9_500);
  });
});
