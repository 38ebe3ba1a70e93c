import { systemClock, type Clock } from '../../src/platform/clock.ts';
import type { Answer } from '../support/client.ts';
import type { TestService } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

/** A clock whose present is set by the test; waits take their time. */
export interface SettableClock extends Clock {
  set(instant: string): void;
}

export function settableClock(instant: string): SettableClock {
  let present = instant;
  return {
    ...systemClock,
    now: () => present,
    set(next) {
      present = next;
    },
  };
}

/** A page of a roll. */
export interface Page<Entry = { IdUsuario: number; nombre: string }> {
  users: Entry[];
  next: string | null;
  at?: string;
}

/** Sends a GET as an admin that sees everything that is stored. */
export async function getAfterWrites(
  running: TestService,
  path: string,
  { token = tokenOf('admin'), headers = {} }: { token?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const head = (await running.events()).at(-1)?.position;
  return running.send('GET', path, { token, headers: { 'x-padron-position': String(head), ...headers } });
}

/** Walks through all pages; `between` runs after each. */
export async function walk<Entry>(
  running: TestService,
  path: string,
  member: string,
  between: () => Promise<unknown> = async () => undefined,
): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const separator = path.includes('?') ? '&' : '?';
    const full: string = cursor === '' ? path : `${path}${separator}cursor=${cursor}`;
    const { status, body } = await getAfterWrites(running, full);
    if (status !== 200) throw new Error(`${full} answered ${status}: ${JSON.stringify(body)}`);
    const page = body as Record<string, unknown>;
    entries.push(...(page[member] as Entry[]));
    cursor = page['next'] as string | null;
    await between();
  }
  return entries;
}
