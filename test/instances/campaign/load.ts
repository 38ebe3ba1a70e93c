import { randomUUID } from 'node:crypto';
import { setTimeout as rest } from 'node:timers/promises';
import type { Reply } from '../../support/instance.ts';
import { tokenOf } from '../../support/tokens.ts';
import type { Member } from './members.ts';

/** No request takes longer. */
export const MAX_REQUEST_MS = 12_000;
/** Between two requests of one client: two servers and three instances share a machine with this load. */
const REST_MS = 15;
const CONTENDED_DNIS = 3;

export interface Person {
  id: number;
  cuenta: string;
}

/** A write that was answered with 200, and the revision that the answer named. */
export interface Acknowledged {
  person: number;
  telefono: string;
  revision: number;
}

/** What the clients did and saw. */
export interface Seen {
  acknowledged: Acknowledged[];
  /** What should not have been: read from the answers. */
  wrongs: string[];
  requests: number;
  /** By status; 0 for no answer. */
  statuses: Map<number, number>;
  slowestMs: number;
}

/** By member and life, then by person, the revision that was shown or acknowledged. */
type Floors = Map<string, Map<number, number>>;

/** Clients that write, repeat, contend and read on all members until `isOver`. Each works on one person. */
export async function load(
  members: readonly Member[],
  people: readonly Person[],
  isOver: () => boolean,
): Promise<Seen> {
  const seen: Seen = { acknowledged: [], wrongs: [], requests: 0, statuses: new Map(), slowestMs: 0 };
  const floors: Floors = new Map();
  await Promise.all(
    people.map(async (person, client) => {
      for (let n = 0; !isOver(); n += 1) {
        const member = members[(n + client) % members.length]!;
        if (n % 4 === 3) await read({ seen, floors }, member, person);
        else await write({ seen, floors }, members, person, { client, n });
        await rest(REST_MS);
      }
    }),
  );
  return seen;
}

interface Notes {
  seen: Seen;
  floors: Floors;
}

/** One change under a key of its own, sent until it is answered, each time to the next member; then mostly sent once more. */
async function write(
  notes: Notes,
  members: readonly Member[],
  person: Person,
  { client, n }: { client: number; n: number },
): Promise<void> {
  const telefono = `${client}-${n}`;
  const dni = n % 5 === 0 ? { dni: `contended-${(client + n) % CONTENDED_DNIS}` } : {};
  const headers = { 'idempotency-key': randomUUID() };
  const body = { telefono, ...dni };
  let first: Reply | null = null;
  for (let tries = 0; tries < 40 && first === null; tries += 1) {
    const member = members[(client + n + tries) % members.length]!;
    const reply = await ask(notes, member, person, {
      method: 'PUT',
      path: '/api/personas/me',
      body,
      headers,
    });
    if (reply && [200, 409].includes(reply.status)) first = reply;
    else if (reply && reply.status !== 503) notes.seen.wrongs.push(`a write: ${reply.status}`);
    if (first === null) await rest(REST_MS * 4);
  }
  if (first?.status !== 200) return;
  notes.seen.acknowledged.push({ person: person.id, telefono, revision: revisionOf(first) });
  if (n % 2 === 0) return;
  const other = members[(client + n + 1) % members.length]!;
  const again = await ask(notes, other, person, { method: 'PUT', path: '/api/personas/me', body, headers });
  if (again && ![200, 503].includes(again.status)) notes.seen.wrongs.push(`a repeat: ${again.status}`);
}

async function read(notes: Notes, member: Member, person: Person): Promise<void> {
  const { seen, floors } = notes;
  const key = `${member.name}${member.life}`;
  const floor = floors.get(key)?.get(person.id) ?? -1;
  const reply = await ask(notes, member, person, { method: 'GET', path: `/api/personas/${person.id}` });
  if (reply?.status === 200 && revisionOf(reply) < floor)
    seen.wrongs.push(`${key} shows person ${person.id} at ${revisionOf(reply)} after ${floor}`);
  if (reply && ![200, 503].includes(reply.status)) seen.wrongs.push(`a read: ${reply.status}`);
}

/** Null when there was no answer. Notes the revision of the answer, and an answer that came too late. */
async function ask(
  { seen, floors }: Notes,
  member: Member,
  person: Person,
  { method, path, body, headers = {} }: { method: string; path: string; body?: object; headers?: object },
): Promise<Reply | null> {
  const { instance, life } = member;
  if (!instance) return null;
  const began = performance.now();
  const token = tokenOf(method === 'PUT' ? 'asistente' : 'admin', person.cuenta);
  const reply = await instance
    .send(method, path, { token, ...(body && { body }), headers: { ...headers }, withinMs: MAX_REQUEST_MS })
    .catch(() => null);
  const tookMs = performance.now() - began;
  seen.requests += 1;
  seen.statuses.set(reply?.status ?? 0, (seen.statuses.get(reply?.status ?? 0) ?? 0) + 1);
  const wasHealthy = !member.isFaulty && member.faultEndedAt < began && member.life === life;
  if (wasHealthy) seen.slowestMs = Math.max(seen.slowestMs, tookMs);
  if (wasHealthy && tookMs >= MAX_REQUEST_MS)
    seen.wrongs.push(`${method} ${path}: no answer in ${tookMs} ms`);
  if (reply?.status === 200) {
    const key = `${member.name}${life}`;
    const shown = floors.get(key) ?? new Map<number, number>();
    floors.set(key, shown.set(person.id, Math.max(revisionOf(reply), shown.get(person.id) ?? -1)));
  }
  return reply;
}

/** The revision that an ETag names: `"7.12"` is revision 12 of person 7. */
export const revisionOf = ({ headers }: Reply): number =>
  Number(/^"\d+\.(\d+)"$/.exec(headers.get('etag') ?? '')?.[1] ?? Number.NaN);
