import { expect } from 'chai';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

describe('An error has the format of its prefix', () => {
  const running = serviceForTests();

  it('under /api/personas', async () => {
    const { status, headers, body } = await running().send('GET', '/api/personas/1/2/3');
    expect({ status, body }).to.deep.equal({ status: 404, body: { message: 'Ruta no encontrada' } });
    expect(headers['content-type']).to.contain('application/json');
    const wrongMethod = await running().send('DELETE', '/api/personas/me');
    expect(wrongMethod.body).to.deep.equal({ message: 'Método no permitido' });
  });

  it('under /users', async () => {
    const { body } = await running().send('GET', '/users/1/2/3');
    expect(body).to.deep.equal({ message: 'No such path', error: 'Not Found', statusCode: 404 });
    const wrongMethod = await running().send('PUT', '/users/edit');
    expect(wrongMethod.body).to.deep.equal({
      message: 'Method not allowed',
      error: 'Method Not Allowed',
      statusCode: 405,
    });
    expect(wrongMethod.headers['allow']).to.equal('POST');
  });

  for (const path of ['/api/personas/me/', '/api/personas/5/', '/users/1/history/']) {
    it(`for a path with a trailing slash that no route has: ${path}`, async () => {
      const { body } = await running().send('GET', path, { token: tokenOf('admin') });
      expect(body).to.have.property('message').that.is.oneOf(['Ruta no encontrada', 'No such path']);
    });
  }

  it('for a path in another letter case than any route', async () => {
    for (const path of [
      '/Users',
      '/USERS/1',
      '/users/1/History',
      '/API/personas/1',
      '/api/Personas',
      '/Audit',
    ]) {
      const { status, headers } = await running().send('GET', path, { token: tokenOf('admin') });
      expect(status, path).to.equal(404);
      expect(headers['problem-code'], path).to.equal('no-such-path');
    }
  });

  it('and is problem+json with a stable code everywhere else', async () => {
    const { headers, body } = await running().send('GET', '/nowhere');
    expect(headers['content-type']).to.contain('application/problem+json');
    expect(body).to.deep.equal({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      code: 'no-such-path',
    });
    const wrongMethod = await running().send('POST', '/openapi.json');
    expect(wrongMethod.body).to.include({ status: 405, code: 'method-not-allowed' });
  });
});
