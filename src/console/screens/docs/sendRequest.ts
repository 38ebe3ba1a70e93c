import type { Request } from './request.ts';

/** The answer to a sent request. */
export interface Sent {
  /** 0 if there was no answer. */
  status: number;
  headers: string;
  text: string;
  ms: number;
}

/** Most characters shown of an answer; an export may have millions. */
const MAX_SHOWN = 100_000;

/** Sends a request and shows its answer, chunk by chunk if it is a stream. */
export async function sendRequest(
  { method, url, headers, body }: Request,
  token: string | null,
  { signal, show }: { signal: AbortSignal; show(sent: Sent): void },
): Promise<void> {
  const start = performance.now();
  const took = (): number => Math.round(performance.now() - start);
  let sent: Sent = { status: 0, headers: '', text: '', ms: 0 };
  try {
    const authorization: Record<string, string> = token === null ? {} : { Authorization: `Bearer ${token}` };
    const response = await fetch(url, {
      method,
      headers: { ...authorization, ...headers },
      signal,
      ...(body === null ? {} : { body }),
    });
    sent = { ...sent, status: response.status, headers: headersOf(response.headers), ms: took() };
    show(sent);
    const isJson = /json$/.test(response.headers.get('content-type')?.split(';')[0] ?? '');
    const decoder = new TextDecoder();
    for await (const piece of response.body ?? []) {
      const text = sent.text + decoder.decode(piece, { stream: true });
      sent = { ...sent, text: text.slice(0, MAX_SHOWN), ms: took() };
      if (!isJson) show(sent);
      if (text.length > MAX_SHOWN) break;
    }
    show({ ...sent, text: isJson ? pretty(sent.text) : sent.text, ms: took() });
  } catch {
    if (sent.status === 0) show({ ...sent, ms: took() });
  }
}

const headersOf = (headers: Headers): string =>
  [...headers].map(([name, value]) => `${name}: ${value}`).join('\n');

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
