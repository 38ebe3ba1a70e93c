import { isUnfinished } from '../../src/projections/record/viewRecord.ts';
import { liveGeneration } from '../support/memoryReadModel.ts';
import { perform } from './acts.ts';
import { record } from './asked.ts';
import { MAX_LATE_MS } from './calls.ts';
import { brokenCommandPromises } from './commandPromises.ts';
import { PEOPLE, type Plan, type WorldKind } from './plan.ts';
import { send } from './requests.ts';
import { CALM, createSimulation, pause, type Simulation } from './simulation.ts';
import { brokenFolds, watchViews } from './viewPromises.ts';
import { createWorld, parkedIn, type World } from './world.ts';

/** No request takes longer. */
const MAX_REQUEST_MS = 12_000;
/** Everything else that is asked for has ended so long after the last fault. */
const MAX_SETTLING_MS = 60_000;
/** A store that does not answer is reported within 10 s; so long after that, another instance has taken over. */
const MAX_TAKEOVER_MS = 25_000;
const POLL_MS = 250;

/** What came of one run. */
export interface Report {
  violations: readonly string[];
  trace: readonly string[];
}

/** Plays a plan in virtual time and reports which promises were broken. */
export async function play(kind: WorldKind, plan: Plan): Promise<Report> {
  const simulation = createSimulation(plan.seed);
  const chance = Math.random;
  // Pauses of the engine are drawn from Math.random: a run must be the same each time.
  Math.random = simulation.random('engine');
  try {
    await simulation.clock.until(scenario(simulation, kind, plan));
  } finally {
    Math.random = chance;
  }
  return simulation;
}

async function scenario(simulation: Simulation, kind: WorldKind, plan: Plan): Promise<void> {
  const world = createWorld(simulation, { ...plan, keepsViews: kind.keepsViews });
  await populate(world, kind);
  watchViews(simulation, world.stores);

  simulation.setWeather(plan.weather);
  const watch = { isOver: false };
  if (kind.promises.includes('view-moves')) void watchTakeover(world, watch);
  const start = simulation.clock.now();
  const inOrder = [...plan.acts].map((act, index) => ({ act, index })).sort((a, b) => a.act.at - b.act.at);
  for (const { act, index } of inOrder) {
    await pause(simulation, start + act.at - simulation.clock.now());
    perform(world, act, plan.asks, index);
  }
  await pause(simulation, Math.max(0, start + kind.activeMs - simulation.clock.now()));
  watch.isOver = true;

  await settle(world);
  for (const promise of brokenCommandPromises(world.stores.log, world.journal)) simulation.broken(promise);
  if (kind.keepsViews) for (const promise of brokenFolds(world.stores)) simulation.broken(promise);
  if (kind.promises.includes('ends-in-time')) expectEndsInTime(world);
}

/** Registers some persons while nothing goes wrong, and waits until the views show them. */
async function populate(world: World, { people, keepsViews }: WorldKind): Promise<void> {
  const { simulation, instances, journal, stores } = world;
  for (const [n, cuenta] of PEOPLE.slice(0, people).entries()) {
    const ask = { kind: 'register', cuenta, dni: String(n + 1), telefono: 'B', key: null } as const;
    await send(simulation, instances[0]!, ask, `first-${cuenta}`, journal);
  }
  const isLevel = (): boolean => !keepsViews || behind(world, endOf(world)).length === 0;
  await waitFor(world, () => isLevel() && (people === 0 || stores.log.shown.events.length > 0));
}

/** Ends all faults and waits until everything has come to rest. */
async function settle(world: World): Promise<void> {
  const { simulation, stores, instances, fault, journal } = world;
  simulation.note('world', 'all faults end');
  simulation.setWeather(CALM);
  fault.isBroken = false;
  await waitFor(world, () => world.instances.every(({ host }) => !host.isDead));
  for (const { host } of instances) host.heal();
  world.isEnding = true;
  await pause(simulation, MAX_LATE_MS);
  await waitFor(world, () => isAnswered(world));
  let n = 0;
  // Whoever got no answer repeats the request under its key.
  for (const { ask } of journal.filter((sent) => sent.ask.key !== null && sent.outcome === 'failed')) {
    n += 1;
    await Promise.race([
      send(simulation, world.instances[n % 2]!, ask, `again-${n}`, journal),
      pause(simulation, MAX_SETTLING_MS),
    ]);
  }
  if (!stores.keepsViews) return;
  await waitFor(world, () => {
    resumeJobs(world);
    retryParked(world);
    return unrest(world).length === 0;
  });
  for (const promise of unrest(world))
    simulation.broken(`${promise}, ${MAX_SETTLING_MS / 1_000} s after the last fault`);
  await Promise.race([
    Promise.all(world.instances.map((instance) => instance.stop())),
    pause(simulation, MAX_SETTLING_MS).then(() => {
      simulation.broken('an instance does not stop');
    }),
  ]);
}

/** What is parked is tried again until it is not: the view is repaired by now. */
function retryParked(world: World): void {
  const { host, parking } = world.instances[0]!;
  for (const id of parkedIn(world)) {
    const what = `retry ${id}`;
    const isUnderWay = world.asked.some((one) => one.what === what && !one.isOver && !one.isExcused);
    if (!isUnderWay) void record(world, host, what, () => parking.retry(id));
  }
}

function resumeJobs({ stores, instances }: World): void {
  for (const { control } of stores.views.controls.values()) {
    const [newest] = control.jobs;
    if (newest?.state === 'paused') void instances[1]!.jobs.resume(newest.id);
  }
}

/** Waits until it holds, at most MAX_SETTLING_MS. */
async function waitFor({ simulation }: World, holds: () => boolean): Promise<void> {
  const end = simulation.clock.now() + MAX_SETTLING_MS;
  while (!holds() && simulation.clock.now() < end) await pause(simulation, POLL_MS);
}

const endOf = ({ stores }: World): bigint => stores.log.written.events.at(-1)?.position ?? 0n;

/** A process that was only paused answers in the end. */
const isAnswered = ({ journal, instances }: World): boolean =>
  journal.every(
    ({ outcome, instance }) => outcome !== null || !instances.some(({ host }) => host.name === instance),
  );

/** The views that do not show the log up to `position`. */
function behind({ stores }: World, position: bigint): string[] {
  const { personas, history } = stores.declared;
  return [personas, history].flatMap((view) => {
    const shown = liveGeneration(stores.views, view)?.checkpoint?.position ?? null;
    return shown !== null && shown >= position
      ? []
      : [`${view.name} is shown up to ${shown}, not up to ${position}`];
  });
}

/** What has not come to an end. */
function unrest(world: World): string[] {
  const jobs = [...world.stores.views.controls.values()].flatMap(({ control }) => control.jobs);
  return [
    ...world.journal
      .filter(({ outcome, isExcused }) => outcome === null && !isExcused)
      .map(({ id }) => `request ${id} has no answer`),
    ...world.asked
      .filter(({ isOver, isExcused }) => !isOver && !isExcused)
      .map(({ what, host }) => `${what} on ${host} has no answer`),
    ...jobs.filter(isUnfinished).map(({ id, state, error }) => `job ${id} is ${state} (${error ?? ''})`),
    ...parkedIn(world).map((id) => `${id} is parked`),
    ...behind(world, endOf(world)),
  ];
}

async function watchTakeover(world: World, watch: { isOver: boolean }): Promise<void> {
  const { simulation } = world;
  while (!watch.isOver) {
    const end = endOf(world);
    const { outages } = world;
    await pause(simulation, MAX_TAKEOVER_MS);
    // With another instance cut off meanwhile, nobody may have been able to.
    if (world.outages !== outages) continue;
    for (const view of behind(world, end)) simulation.broken(`${view} after ${MAX_TAKEOVER_MS / 1_000} s`);
  }
}

function expectEndsInTime({ journal, simulation }: World): void {
  for (const { id, startedAt, endedAt, isExcused } of journal) {
    if (isExcused || endedAt - startedAt <= MAX_REQUEST_MS) continue;
    simulation.broken(`request ${id} is answered after ${Math.round(endedAt - startedAt)} ms`);
  }
}
