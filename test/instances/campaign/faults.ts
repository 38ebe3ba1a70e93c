import { setTimeout as rest } from 'node:timers/promises';
import { eventually } from '../../support/eventually.ts';
import type { Reply } from '../../support/instance.ts';
import { personaBody } from '../../support/people.ts';
import { tokenOf } from '../../support/tokens.ts';
import type { Member } from './members.ts';

/** A fault lasts so long. */
const FAULT_MS = 3_500;
/** Longest that takeovers are waited for; what is promised is checked at the end. */
const MAX_WAIT_MS = 20_000;

export interface Fault {
  kind: 'kill' | 'pause' | 'cut off';
  member: string;
  moved: Moved;
}

/** How long a survivor took, from the fault on, in milliseconds. */
export interface Moved {
  /** To acknowledge a write. */
  writtenMs: number;
  /** To show that in its list. */
  listedMs: number;
  /** To have that in its history as well. */
  totalMs: number;
}

const KINDS = ['kill', 'pause', 'cut off'] as const;

/** One fault every `everyMs` until `isOver`: each member in its turn, preferably the one that runs the view of persons. */
export async function causeFaults(
  members: readonly Member[],
  everyMs: number,
  isOver: () => boolean,
): Promise<Fault[]> {
  const faults: Fault[] = [];
  for (let n = 0; !isOver(); n += 1) {
    const began = performance.now();
    const holder = members.find(({ instance }) => instance?.runs('personas'));
    const member = (n % 4 === 3 ? null : holder) ?? members[n % members.length]!;
    const kind = KINDS[n % KINDS.length]!;
    member.isFaulty = true;
    const moved = movesAgain(members.find((other) => other !== member)!);
    const fault = causing(kind, member);
    faults.push({ kind, member: member.name, moved: await moved });
    await fault;
    member.faultEndedAt = performance.now();
    member.isFaulty = false;
    await rest(Math.max(0, began + everyMs - performance.now()));
  }
  return faults;
}

async function causing(kind: Fault['kind'], member: Member): Promise<void> {
  if (kind === 'kill') {
    await member.kill();
    await member.start();
  } else if (kind === 'pause') {
    member.instance?.signal('SIGSTOP');
    await rest(FAULT_MS);
    member.instance?.signal('SIGCONT');
  } else {
    for (const relay of member.relays) relay.cutOff();
    await rest(FAULT_MS);
    for (const relay of member.relays) relay.heal();
  }
}

/**
 * Writes on a survivor, and waits until its list shows that and its history has reached it; answers how long that took.
 * The history is asked for its position, not for a page: FerretDB reads and sorts all rows for each page.
 */
export async function movesAgain(survivor: Member): Promise<Moved> {
  const began = performance.now();
  const token = tokenOf('admin');
  const sinceThen = (): number => performance.now() - began;
  const { instance } = survivor;
  if (!instance) return { writtenMs: 0, listedMs: 0, totalMs: 0 };
  const get = (path: string, headers: Record<string, string> = {}): Promise<Reply | null> =>
    instance.send('GET', path, { token, headers, withinMs: 5_000 }).catch(() => null);
  const position = await eventually(
    'a survivor writes',
    async () => {
      const written = await instance
        .send('POST', '/api/personas', { token, body: personaBody() })
        .catch(() => null);
      return written?.status === 201 && written.headers.get('x-padron-position');
    },
    MAX_WAIT_MS,
  );
  const writtenMs = sinceThen();
  await eventually(
    'the list of persons shows what was written',
    async () => {
      const reply = await get('/api/personas?limit=1', { 'x-padron-position': position });
      return reply?.status === 200 && reply.headers.get('x-padron-behind') === null;
    },
    MAX_WAIT_MS,
  );
  const listedMs = sinceThen();
  await eventually(
    'the history has reached what was written',
    async () => {
      const reply = await get('/admin/projections');
      if (reply?.status !== 200) return false;
      const { projections } = reply.body as { projections: { name: string; position: string | null }[] };
      const history = projections.find(({ name }) => name === 'history');
      return BigInt(history?.position ?? 0) >= BigInt(position);
    },
    MAX_WAIT_MS,
  );
  return { writtenMs, listedMs, totalMs: sinceThen() };
}
