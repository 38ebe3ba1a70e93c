import { expect } from 'chai';
import { once } from 'node:events';
import { connect } from 'node:net';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

describe('A request that matches no route', () => {
  const running = serviceForTests();

  it('is refused with 405 on a literal path, even if the path would fit a parameter', async () => {
    for (const path of ['/users/edit', '/users/delete']) {
      const headers = { authorization: `Bearer ${tokenOf('admin')}` };
      const answer = await fetch(`${running().service.url}${path}`, { headers });
      expect(answer.status, path).to.equal(405);
      expect(answer.headers.get('allow')).to.equal('POST');
      expect(await answer.json()).to.deep.equal({
        message: 'Method not allowed',
        error: 'Method Not Allowed',
        statusCode: 405,
      });
    }
  });

  it('is answered with a request id and a problem even if it is not HTTP', async () => {
    const { hostname, port } = new URL(running().service.url);
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
    });
    socket.end('NOT HTTP AT ALL\r\n\r\n');
    await once(socket, 'close');
    expect(answer).to.match(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(answer).to.match(/x-request-id: [0-9a-f-]{36}\r\n/);
    expect(answer).to.include('"code":"malformed"');
  });

  it('is refused with 400, not 415, if the body of a write is missing', async () => {
    const { hostname, port } = new URL(running().service.url);
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
    });
    const token = tokenOf('admin');
    socket.end(
      `PUT /api/personas/me HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n` +
        'content-type: application/json\r\nconnection: close\r\n\r\n',
    );
    await once(socket, 'close');
    expect(answer).to.match(/^HTTP\/1\.1 400 /);
    expect(answer).to.include('{"message":"Error al actualizar perfil"}');
  });
});
