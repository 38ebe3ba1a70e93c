import { get } from 'node:http';
import { Worker } from 'node:worker_threads';
import { setTimeout as wait } from 'node:timers/promises';
import jsonwebtoken from 'jsonwebtoken';
import { madeUpDni } from '../../test/support/madeUpLog.ts';
import { processorSeconds, residentMiB, SECRET, type Running } from '../support/servers.ts';

export const ADMIN = jsonwebtoken.sign({ role: 'admin' }, SECRET, { subject: 'bench', expiresIn: '6h' });

/** Milliseconds between two of the concurrent requests. */
const EVERY_MS = 10;
/** How long the server is measured at rest, in milliseconds. */
const REST_MS = 5_000;

/** What a server did during some work. */
export interface Measured {
  seconds: number;
  /** Processor time of all threads of the server; includes the concurrent requests. */
  cpuSeconds: number;
  /** Largest growth of its resident memory, MiB. */
  growthMiB: number;
  /** The p99 of the concurrent requests, milliseconds. */
  p99: number;
  /** The longest stall of the event loop; `held` excludes the time that the thread waited for a processor. Milliseconds. */
  stall: number;
  held: number;
}

/** Measures the server during `work`, with concurrent requests. */
export async function measure(server: Running, work: () => Promise<unknown>): Promise<Measured> {
  const pid = server.process.pid ?? 0;
  await takeStalls(server);
  const reads = beginReads(server.url);
  const [memory, cpu, start] = [residentMiB(pid), processorSeconds(pid), performance.now()];
  let most = memory;
  const look = (): void => {
    most = Math.max(most, residentMiB(pid));
  };
  const looking = setInterval(look, 20);
  try {
    await work();
  } finally {
    clearInterval(looking);
  }
  look();
  const seconds = (performance.now() - start) / 1_000;
  const cpuSeconds = processorSeconds(pid) - cpu;
  const { p99 } = await reads.end();
  return { seconds, cpuSeconds, growthMiB: most - memory, p99, ...(await takeStalls(server)) };
}

/** The same at rest, with only the concurrent requests. */
export const measureAtRest = (server: Running): Promise<Measured> => measure(server, () => wait(REST_MS));

/** Sends requests for one user each at a steady pace, until `end`. */
function beginReads(url: string): { end(): Promise<{ p99: number }> } {
  const urls = Array.from({ length: 100 }, (_, n) => `${url}/users/${madeUpDni(1 + n * 97)}`);
  const worker = new Worker(new URL('../support/pacedReads.mjs', import.meta.url), {
    workerData: { urls, token: ADMIN, everyMs: EVERY_MS },
  });
  const ended = new Promise<{ p99: number }>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  return {
    end() {
      worker.postMessage('end');
      return ended;
    },
  };
}

/** The longest stalls since the last call. */
const takeStalls = ({ process: child }: Running): Promise<{ stall: number; held: number }> =>
  new Promise((resolve) => {
    child.once('message', (message) => {
      resolve(message as { stall: number; held: number });
    });
    child.send('longest stalls');
  });

/** Downloads an answer and discards it; resolves with its number of lines. Rejects unless it is 200 and complete. */
export function download(url: string, accept: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${ADMIN}`, accept };
    get(url, { headers }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${url} answered ${response.statusCode}`));
      let lines = 0;
      response.on('data', (chunk: Buffer) => {
        for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines += 1;
      });
      response.on('error', reject);
      response.on('end', () => {
        resolve(lines);
      });
    }).on('error', reject);
  });
}

/** Sends a request with a JSON answer; rejects unless it is 2xx. */
export async function callJson<Body>(url: string, body?: object): Promise<Body> {
  const headers = { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' };
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const response = await fetch(url, { ...init, headers });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Body;
}
