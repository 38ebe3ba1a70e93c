import { expect } from 'chai';
import type { RequestListener, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { listen } from '../../src/http/server/server.ts';
import { atEndOfTick, beginTick } from '../../src/http/server/sendTogether.ts';

describe('The end of a tick of the event loop', () => {
  it('comes after the requests were read, and runs deferred work in order', async () => {
    const done: string[] = [];
    beginTick();
    atEndOfTick(() => done.push('first'));
    beginTick();
    atEndOfTick(() => done.push('second'));
    expect(done).to.deep.equal([]);
    await new Promise(setImmediate);
    expect(done).to.deep.equal(['first', 'second']);
  });

  it('is immediate when no request is being read', () => {
    const done: string[] = [];
    atEndOfTick(() => done.push('first'));
    expect(done).to.deep.equal(['first']);
  });
});

describe('Answers to requests that arrived together', () => {
  it('are sent together, in the order of the requests', async () => {
    const ended: boolean[] = [];
    const responses: ServerResponse[] = [];
    const text = await answersTo('/one', '/two', (request, response) => {
      ended.push(...responses.map(({ writableEnded }) => writableEnded));
      responses.push(response);
      response.setHeader('content-length', 4);
      response.end(request.url);
    });
    expect(ended).to.deep.equal([false]);
    expect(text.match(/\/\w+$|\/\w+(?=HTTP)/g)).to.deep.equal(['/one', '/two']);
  });

  it('with an invalid header fail alone, and no other', async () => {
    const text = await answersTo('/one', '/two', (request, response) => {
      response.setHeader('content-length', 4);
      if (request.url === '/one') {
        response.setHeader('x-broken', 'two\r\nlines');
        expect(() => response.end('none')).to.throw('Invalid character in header content');
        response.removeHeader('x-broken');
      }
      response.end(request.url);
    });
    expect(text).not.to.contain('x-broken');
    expect(text.match(/\/\w+$|\/\w+(?=HTTP)/g)).to.deep.equal(['/one', '/two']);
  });
});

/** What a server sends that answers so, to two requests that reach it at once. */
async function answersTo(first: string, last: string, answer: RequestListener): Promise<string> {
  const server = await listen({ host: '127.0.0.1', port: 0 }, answer);
  try {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.write(
      `GET ${first} HTTP/1.1\r\nhost: here\r\n\r\nGET ${last} HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n`,
    );
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    return text;
  } finally {
    await server.stop();
  }
}
