import { expect } from 'chai';
import { once } from 'node:events';
import { DEFAULT_CONNECTION_LIMITS, type ConnectionLimits } from '../../src/http/access/limitSettings.ts';
import { listen, type HttpServer } from '../../src/http/server/server.ts';
import { deferred } from '../support/deferred.ts';
import { eventually } from '../support/eventually.ts';
import { openRaw } from '../support/rawHttp.ts';

describe('A connection', () => {
  let server: HttpServer | null = null;

  async function start(
    limits: Partial<ConnectionLimits>,
    trustedProxies: string[] = [],
  ): Promise<HttpServer> {
    const connections = { ...DEFAULT_CONNECTION_LIMITS, ...limits };
    server = await listen(
      { host: '127.0.0.1', port: 0, limits: { connections, trustedProxies } },
      (request, response) => {
        request.resume().on('end', () => {
          response.setHeader('content-length', 2);
          response.end('ok');
        });
      },
    );
    return server;
  }
  afterEach(async () => {
    await server?.stop();
    server = null;
  });
  const get = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

  it('that sends no headers, or sends them too slowly, is closed with 408', async () => {
    const { url } = await start({ headerSeconds: 1 });
    const [silent, slow] = [openRaw(url), openRaw(url)];
    slow.send('GET / HTTP/1.1\r\nHost: x\r\n');
    const answer = await slow.next();
    expect(answer?.status).to.equal(408);
    expect(answer?.headers).to.include({ 'problem-code': 'request-timeout', connection: 'close' });
    await Promise.all([slow.closed, silent.closed]);
  });

  it('that sends its body too slowly is closed with 408', async () => {
    const { url } = await start({ requestSeconds: 1 });
    const slow = openRaw(url);
    slow.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{');
    expect((await slow.next())?.status).to.equal(408);
    await slow.closed;
  });

  it('that is idle stays open for as long as the answer announces', async () => {
    const { url } = await start({ keepAliveSeconds: 75 });
    const connection = openRaw(url);
    connection.send(get);
    expect((await connection.next())?.headers['keep-alive']).to.equal('timeout=75');
    connection.socket.destroy();
  });

  it('on which nothing was sent is closed when the server stops, while a request in progress is still answered', async () => {
    const running = await start({});
    const asked = deferred();
    const answered = deferred();
    running.answerWith((_request, response) => {
      asked.resolve();
      void answered.promise.then(() => response.end('ok'));
    });
    const [silent, busy] = [openRaw(running.url), openRaw(running.url)];
    await once(silent.socket, 'connect');
    busy.send(get);
    await asked.promise;
    const stopping = running.stop();
    await silent.closed;
    answered.resolve();
    expect((await busy.next())?.status).to.equal(200);
    await stopping;
    server = null;
  });

  it('over the limit of its address is closed and counted; closing another makes room', async () => {
    const { url, refusals } = await start({ maxPerAddress: 2 });
    const [first, second] = [openRaw(url), openRaw(url)];
    for (const one of [first, second]) one.send(get);
    await Promise.all([first.next(), second.next()]);
    await openRaw(url).closed;
    expect(refusals.get('connections of an address')).to.equal(1);
    first.socket.destroy();
    await eventually('there is room again', async () => {
      const again = openRaw(url);
      again.send(get);
      const answer = await again.next();
      again.socket.destroy();
      return answer?.status === 200;
    });
    second.socket.destroy();
  });

  it('from a trusted proxy counts only towards the total limit', async () => {
    const { url, refusals } = await start({ maxPerAddress: 1, max: 2 }, ['127.0.0.0/8']);
    const [first, second] = [openRaw(url), openRaw(url)];
    for (const one of [first, second]) one.send(get);
    await Promise.all([first.next(), second.next()]);
    await openRaw(url).closed;
    expect(refusals.get('connections')).to.equal(1);
    for (const one of [first, second]) one.socket.destroy();
  });
});
