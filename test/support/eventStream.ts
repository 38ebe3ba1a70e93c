/** An event as it is sent (html.spec.whatwg.org, server-sent events). */
export interface SentEvent {
  id: string;
  event: string;
  data: unknown;
}

export interface EventStream {
  status: number;
  headers: Headers;
  /** The next event; null when the stream has ended. Comments are skipped. */
  next(): Promise<SentEvent | null>;
  /** Everything that was sent so far. */
  text(): string;
  close(): void;
}

/** Opens a stream of events with a token. */
export async function openEventStream(
  url: string,
  token: string,
  headers: Record<string, string> = {},
): Promise<EventStream> {
  const leaving = new AbortController();
  const answer = await fetch(url, {
    headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream', ...headers },
    signal: leaving.signal,
  });
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  let unread = '';

  async function block(): Promise<string | null> {
    while (!unread.includes('\n\n')) {
      const piece = await reader?.read();
      if (!piece || piece.done) return null;
      text += piece.value;
      unread += piece.value;
    }
    const end = unread.indexOf('\n\n') + 2;
    const one = unread.slice(0, end);
    unread = unread.slice(end);
    return one;
  }

  return {
    status: answer.status,
    headers: answer.headers,
    text: () => text,
    async next() {
      for (let one = await block(); one !== null; one = await block()) {
        const event = eventIn(one);
        if (event) return event;
      }
      return null;
    },
    close: () => {
      leaving.abort();
    },
  };
}

function eventIn(block: string): SentEvent | null {
  const fields = new Map(
    block.split('\n').map((line): [string, string] => {
      const colon = line.indexOf(': ');
      return [line.slice(0, colon), line.slice(colon + 2)];
    }),
  );
  const data = fields.get('data');
  if (data === undefined) return null;
  return { id: fields.get('id') ?? '', event: fields.get('event') ?? '', data: JSON.parse(data) as unknown };
}
