import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type Server } from 'node:http';

/**
 * Answers what Node's HTTP parser refuses before there is a request: headers that are too large (431), a request that takes too long
 * (408), broken HTTP (400). As a problem with a request id, like any other answer, instead of an empty one.
 */
export function answerUnparsed(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const status = STATUSES[error.code ?? ''] ?? 400;
    const title = STATUS_CODES[status] ?? '';
    const body = JSON.stringify({ type: 'about:blank', title, status, code: 'malformed' });
    socket.end(
      [
        `HTTP/1.1 ${status} ${title}`,
        `x-request-id: ${randomUUID()}`,
        'x-content-type-options: nosniff',
        'content-type: application/problem+json',
        `content-length: ${Buffer.byteLength(body)}`,
        'connection: close',
        '',
        body,
      ].join('\r\n'),
    );
  });
}

const STATUSES: Partial<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};
