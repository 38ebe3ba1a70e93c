import { expect } from 'chai';
import { aPersona, userBody } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

describe('Personal data', () => {
  const running = serviceForTests();

  it('is not in the log, which has the id, method, template, status and time of each request', async () => {
    const { cuenta, dni } = await aPersona(running().service, { nombres: 'Gumersinda' });
    const mine = tokenOf('asistente', cuenta);
    const admin = tokenOf('admin', 'the-admin-account');
    const user = userBody({ nombre: 'Hermenegildo', email: 'herme@example.com', password: 'hush hush hush' });
    const put = { token: mine, headers: { 'x-request-id': 'logged-1' }, body: { telefono: '699111222' } };
    await running().send('PUT', '/api/personas/me', put);
    const created = await running().send('POST', '/users', { token: admin, body: user });
    await running().send('POST', '/users', { token: admin, body: user });
    await running().send('GET', `/users/${user.dni}`, { token: admin });
    await running().send('GET', '/api/personas?q=Gumersinda', { token: admin });
    await running().send('PUT', '/api/personas/me', { ...put, token: `${mine}x` });

    const lines = running().logLines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const { time: _, ms, ...line } = lines.find(({ requestId }) => requestId === 'logged-1') ?? {};
    expect(ms).to.be.a('number');
    expect(line).to.deep.equal({
      level: 30,
      requestId: 'logged-1',
      method: 'PUT',
      route: '/api/personas/me',
      status: 200,
      msg: 'request',
    });
    const log = running().logLines.join('');
    const { password: hash } = created.body as { password: string };
    const personal = [
      'Gumersinda',
      'Hermenegildo',
      'herme@example.com',
      'hush',
      '699111222',
      dni,
      user.dni,
      hash,
      cuenta,
    ];
    for (const datum of [...personal, mine, admin]) expect(log).to.not.contain(datum);
  });

  it('is not in the names of streams', async () => {
    const { cuenta, dni } = await aPersona(running().service);
    const names = (await running().events()).map(({ stream }) => stream).join();
    expect(names).to.not.contain(dni).and.not.contain(cuenta);
    expect(names).to.match(/reservation-[\w-]{43}/);
  });
});
