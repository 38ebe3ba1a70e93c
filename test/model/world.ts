import { personas } from '../../src/projections/views/personas.ts';
import { history } from '../../src/projections/views/history.ts';
import { persona } from '../../src/domain/persona.ts';
import type { DomainEvent, PersonaRecord } from '../../src/events/types.ts';
import { liveGeneration, memoryViews } from '../support/memoryReadModel.ts';
import type { Asked } from './asked.ts';
import { createLog } from './events.ts';
import { createHost } from './host.ts';
import { startInstance, type Instance, type ModelViews, type Stores } from './instance.ts';
import { createLeaseOffice } from './leases.ts';
import { nothingShown, type Shown } from './reads.ts';
import type { Sent } from './requests.ts';
import type { Simulation } from './simulation.ts';

/** Two instances over one log and one read model, and what was asked of them. */
export interface World {
  simulation: Simulation;
  stores: Stores;
  instances: Instance[];
  shown: Shown[];
  journal: Sent[];
  asked: Asked[];
  fault: ViewFault;
  /** Counts the times at which an instance was cut off from a store. */
  outages: number;
  /** Set when no new requests are to begin. */
  isEnding: boolean;
  /** Replaces a dead instance by a new process. */
  restart(n: number): void;
}

/** The telephone number that the view of persons cannot apply while it is broken. */
export interface ViewFault {
  isBroken: boolean;
}

export function createWorld(
  simulation: Simulation,
  { replicationMs, isAtomic, keepsViews }: { replicationMs: number; isAtomic: boolean; keepsViews: boolean },
): World {
  const fault: ViewFault = { isBroken: false };
  const stores: Stores = {
    log: createLog(simulation, replicationMs),
    views: memoryViews(),
    office: createLeaseOffice(simulation),
    isAtomic,
    declared: viewsWith(fault),
    keepsViews,
  };
  const starts = [0, 0];
  const start = (n: number): Instance => {
    starts[n]! += 1;
    return startInstance(simulation, createHost(simulation, `${'AB'[n]}${starts[n]}`), stores);
  };
  const world: World = {
    simulation,
    stores,
    instances: [start(0), start(1)],
    shown: [nothingShown(), nothingShown()],
    journal: [],
    asked: [],
    fault,
    outages: 0,
    isEnding: false,
    restart(n) {
      world.instances[n] = start(n);
      world.shown[n] = nothingShown();
    },
  };
  return world;
}

function viewsWith(fault: ViewFault): ModelViews {
  const evolve = (state: PersonaRecord | null, event: DomainEvent): PersonaRecord | null => {
    const next = persona.evolve(state, event);
    if (fault.isBroken && next?.telefono === 'A') throw new Error('this view cannot apply A');
    return next;
  };
  return { personas: { ...personas, aggregate: { ...persona, evolve } }, history };
}

/** The entries of parked subjects in the shown view of persons. */
export function parkedIn({ stores }: World): string[] {
  const documents = liveGeneration(stores.views, stores.declared.personas)?.documents.values() ?? [];
  return [...documents].flatMap(({ id, parked }) => (parked ? [`personas-${id}.${parked.revision}`] : []));
}
