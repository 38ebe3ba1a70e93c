import { expect } from 'chai';
import { createHash, randomUUID } from 'node:crypto';
import { editUser } from '../../src/commands/editUser.ts';
import { NO_REVISION } from '../../src/events/eventStore.ts';
import { ROLLS_STREAM } from '../../src/events/streams.ts';
import type { UserRecord } from '../../src/events/types.ts';
import { entriesOnRolls } from '../../src/roll/named/erasedEntries.ts';
import { event, written } from '../events/contract/steps.ts';
import type { Answer } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';
import { aUser, byAdmin, editOf, SOCIA_RECORD } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';
import { getAfterWrites, settableClock, walk } from './support.ts';

/** Edits after a roll was named. The long form: ROLL_EDITS=10000. */
const EDITS = Number(process.env['ROLL_EDITS'] ?? 200);
const PEOPLE = 40;

interface Named {
  id: number;
  count: number;
  digest: string;
}

const clock = settableClock('2025-01-01T10:00:00.000Z');

describe('A named roll of which a person was erased', function () {
  if (process.env['TEST_SEALING'] === 'off') return;
  const running = serviceForTests({ clock });
  const token = tokenOf('admin');

  const post = (path: string, body?: object): Promise<Answer> =>
    running().send('POST', path, { token, ...(body ? { body } : {}) });

  async function nameRoll(name: string, at: string): Promise<Named> {
    const { status, body } = await post('/rolls', { name, kind: 'users', at });
    expect(status).to.equal(201);
    return body as Named;
  }

  it('still proves its other entries, and counts the erased one', async () => {
    const cora = await aUser(running().service, { nombre: 'Cora' });
    const dario = await aUser(running().service, { nombre: 'Dario' });
    await aUser(running().service, { nombre: 'Elsa' });
    clock.set('2025-03-01T10:00:00.000Z');
    const { id, digest, count } = await nameRoll('Before the erasure', '2025-02-28');
    clock.set('2025-03-02T10:00:00.000Z');
    await running().service.commands.handle(editUser, editOf(dario, { nombre: 'Darius' }), byAdmin());
    const erased = await post(`/users/${cora.dni}/erase`, { reason: 'A request', confirm: cora.dni });
    expect(erased.status).to.equal(200);

    const verified = await post(`/rolls/${id}/verify`);
    expect(verified.body).to.deep.equal({ matches: true, count, digest, erasedSince: 1 });
    const entries = await walk<{ nombre: string }>(running(), `/rolls/${id}/entries?limit=1`, 'entries');
    expect(entries.map(({ nombre }) => nombre)).to.deep.equal(['Dario', 'Elsa']);
  });

  it('leaves the person out if it is named after the erasure, although its moment is earlier', async () => {
    const { id, count, digest } = await nameRoll('After the erasure', '2025-02-28');
    expect(count).to.equal(2);
    const verified = await post(`/rolls/${id}/verify`);
    expect(verified.body).to.deep.equal({ matches: true, count, digest, erasedSince: 0 });
  });

  it(`is the same after ${EDITS} edits, and its other entries after the erasure of one person`, async function () {
    this.timeout(600_000);
    const { commands } = running().service;
    clock.set('2025-04-01T10:00:00.000Z');
    const people: UserRecord[] = [];
    for (let n = 0; n < PEOPLE; n += 1) people.push(await aUser(running().service, { nombre: `N${n}` }));
    clock.set('2025-05-01T10:00:00.000Z');
    const { id, count, digest } = await nameRoll(`Before the edits ${randomUUID()}`, '2025-04-30');
    const before = await linesOf(id);
    expect(before.size).to.equal(count).and.to.be.at.least(PEOPLE);

    clock.set('2025-06-01T10:00:00.000Z');
    await Promise.all(
      people.map(async (person, n) => {
        for (let edit = n; edit < EDITS; edit += PEOPLE) {
          const outcome = await commands.handle(editUser, editOf(person, { cuota: 1_000 + edit }), byAdmin());
          expect(outcome.outcome).to.equal('done');
        }
      }),
    );
    // 503 until the view has caught up with the edits.
    const verify = (): Promise<unknown> =>
      eventually(
        'a verification',
        async () => {
          const { status, body } = await post(`/rolls/${id}/verify`);
          return status === 503 ? null : body;
        },
        120_000,
      );
    expect(await verify()).to.deep.equal({ matches: true, count, digest, erasedSince: 0 });

    const { dni, IdUsuario: erased } = people[7] as UserRecord;
    const { status } = await post(`/users/${dni}/erase`, { reason: 'A request', confirm: dni });
    expect(status).to.equal(200);
    expect(await verify()).to.deep.equal({ matches: true, count, digest, erasedSince: 1 });

    const after = await linesOf(id);
    expect([...before.keys()].filter((one) => !after.has(one))).to.deep.equal([erased]);
    // The entries that are left and the hash of the erased one make the digest that was named.
    const hashed = [...before].map(([one, line]) => `${one} ${sha256(after.get(one) ?? line)}\n`);
    expect(sha256(hashed.join(''))).to.equal(digest);
  });

  /** The entries of a roll as lines of NDJSON, by id. */
  async function linesOf(id: number): Promise<Map<number, string>> {
    const { body } = await getAfterWrites(running(), `/rolls/${id}/entries`, {
      headers: { accept: 'application/x-ndjson' },
    });
    const lines = String(body).trimEnd().split('\n');
    return new Map(lines.map((line) => [(JSON.parse(line) as UserRecord).IdUsuario, line]));
  }
});

describe('The entries that are recorded when a user is erased', () => {
  it('are those on rolls of users, at their moments', async () => {
    const store = memoryEventStore(memoryLog());
    const registered = event('UserRegistered', SOCIA_RECORD);
    const at = registered.metadata.occurredAt;
    await written(store, 'user-15', NO_REVISION, [registered]);
    await written(store, ROLLS_STREAM, NO_REVISION, [
      event('RollFixed', { kind: 'personas', at }),
      event('RollFixed', { kind: 'users', at }),
      event('RollFixed', { kind: 'users', at: new Date(Date.parse(at) - 1).toISOString() }),
    ]);
    const entries = await entriesOnRolls(store, 'user-15');
    expect(entries.map(({ fixed }) => fixed)).to.deep.equal([1]);
    expect(await entriesOnRolls(store, 'user-16')).to.deep.equal([]);
  });
});

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
