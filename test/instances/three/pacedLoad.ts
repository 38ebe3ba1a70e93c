import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../support/eventually.ts';
import type { Instance } from '../../support/instance.ts';
import { admin, positionOf, update, type Person } from './requests.ts';

/** Another instance takes the views over within this time. */
const TAKEOVER_MS = 5_000;
/** Between two requests of one client: three instances, two servers and the test share the machine. */
const PAUSE_MS = 15;

/** One client per person that writes to the reachable instances in turn, until it is stopped. */
export interface PacedLoad {
  /** By person, every telephone whose write was acknowledged, in order. */
  readonly acknowledged: ReadonlyMap<number, readonly string[]>;
  readonly people: readonly Person[];
  reachable: Instance[];
  stop(): Promise<void>;
}

export function startPacedLoad(people: readonly Person[], instances: readonly Instance[]): PacedLoad {
  const acknowledged = new Map<number, string[]>(people.map(({ id }) => [id, []]));
  let loading = true;
  const running: PacedLoad = {
    acknowledged,
    people,
    reachable: [...instances],
    async stop() {
      loading = false;
      await Promise.all(clients);
    },
  };
  const clients = people.map(async (person, client) => {
    for (let n = 0; loading; n += 1) {
      const telefono = `${client}-${n}`;
      const instance = running.reachable[n % running.reachable.length]!;
      const reply = await update(instance, person, { telefono }, { withinMs: 1_000 }).catch(() => null);
      if (reply?.status === 200) acknowledged.get(person.id)?.push(telefono);
      await pause(PAUSE_MS);
    }
  });
  return running;
}

/**
 * Waits until the lists of a reachable instance show a write made now; fails after the time promised
 * for a takeover. Returns how long it took, in milliseconds.
 */
export async function movesAgain({ reachable, people }: PacedLoad): Promise<number> {
  const lost = performance.now();
  const survivor = reachable[0]!;
  const written = await update(survivor, people[0]!, { telefono: `after-${randomUUID().slice(0, 8)}` });
  expect(written.status).to.equal(200);
  for (const path of ['/api/personas?limit=1', '/audit?limit=1']) {
    await eventually(
      `${path} shows it`,
      async () => {
        const ask = { token: admin, headers: positionOf(written), withinMs: 2_000 };
        const reply = await survivor.send('GET', path, ask).catch(() => null);
        return reply?.status === 200 && reply.headers.get('x-padron-behind') === null;
      },
      TAKEOVER_MS - (performance.now() - lost),
    );
  }
  return performance.now() - lost;
}
