import { STATUS_CODES, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { timeOrderedId } from '../../platform/timeOrderedId.ts';
import { errorAnswer } from '../errors/errorAnswer.ts';
import { PROBLEM, RequestError, type RequestErrorCode } from '../errors/errors.ts';
import { dropUntilClosed } from './lingeringClose.ts';
import type { Pipeline } from './pipeline.ts';
import { securityHeaders } from './securityHeaders.ts';

/** A request that was refused before the application saw it. */
export interface UnparsedRefusal {
  requestId: string;
  status: number;
  /** The HTTP parser's reason, by its code. */
  reason: string;
  address: string | null;
}

/** The methods of all paths. CONNECT names no path. */
const METHODS = 'DELETE, GET, HEAD, POST, PUT';

/**
 * Answers requests that Node's HTTP parser refuses: headers too large (431), too slow (408),
 * malformed HTTP (400), and CONNECT (405). Answers are problem details with a request id, like all
 * others.
 */
export function answerUnparsed(
  server: Server,
  pipeline: Pipeline,
  onRefused: (refusal: UnparsedRefusal) => void,
): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const reason = error.code ?? 'unknown';
    pipeline.refuse(socket, () => {
      onRefused(refuse(socket, CODES[reason] ?? 'malformed', reason));
    });
  });
  server.on('connect', (_request, socket) => {
    onRefused(refuse(socket, 'method-not-allowed', 'CONNECT', { allow: METHODS }));
  });
}

const CODES: Partial<Record<string, RequestErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
};

function refuse(
  socket: Duplex,
  code: RequestErrorCode,
  reason: string,
  more: Record<string, string> = {},
): UnparsedRefusal {
  const requestId = timeOrderedId();
  const { status, body, headers, contentType } = errorAnswer(new RequestError(code), PROBLEM);
  const text = JSON.stringify(body);
  const all: Record<string, string> = {
    'x-request-id': requestId,
    'x-correlation-id': requestId,
    'cache-control': 'no-store',
    ...Object.fromEntries(securityHeaders),
    ...headers,
    ...more,
    'content-type': `${contentType}; charset=utf-8`,
    'content-length': String(Buffer.byteLength(text)),
    connection: 'close',
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines, '', text].join('\r\n'));
  dropUntilClosed(socket);
  return { requestId, status, reason, address: (socket as { remoteAddress?: string }).remoteAddress ?? null };
}
