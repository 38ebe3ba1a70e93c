import { expect } from 'chai';
import { aPersona } from '../support/people.ts';
import { answersTo, openRaw, type RawAnswer } from '../support/rawHttp.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

const live = 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n';
const last = 'GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';

function expectOrderly({ headers }: RawAnswer): void {
  expect(headers['x-request-id']).to.match(/^[0-9a-f-]{36}$/);
  expect(headers).to.have.property('x-correlation-id');
  expect(headers).to.include({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
}

describe('Raw HTTP requests', () => {
  const running = serviceForTests();
  const url = (): string => running().service.url;
  let member = '';
  let cuenta = '';

  before(async () => {
    ({ cuenta } = await aPersona(running().service, { telefono: '777' }));
    member = `Host: x\r\nAuthorization: Bearer ${tokenOf('asistente', cuenta)}\r\n`;
  });

  const put = (headers: string, body: string): string =>
    `PUT /api/personas/me HTTP/1.1\r\n${member}${headers}\r\n${body}`;
  const profile = `GET /api/personas/me HTTP/1.1\r\n`;

  it('are refused and end the connection if they have no Host header, or two', async () => {
    for (const hosts of ['', 'Host: a\r\nHost: a\r\n']) {
      const answers = await answersTo(url(), `GET /health/live HTTP/1.1\r\n${hosts}\r\n${live}`);
      expect(answers.map(({ status }) => status)).to.deep.equal([400]);
      expect(answers[0]?.headers).to.include({ connection: 'close', 'problem-code': 'malformed' });
      expectOrderly(answers[0]!);
    }
  });

  it('need no Host header in HTTP/1.0', async () => {
    const answers = await answersTo(url(), 'GET /health/live HTTP/1.0\r\n\r\n');
    expect(answers.map(({ status }) => status)).to.deep.equal([200]);
  });

  it('have no effect after one that ended the connection', async () => {
    const body = '{"telefono":"999"}';
    const change = put(`Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`, body);
    await answersTo(url(), `GET /health/live HTTP/1.1\r\n\r\n${change}`);
    const [now] = await answersTo(url(), `${profile}${member}Connection: close\r\n\r\n`);
    expect(now?.body).to.contain('"telefono":"777"');
  });

  it('have no effect after one that was answered before the end of its body', async () => {
    const body = '{"telefono":"999"}';
    const change = put(`Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`, body);
    for (const unread of ['Content-Length: 5\r\n', 'Transfer-Encoding: chunked\r\n']) {
      const connection = openRaw(url());
      connection.send(put(`Content-Type: text/plain\r\n${unread}`, ''));
      expect((await connection.next())?.status).to.equal(415);
      connection.send(unread.startsWith('C') ? 'whole' : '5\r\nwhole\r\n0\r\n\r\n');
      connection.send(change);
      connection.socket.end();
      await connection.closed;
      const [now] = await answersTo(url(), `${profile}${member}Connection: close\r\n\r\n`);
      expect(now?.body, unread).to.contain('"telefono":"777"');
    }
  });

  it('are refused with an expectation other than 100-continue (417), with a problem code', async () => {
    const bytes = `GET /health/live HTTP/1.1\r\nHost: x\r\nExpect: tea\r\n\r\n${last}`;
    const [refused, next] = await answersTo(url(), bytes);
    expect(refused?.status).to.equal(417);
    expect(refused?.headers['problem-code']).to.equal('expectation-failed');
    expectOrderly(refused!);
    expect(next?.status).to.equal(200);
  });

  it('are asked for an announced body only if it is needed', async () => {
    const body = '{"telefono":"777"}';
    const announced = `Expect: 100-continue\r\nContent-Length: ${body.length}\r\n`;
    const wanted = openRaw(url());
    wanted.send(put(`Content-Type: application/json\r\n${announced}`, ''));
    expect((await wanted.next())?.status).to.equal(100);
    wanted.send(body);
    expect((await wanted.next())?.status).to.equal(200);
    wanted.socket.destroy();
    const [unwanted] = await answersTo(url(), put(`Content-Type: text/plain\r\n${announced}`, ''));
    expect(unwanted).to.include({ status: 415 });
    expect(unwanted?.headers['connection']).to.equal('close');
  });

  it('are refused when they ask for a tunnel (405)', async () => {
    const connection = openRaw(url());
    connection.send('CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n');
    const answer = await connection.next();
    connection.socket.end();
    expect(answer?.status).to.equal(405);
    expect(answer?.headers['allow']).to.equal('DELETE, GET, HEAD, POST, PUT');
    expectOrderly(answer!);
  });

  it('keep the connection after a 404 or 405 that read everything', async () => {
    const bytes = `GET /nope HTTP/1.1\r\nHost: x\r\n\r\nPUT /users HTTP/1.1\r\nHost: x\r\n\r\n${last}`;
    const answers = await answersTo(url(), bytes);
    expect(answers.map(({ status }) => status)).to.deep.equal([404, 405, 200]);
    expect(answers[0]?.headers['connection']).to.equal('keep-alive');
    for (const answer of answers) expectOrderly(answer);
  });

  it('lose the connection if the answer comes before the end of their body', async () => {
    for (const framing of ['Content-Length: 100000', 'Transfer-Encoding: chunked']) {
      for (const line of ['POST /nope', 'POST /health/live', 'POST /users/edit', 'GET /health/live']) {
        const connection = openRaw(url());
        connection.send(`${line} HTTP/1.1\r\nHost: x\r\n${framing}\r\n\r\n`);
        const answer = await connection.next();
        expect(answer?.headers['connection'], `${line}, ${framing}`).to.equal('close');
        connection.socket.destroy();
      }
    }
  });

  it('are refused with any transfer coding except chunked, in any letter case', async () => {
    const coded = (coding: string): string =>
      put(
        `Content-Type: application/json\r\nTransfer-Encoding: ${coding}\r\nConnection: close\r\n`,
        '2\r\n{}\r\n0\r\n\r\n',
      );
    for (const coding of ['gzip, chunked', 'identity, chunked']) {
      const [answer] = await answersTo(url(), coded(coding));
      expect(answer?.status, coding).to.equal(400);
    }
    for (const coding of ['chunked', 'Chunked', 'CHUNKED']) {
      const [answer] = await answersTo(url(), coded(coding));
      expect(answer?.status, coding).to.equal(200);
    }
  });

  it('are answered in sequence if one of them may change something', async () => {
    const numbers = ['101', '102', '103'];
    const bytes = numbers.map((telefono) => {
      const body = JSON.stringify({ telefono });
      const change = put(`Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`, body);
      return `${change}${profile}${member}\r\n${profile}${member}\r\n`;
    });
    const answers = await answersTo(url(), bytes.join('') + last);
    const seen = answers.slice(0, -1).map(({ body }) => (JSON.parse(body) as { telefono: string }).telefono);
    expect(seen).to.deep.equal(numbers.flatMap((number) => [number, number, number]));
  });

  it('are answered before broken HTTP that follows them', async () => {
    const body = '{"telefono":"104"}';
    const change = put(`Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`, body);
    const connection = openRaw(url());
    connection.send(`${change}NOT HTTP\r\n\r\n`);
    expect((await connection.next())?.status).to.equal(200);
    expect((await connection.next())?.status).to.equal(400);
    connection.socket.end();
  });

  it('are refused with 431 if their headers are too large, and the sender is logged', async () => {
    const connection = openRaw(url());
    connection.send(`GET /health/live HTTP/1.1\r\nHost: x\r\nX-Large: ${'x'.repeat(20_000)}\r\n\r\n`);
    const answer = await connection.next();
    connection.socket.end();
    expect(answer?.status).to.equal(431);
    expect(answer?.headers['problem-code']).to.equal('headers-too-large');
    expectOrderly(answer!);
    const line = running().logLines.find((one) => one.includes(answer?.headers['x-request-id'] ?? 'none'));
    expect(JSON.parse(line ?? '{}')).to.include({
      status: 431,
      reason: 'HPE_HEADER_OVERFLOW',
      address: '127.0.0.1',
      msg: 'request not parsed',
    });
    const metrics = (await running().send('GET', '/metrics')).body as string;
    expect(metrics).to.match(/padron_unparsed_requests_total\{reason="HPE_HEADER_OVERFLOW"\} \d/);
  });

  it('end the connection if a client sends more requests than it reads answers', async () => {
    const body = '{"telefono":"105"}';
    const change = put(`Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`, body);
    const connection = openRaw(url());
    connection.send(change.repeat(150));
    await connection.closed;
    expect((await running().send('GET', '/health/live')).status).to.equal(200);
  });
});
