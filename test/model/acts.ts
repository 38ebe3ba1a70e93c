import type { ViewDeclaration } from '../../src/projections/record/viewDeclaration.ts';
import { leaseNameOf } from '../../src/projections/maintaining/sweep.ts';
import { record } from './asked.ts';
import type { Instance } from './instance.ts';
import type { Act, ActKind } from './plan.ts';
import { readDocument, readList } from './reads.ts';
import { send, type Ask } from './requests.ts';
import { pause } from './simulation.ts';
import { burst, visit } from './traffic.ts';
import { parkedIn, type World } from './world.ts';

/** How long a killed process stays away. */
const RESTART_MS = 500;

const OPERATOR = {
  actor: { account: 'ops', role: 'admin' },
  requestId: 'operator',
  correlationId: 'operator',
  reason: 'the model test',
};

/** What an act is done with. */
interface Scene {
  world: World;
  act: Act;
  /** The id of the requests that it sends. */
  id: string;
  asks: readonly Ask[];
  instance: Instance;
  view: ViewDeclaration;
}

/** Does one act of a plan. Nobody waits for it: what it asks for is recorded, and has to end. */
export function perform(world: World, act: Act, asks: readonly Ask[], index: number): void {
  const instance = world.instances[act.instance]!;
  const { personas, history } = world.stores.declared;
  const view = act.n % 2 === 0 ? personas : history;
  ACTS[act.kind]({ world, act, id: `r${index}`, asks, instance, view });
}

const ACTS: Record<ActKind, (scene: Scene) => void> = {
  send({ world: { simulation, journal }, act, asks, instance, id }) {
    if (!instance.host.isDead) void send(simulation, instance, asks[act.n % asks.length]!, id, journal);
  },
  burst({ world, act, id }) {
    void burst(world, act, id);
  },
  visit(scene) {
    ask(scene, 'a visit', () => visit(scene.world, scene.act, scene.id));
  },
  read(scene) {
    const { simulation, stores, journal, shown } = scene.world;
    const of = { id: 1 + (scene.act.n % 3), shown: shown[scene.act.instance]!, journal };
    ask(scene, 'a read', () => readDocument(simulation, scene.instance, of, stores.log));
  },
  list(scene) {
    const { simulation, stores, shown } = scene.world;
    const position = scene.act.n % 2 === 0 ? null : (stores.log.shown.events.at(-1)?.position ?? null);
    const of = { position, shown: shown[scene.act.instance]! };
    ask(scene, 'a list', () => readList(simulation, scene.instance, of, stores.log));
  },

  rebuild(scene) {
    ask(scene, `rebuild ${scene.view.name}`, () => scene.instance.jobs.rebuild(scene.view.name));
  },
  rollback(scene) {
    ask(scene, `rollback ${scene.view.name}`, () => scene.instance.jobs.rollback(scene.view.name));
  },
  verify(scene) {
    ask(scene, 'verify', () => scene.instance.jobs.verify());
  },
  'pause-job'(scene) {
    ask(scene, 'pause', () => scene.instance.jobs.pause(newestJob(scene)));
  },
  'resume-job'(scene) {
    ask(scene, 'resume', () => scene.instance.jobs.resume(newestJob(scene)));
  },
  'cancel-job'(scene) {
    ask(scene, 'cancel', () => scene.instance.jobs.cancel(newestJob(scene)));
  },

  'break-view'({ world: { simulation, fault } }) {
    simulation.note('world', 'the view of persons breaks');
    fault.isBroken = true;
  },
  'repair-view'({ world: { simulation, fault } }) {
    simulation.note('world', 'the view of persons is repaired');
    fault.isBroken = false;
  },
  retry(scene) {
    const id = parkedIn(scene.world)[scene.act.n % 2];
    if (id !== undefined) ask(scene, `retry ${id}`, () => scene.instance.parking.retry(id));
  },
  skip(scene) {
    const id = parkedIn(scene.world)[scene.act.n % 2];
    if (id !== undefined) ask(scene, `skip ${id}`, () => scene.instance.parking.skip(id, OPERATOR));
  },

  'lose-lease'({ world: { stores }, view }) {
    stores.office.takeAway(leaseNameOf(view));
  },
  kill({ world, act, instance: { host } }) {
    // One instance is always there, so that what was asked for can end.
    if (world.instances.some((other) => other.host.isDead)) return;
    excuse(world, act.instance);
    host.kill();
    world.stores.office.expireFor(host);
    void pause(world.simulation, RESTART_MS).then(() => {
      world.restart(act.instance);
    });
  },
  'pause-process'({ world, act, instance: { host } }) {
    if (host.isDead) return;
    excuse(world, act.instance);
    host.pauseFor(act.ms);
    world.stores.office.expireFor(host);
  },
  'cut-off-events'({ world, act, instance: { host } }) {
    world.outages += 1;
    host.cutOff('events', act.ms);
  },
  'cut-off-views'({ world, act, instance: { host } }) {
    world.outages += 1;
    host.cutOff('views', act.ms);
  },
};

function ask({ world, instance }: Scene, what: string, work: () => Promise<unknown>): void {
  if (!instance.host.isDead) void record(world, instance.host, what, work);
}

const newestJob = ({ world, view: { name, version } }: Scene): string =>
  world.stores.views.controls.get(`${name}@${version}`)?.control.jobs[0]?.id ?? 'none';

/** A process that is killed or paused owes no answer in time to what was asked of it before. */
function excuse({ journal, asked, instances }: World, n: number): void {
  const { name } = instances[n]!.host;
  for (const sent of journal) if (sent.instance === name && sent.outcome === null) sent.isExcused = true;
  for (const one of asked) if (one.host === name) one.isExcused = true;
}
