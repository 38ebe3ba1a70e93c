import { connect } from 'node:net';
import type { HostileRequest } from './hostileRequests.ts';

/** What a request was answered; `status` is null where the server closed the connection without an answer. */
export interface HostileAnswer {
  status: number | null;
  problemCode: string | null;
  ms: number;
}

/** Longest that an answer may take before the request counts as hung. */
const LIMIT_MS = 60_000;

/** Sends one request on a connection of its own. Rejects when it is not answered in a minute. */
export function exchange(url: URL, { method, bytes, isAbandoned }: HostileRequest): Promise<HostileAnswer> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
    let received = Buffer.alloc(0);
    const limit = setTimeout(() => {
      socket.destroy();
      reject(new Error(`not answered in ${LIMIT_MS} ms: ${JSON.stringify(bytes.toString('latin1'))}`));
    }, LIMIT_MS);
    const settle = (head: string): void => {
      clearTimeout(limit);
      // No connection is left waiting: a million of them would use up the ports.
      socket.resetAndDestroy();
      const status = /^HTTP\/1\.1 (\d{3})/.exec(head)?.[1];
      const problemCode = /^problem-code: *(\S+)/im.exec(head)?.[1] ?? null;
      resolve({ status: status ? Number(status) : null, problemCode, ms: performance.now() - start });
    };
    socket.on('connect', () => {
      socket.write(bytes, () => {
        if (isAbandoned) settle('');
      });
    });
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      const head = headOfWholeAnswer(received, method === 'HEAD');
      if (head !== null) settle(head);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      settle(received.toString('latin1'));
    });
  });
}

/** The head of the final answer once all of it has come, null before. */
function headOfWholeAnswer(received: Buffer, isHead: boolean): string | null {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const head = received.toString('latin1', 0, end);
  const rest = received.subarray(end + 4);
  const [, status = ''] = /^HTTP\/1\.1 (\d{3})/.exec(head) ?? [];
  if (status.startsWith('1')) return headOfWholeAnswer(rest, isHead);
  if (isHead || status === '204' || status === '304') return head;
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  if (length !== undefined) return rest.length >= Number(length) ? head : null;
  // The events of a job that is paused have no end.
  if (/^content-type: *text\/event-stream/im.test(head)) return head;
  // In chunks, or to the end of the connection.
  return /^transfer-encoding: *chunked/im.test(head) && rest.subarray(-5).toString() === '0\r\n\r\n'
    ? head
    : null;
}
