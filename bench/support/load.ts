import autocannon from 'autocannon';
import { connect, type Socket } from 'node:net';

/** Load generators for bench/http.ts. */

export interface Request {
  method: 'PUT' | 'POST' | 'GET';
  path: string;
  token: string;
  /** JSON; absent if there is no body. */
  body?: string;
}

export interface Load {
  url: string;
  /** Connections are kept alive; each sends its next request when the last one is answered. */
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

/** Rejects at the first answer that is not 2xx, and when a connection ends. */
export type LoadGenerator = (load: Load) => Promise<LoadFigures>;

/**
 * Bare sockets. On two cores a load generator competes with the server that it measures, all the more if that has a second thread. So its cost
 * is printed; docs/benchmarks.md compares it with autocannon's.
 */
export const bareSockets: LoadGenerator = async ({ url, connections, next, length }) => {
  const { hostname, port, host } = new URL(url);
  const times: number[] = [];
  const start = performance.now();
  const end = 'seconds' in length ? start + length.seconds * 1_000 : Infinity;
  const most = 'requests' in length ? length.requests : Infinity;
  let sent = 0;
  const sockets: Socket[] = [];

  const drive = (): Promise<void> =>
    new Promise((resolve, reject) => {
      let sentAt = 0;
      let received: Buffer = Buffer.alloc(0);
      const socket = connect({ host: hostname, port: Number(port), noDelay: true });
      sockets.push(socket);
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
        const whole = lengthOf(received);
        if (whole === null || received.length < whole) return;
        if (received.length > whole || !isSuccess(received)) {
          reject(new Error(`answered ${received.toString()}`));
          return;
        }
        times.push(performance.now() - sentAt);
        received = Buffer.alloc(0);
        send();
      });
      socket.on('error', reject);
      socket.on('close', () => {
        reject(new Error('the server closed a connection'));
      });
    });

  try {
    await Promise.all(Array.from({ length: connections }, drive));
  } finally {
    for (const socket of sockets) socket.destroy();
  }
  const seconds = (performance.now() - start) / 1_000;
  const sorted = Float64Array.from(times).sort();
  return { answers: times.length, seconds, p99: sorted[Math.ceil(times.length * 0.99) - 1] ?? NaN };
};

function textOf({ method, path, token, body }: Request, host: string): string {
  const head = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\nauthorization: Bearer ${token}\r\n`;
  if (body === undefined) return `${head}\r\n`;
  return `${head}content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

const isSuccess = (answer: Buffer): boolean => answer.toString('latin1', 9, 10) === '2';

/** The length of the whole answer in bytes; null while its head is incomplete; 0 if the head does not say. */
function lengthOf(received: Buffer): number | null {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd < 0) return null;
  const said = /\r\ncontent-length: *(\d+)/i.exec(received.toString('latin1', 0, headEnd))?.[1];
  return said === undefined ? 0 : headEnd + 4 + Number(said);
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
