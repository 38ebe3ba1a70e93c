import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { answerCheck, type CheckAnswer } from './apiDescription.ts';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  /** Parsed if it is JSON, otherwise the text. */
  body: unknown;
}

export interface Call {
  token?: string | undefined;
  headers?: Record<string, string>;
  /** Objects are sent as JSON, texts and bytes unchanged; as application/json unless `headers` say otherwise. */
  body?: unknown;
  /** Omits the Content-Length. */
  chunked?: boolean;
}

export interface Client {
  /** Sends a request and checks the answer against /openapi.json. `path` is sent exactly as given. */
  send(method: string, path: string, call?: Call): Promise<Answer>;
  close(): void;
}

/** A client of the service at `url`; its description is fetched once. */
export async function connect(url: string): Promise<Client> {
  const agent = new Agent({ keepAlive: true });
  const { body: description } = await exchange(agent, url, 'GET', '/openapi.json', {});
  const check: CheckAnswer = answerCheck(description as object);

  return {
    async send(method, path, call = {}) {
      const answer = await exchange(agent, url, method, path, call);
      expectHeaders(`${method} ${path} answered ${answer.status}`, answer, cacheControlOf(path, answer));
      const contentType = (answer.headers['content-type'] ?? '').split(';')[0] ?? '';
      const { status, body } = answer;
      if (method !== 'HEAD') check({ method, path: path.split('?')[0] as string, status, contentType, body });
      return answer;
    },
    close: () => {
      agent.destroy();
    },
  };
}

/** Only the description of the API may be cached, with its ETag; not its errors. */
const cacheControlOf = (path: string, { status }: Answer): string =>
  path === '/openapi.json' && status < 400 ? 'no-cache' : 'no-store';

/** Throws unless the answer has the headers that every answer has. */
function expectHeaders(what: string, { status, headers, body }: Answer, cacheControl: string): void {
  const wanted = {
    'an X-Request-Id': headers['x-request-id'] !== undefined,
    'an X-Correlation-Id': headers['x-correlation-id'] !== undefined,
    [`Cache-Control: ${cacheControl}`]: headers['cache-control'] === cacheControl,
    'a Problem-Code, if it is an error': (headers['problem-code'] === undefined) === status < 400,
    'a charset': body === '' || /; charset=utf-8/.test(headers['content-type'] ?? ''),
  };
  for (const [header, isThere] of Object.entries(wanted)) {
    if (!isThere) throw new Error(`${what} without ${header}: ${JSON.stringify(headers)}`);
  }
}

function exchange(agent: Agent, url: string, method: string, path: string, call: Call): Promise<Answer> {
  const payload = payloadOf(call.body);
  const { hostname, port } = new URL(url);
  const headers: Record<string, string> = {
    ...(call.token === undefined ? {} : { authorization: `Bearer ${call.token}` }),
    ...(payload === null ? {} : { 'content-type': 'application/json' }),
    ...(payload === null || call.chunked ? {} : { 'content-length': String(payload.length) }),
    ...call.headers,
  };
  return new Promise((resolve, reject) => {
    const request = httpRequest({ agent, hostname, port, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const isJson = /[/+]json/.test(response.headers['content-type'] ?? '') && text !== '';
        const body: unknown = isJson ? JSON.parse(text) : text;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      // The server was just closing this idle connection, so the request never reached it (nodejs.org/api/http.html, reusedSocket).
      if (request.reusedSocket && error.code === 'ECONNRESET') {
        resolve(exchange(agent, url, method, path, call));
      } else reject(error);
    });
    request.end(payload ?? undefined);
  });
}

function payloadOf(body: unknown): Buffer | null {
  if (body === undefined) return null;
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}
