import { compareClocks } from '../time/serverClock.ts';
import { ApiError, errorOf } from './requests/apiError.ts';
import { forgetKey, keyOf } from './requests/writeKeys.ts';
import { endSession, presentSession, type Session } from './session.ts';

export interface Answer<Body> {
  body: Body;
  status: number;
  headers: Headers;
}

export interface Ask {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  body?: unknown;
  /** Sent unchanged instead of a body; `headers` must have its type. */
  file?: Blob;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** The position of this tab's last write. Reads send it along, so that they show that write. */
let lastPosition: string | null = null;

/** A request that was sent before a screen needs its answer. */
interface Ahead {
  path: string;
  session: Session | null;
  answer: Promise<Answer<unknown>>;
  /** Null until it has arrived. */
  arrived: Answer<unknown> | null;
}

let ahead: Ahead | null = null;

/**
 * Requests what the first screen will read. The first to ask for the same path gets the answer,
 * unless this tab has written or signed in meanwhile.
 */
export function prefetch(path: string): void {
  const asked: Ahead = { path, session: presentSession(), answer: ask(path), arrived: null };
  asked.answer.then(
    (answer) => {
      asked.arrived = answer;
    },
    // The screen that asks for it shows the failure.
    () => undefined,
  );
  ahead = asked;
}

/** Resolves when that answer has arrived or failed, or after this time; at once if nothing was asked ahead. */
export async function prefetchSettled(maxMs: number): Promise<void> {
  if (!ahead) return;
  const late = new Promise((resolve) => setTimeout(resolve, maxMs));
  await Promise.race([ahead.answer.catch(() => undefined), late]);
}

/** Takes what was asked ahead for this path; null if nothing was. */
function takePrefetched(path: string | null): Ahead | null {
  if (!ahead || ahead.path !== path || ahead.session !== presentSession()) return null;
  const taken = ahead;
  ahead = null;
  return taken;
}

/** Takes the answer that was asked ahead for this path, if it has arrived. */
export const takeArrived = <Body>(path: string | null): Answer<Body> | null =>
  ahead?.arrived ? ((takePrefetched(path)?.arrived ?? null) as Answer<Body> | null) : null;

/**
 * Reads a path with the session's token and resolves with the response, its body unread. Rejects with
 * ApiError. A refused token ends the session.
 */
export const send = (path: string, options: Pick<Ask, 'headers' | 'signal'> = {}): Promise<Response> =>
  exchange(path, options);

async function exchange(
  path: string,
  { method = 'GET', body, file, headers = {}, signal }: Ask,
): Promise<Response> {
  const session = presentSession();
  if (method !== 'GET') ahead = null;
  const response = await fetch(path, {
    method,
    headers: {
      ...(session ? { authorization: `Bearer ${session.token}` } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(method === 'GET' && lastPosition !== null ? { 'x-padron-position': lastPosition } : {}),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(file ? { body: file } : {}),
    ...(signal ? { signal } : {}),
    cache: 'no-store',
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new ApiError(0, 'unreachable');
  });
  compareClocks(response.headers.get('date'));
  if (response.status === 401 && session && presentSession()?.token === session.token) endSession('expired');
  if (!response.ok) throw await errorOf(response);
  lastPosition = (method === 'GET' ? null : response.headers.get('x-padron-position')) ?? lastPosition;
  return response;
}

/** Everything that makes one write of this tab the same as another. */
const contentOf = (path: string, { method, body, file, headers = {} }: Ask): string =>
  JSON.stringify([
    presentSession()?.account,
    method,
    path,
    headers['if-match'],
    body,
    file instanceof File ? [file.name, file.size, file.lastModified] : null,
  ]);

/** Sends a request and reads its JSON body. Rejects with ApiError. A refused token ends the session. */
export async function ask<Body>(path: string, options: Ask = {}): Promise<Answer<Body>> {
  if ((options.method ?? 'GET') === 'GET') {
    const asked = takePrefetched(path);
    return asked ? (asked.answer as Promise<Answer<Body>>) : answerTo<Body>(path, options);
  }
  const content = contentOf(path, options);
  const headers = { 'idempotency-key': keyOf(content), ...options.headers };
  try {
    const answer = await answerTo<Body>(path, { ...options, headers });
    forgetKey(content);
    return answer;
  } catch (error) {
    // The server no longer accepts the key for a repeat.
    if (error instanceof ApiError && (error.isGone || error.code === 'key-reused')) forgetKey(content);
    throw error;
  }
}

async function answerTo<Body>(path: string, options: Ask): Promise<Answer<Body>> {
  const response = await exchange(path, options);
  const text = await response.text().catch((error: unknown) => {
    if (options.signal?.aborted) throw error;
    throw new ApiError(0, 'unreachable');
  });
  return {
    body: (text === '' ? null : JSON.parse(text)) as Body,
    status: response.status,
    headers: response.headers,
  };
}

/** A path with its query; members without a value are left out. */
export function pathWith(path: string, query: Record<string, string | number | null | undefined>): string {
  const given = Object.entries(query).filter(
    ([, value]) => value !== null && value !== undefined && value !== '',
  );
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text === '' ? path : `${path}?${text}`;
}
