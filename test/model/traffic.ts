import { PEOPLE, type Act } from './plan.ts';
import { readDocument, readList } from './reads.ts';
import { send, type Ask } from './requests.ts';
import type { World } from './world.ts';

/** 'A' is what the view of persons cannot apply while it is broken; null is a value of its own. */
const BURST = [null, 'A', null, 'B'] as const;

/** Several changes, one after the other. */
export async function burst(world: World, { instance: number, n }: Act, id: string): Promise<void> {
  const instance = world.instances[number]!;
  for (let i = 0; i < 3 + n && !instance.host.isDead && !world.isEnding; i += 1) {
    const telefono = BURST[(n + i) % BURST.length]!;
    await send(world.simulation, instance, changeOf(n + i, telefono), `${id}.${i}`, world.journal);
  }
}

/** A change by somebody who then looks at it, again and again, on the same instance. */
export async function visit(world: World, { instance: number, n, ms }: Act, id: string): Promise<void> {
  const { simulation, stores, journal } = world;
  const instance = world.instances[number]!;
  const shown = world.shown[number]!;
  await send(simulation, instance, changeOf(n, null), id, journal);
  const reads: Promise<void>[] = [];
  for (let i = 0; i < 6; i += 1) {
    const position = stores.log.shown.events.at(-1)?.position ?? null;
    reads.push(
      i % 3 === 1
        ? readList(simulation, instance, { position, shown }, stores.log)
        : readDocument(simulation, instance, { id: (n % PEOPLE.length) + 1, shown, journal }, stores.log),
    );
    await instance.host.clock.wait((ms % 20) * i);
  }
  await Promise.all(reads);
}

const changeOf = (n: number, telefono: string | null): Ask => ({
  kind: 'update',
  cuenta: PEOPLE[n % PEOPLE.length]!,
  dni: null,
  telefono,
  key: null,
});
