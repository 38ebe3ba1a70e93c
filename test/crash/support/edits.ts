import { AssertionError, expect } from 'chai';
import { createCommandSide } from '../../../src/commands/handling/commandSide.ts';
import { applyRecorded, NOTHING_LOADED, type Loaded } from '../../../src/domain/aggregate.ts';
import { user } from '../../../src/domain/user.ts';
import { settingsKey } from '../../../src/events/bookkeeping/settings.ts';
import { eventsOf, type EventStore } from '../../../src/events/eventStore.ts';
import type { UserRecord } from '../../../src/events/types.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { eventually } from '../../support/eventually.ts';
import { aUser, editBody } from '../../support/people.ts';
import { tokenOf } from '../../support/tokens.ts';

const USERS = 8;
const WRITERS = 16;
const dniOf = (n: number): string => `5000000${n}X`;
/** A new one for each request: a long run outlives a token. */
const bearer = (): string => `Bearer ${tokenOf('admin')}`;

interface Write {
  dni: string;
  telefono: string;
  acknowledged: boolean;
}

/** Edits of a few users from all sides, each with a telephone number of its own, and what came of them. */
export class Edits {
  readonly writes: Write[] = [];
  /** Why the latest edit without an answer had none. */
  failure: unknown = null;
  /** The greatest X-Padron-Position of the answers so far: the list at the end has to show it. */
  #position = 0n;

  /** Registers the users. Without a server: over HTTP each one would cost a hash of 250 ms. */
  async register(store: EventStore): Promise<void> {
    const key = await settingsKey({ store, clock: systemClock }, null);
    const commands = createCommandSide({ store, key, clock: systemClock });
    for (let n = 0; n < USERS; n += 1) await aUser({ commands }, { dni: dniOf(n) });
  }

  /** Edits until an edit gets no answer, or `isEnough` says so. */
  async load(url: string, round: number, isEnough: () => boolean = () => false): Promise<void> {
    let alive = true;
    const writers = Array.from({ length: WRITERS }, async (_, writer) => {
      for (let n = 0; alive && !isEnough(); n += 1) {
        const write = { dni: dniOf(n % USERS), telefono: `${round}-${writer}-${n}`, acknowledged: false };
        this.writes.push(write);
        let answer = await this.#send(url, write);
        while (answer === 'busy') answer = await this.#send(url, write);
        alive &&= answer === 'done';
      }
    });
    await Promise.all(writers);
  }

  /** Repeats every edit from `first` on that got no answer, as clients do. */
  async repeat(url: string, first: number): Promise<void> {
    for (const write of this.writes.slice(first).filter(({ acknowledged }) => !acknowledged)) {
      await eventually('a repeat is answered', async () => (await this.#send(url, write)) === 'done');
    }
  }

  /** The list of users at the last acknowledged position: waits until it is there. */
  async shown(url: string): Promise<UserRecord[]> {
    return eventually('the list shows the last edit', async () => {
      const response = await this.#list(url);
      const body = (await response.json()) as { users: UserRecord[] };
      return response.status === 200 && !response.headers.has('x-padron-behind') && body.users;
    });
  }

  /** Whether padron knows that its read model is away. */
  async isListRefused(url: string): Promise<boolean> {
    const response = await this.#list(url);
    await response.arrayBuffer();
    return response.status === 503;
  }

  /** Expects that every edit was stored once, and that what was shown equals the streams. */
  async check(shown: readonly UserRecord[], store: EventStore): Promise<void> {
    expect(shown).to.have.lengthOf(USERS);
    const stored = await compareWithLog(store, shown);
    expect(stored.sort()).to.deep.equal(this.writes.map(({ telefono }) => telefono).sort());
  }

  #list(url: string): Promise<Response> {
    return fetch(`${url}/users?limit=1000`, {
      headers: { authorization: bearer(), 'x-padron-position': String(this.#position) },
    });
  }

  /** Sends one edit under its key. `busy`: the answer was 503; `gone`: there was none. */
  async #send(url: string, write: Write): Promise<'done' | 'busy' | 'gone'> {
    try {
      const { dni, telefono } = write;
      const response = await fetch(`${url}/users/edit`, {
        method: 'POST',
        headers: {
          authorization: bearer(),
          'content-type': 'application/json',
          'idempotency-key': telefono,
        },
        body: JSON.stringify(editBody({ dni, telefono })),
      });
      await response.arrayBuffer();
      const answered = BigInt(response.headers.get('x-padron-position') ?? 0);
      if (answered > this.#position) this.#position = answered;
      if (response.status === 503) return 'busy';
      expect(response.status).to.equal(200);
      write.acknowledged = true;
      return 'done';
    } catch (error) {
      if (error instanceof AssertionError) throw error;
      this.failure = error;
      return 'gone';
    }
  }
}

/** Holds what is shown against the streams; returns every telephone number that was stored. */
async function compareWithLog(store: EventStore, shown: readonly UserRecord[]): Promise<string[]> {
  const stored: string[] = [];
  for (const { IdUsuario, telefono, dni } of shown) {
    let folded: Loaded<UserRecord> = NOTHING_LOADED;
    for await (const event of eventsOf(store, `user-${IdUsuario}`)) {
      folded = applyRecorded(user, folded, event);
      const { changes } = event.data as { changes?: { telefono?: { to: string } } };
      if (changes?.telefono) stored.push(changes.telefono.to);
    }
    expect({ telefono, dni }).to.deep.equal({ telefono: folded.state?.telefono, dni: folded.state?.dni });
  }
  return stored;
}
