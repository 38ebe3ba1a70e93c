import autocannon from 'autocannon';
import { connect, type Socket } from 'node:net';

/** Load generators for bench/http.ts. */

export interface Request {
  method: 'PUT' | 'POST' | 'GET';
  path: string;
  token: string;
  /** JSON; left out where there is none. */
  body?: string;
}

export interface Load {
  url: string;
  /** Kept alive; each sends its next request when the answer to the last is there. */
  connections: number;
  /** The next request, whichever connection sends it. */
  next: () => Request;
  length: { seconds: number } | { requests: number };
}

export interface LoadFigures {
  answers: number;
  seconds: number;
  /** 99 of 100 answers took no longer, in milliseconds. */
  p99: number;
}

/** Rejects at the first answer that is no 2xx, and when a connection ends. */
export type LoadGenerator = (load: Load) => Promise<LoadFigures>;

/**
 * Bare sockets. On a machine of two cores a load generator stands beside what it measures: autocannon takes 80 to 115 us of them for a request,
 * as much as the echo itself, and where the server has a second thread it takes that one's place. This takes 30 to 60.
 */
export const bareSockets: LoadGenerator = async ({ url, connections, next, length }) => {
  const { hostname, port, host } = new URL(url);
  const times: number[] = [];
  const start = performance.now();
  const end = 'seconds' in length ? start + length.seconds * 1_000 : Infinity;
  const most = 'requests' in length ? length.requests : Infinity;
  let sent = 0;

  const drive = (): Promise<void> =>
    new Promise((resolve, reject) => {
      let sentAt = 0;
      let received: Buffer = Buffer.alloc(0);
      const socket: Socket = connect({ host: hostname, port: Number(port), noDelay: true });
      const send = (): void => {
        if (sent >= most || performance.now() >= end) {
          resolve();
          socket.destroy();
          return;
        }
        sent += 1;
        const request = textOf(next(), host);
        sentAt = performance.now();
        socket.write(request);
      };
      socket.on('connect', send);
      socket.on('data', (chunk: Buffer) => {
        received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
        const answer = readAnswer(received);
        if (!answer) return;
        if (answer.status < 200 || answer.status > 299) {
          reject(new Error(`answered ${received.toString()}`));
          socket.destroy();
          return;
        }
        times.push(performance.now() - sentAt);
        received = received.subarray(answer.length);
        send();
      });
      socket.on('error', reject);
      socket.on('close', () => {
        reject(new Error('the server closed a connection'));
      });
    });

  await Promise.all(Array.from({ length: connections }, drive));
  times.sort((one, other) => one - other);
  return {
    answers: times.length,
    seconds: (performance.now() - start) / 1_000,
    p99: times[Math.floor(times.length * 0.99)] ?? NaN,
  };
};

function textOf({ method, path, token, body }: Request, host: string): string {
  const head = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\nauthorization: Bearer ${token}\r\n`;
  if (body === undefined) return `${head}\r\n`;
  return `${head}content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** The answer at the beginning of the bytes, null while it is not whole. Throws where it does not say its length. */
function readAnswer(bytes: Buffer): { status: number; length: number } | null {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return null;
  const head = bytes.toString('latin1', 0, headEnd);
  const said = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (said === undefined) throw new Error(`an answer without content-length: ${head}`);
  const length = headEnd + 4 + Number(said);
  return bytes.length < length ? null : { status: Number(head.slice(9, 12)), length };
}

/** autocannon, for comparison: BENCH_LOAD=autocannon. Its times are whole milliseconds. */
export const autocannonLoad: LoadGenerator = async ({ url, connections, next, length }) => {
  const result = await autocannon({
    url,
    connections,
    ...('seconds' in length ? { duration: length.seconds } : { amount: length.requests }),
    requests: [
      {
        setupRequest: (prepared) => {
          const { method, path, token, body } = next();
          const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
          return { ...prepared, method, path, headers, ...(body === undefined ? {} : { body }) };
        },
      },
    ],
  });
  if (result.non2xx + result.errors > 0)
    throw new Error(`${result.non2xx} answers were no 2xx, ${result.errors} errors`);
  return { answers: result.requests.total, seconds: result.duration, p99: result.latency.p99 };
};
