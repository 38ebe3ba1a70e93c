import type { ViewRecord, ViewRecords, StoredViewRecord } from '../../src/projections/record/viewRecord.ts';
import type { Leases } from '../../src/platform/lease.ts';
import {
  isLater,
  isSameState,
  type ViewDocument,
  type ViewReader,
  type ViewStore,
} from '../../src/projections/ports/documents.ts';
import type { OpenOptions, ReadModel } from '../../src/projections/ports/readModel.ts';
import type { Row, RowStore } from '../../src/projections/ports/rows.ts';
import {
  DamagedViewError,
  GoneGenerationError,
  ReadModelError,
} from '../../src/projections/record/readModelError.ts';
import {
  isSameCheckpoint,
  type Checkpoint,
  type ViewDeclaration,
} from '../../src/projections/record/viewDeclaration.ts';
import { memoryPage } from './memorySearch.ts';
import { memoryRowStore } from './memoryRowStore.ts';

/** One generation of one view. */
export interface MemoryGeneration {
  checkpoint: Checkpoint | null;
  documents: Map<number, ViewDocument>;
  rows: Map<bigint, Row>;
  isDropped: boolean;
}

/** The contents of a read model in memory, shared by all read models that are opened on it. */
export interface MemoryViews {
  controls: Map<string, StoredViewRecord>;
  generations: Map<string, Map<number, MemoryGeneration>>;
  stamps: number;
}

export const memoryViews = (): MemoryViews => ({ controls: new Map(), generations: new Map(), stamps: 0 });

export const viewKey = ({ name, version }: ViewDeclaration): string => `${name}@${version}`;

/** The current generation; null if there is none. Throws DamagedViewError if it was dropped. */
export function liveGeneration(views: MemoryViews, view: ViewDeclaration): MemoryGeneration | null {
  const live = views.controls.get(viewKey(view))?.control.live ?? null;
  const generation = live === null ? null : views.generations.get(viewKey(view))?.get(live);
  if (generation === undefined)
    throw new DamagedViewError(`${viewKey(view)} has lost its generation ${live}`);
  return generation;
}

export interface MemoryReadModelOptions {
  leases: Leases;
  /** Runs between writing a batch and moving its checkpoint, to model a store without transactions. */
  betweenWrites?: () => Promise<void>;
}

/**
 * A read model in memory: the reference that the real ones are compared with. Each operation is atomic, except that with `betweenWrites` a
 * batch takes two steps (data, then checkpoint).
 */
export function memoryReadModel(views: MemoryViews, options: MemoryReadModelOptions): ReadModel {
  let isClosed = false;
  const expectOpen = (): void => {
    if (isClosed) throw new ReadModelError('the read model is closed');
  };

  function generationsOf(view: ViewDeclaration): Map<number, MemoryGeneration> {
    expectOpen();
    const known = views.generations.get(viewKey(view)) ?? new Map<number, MemoryGeneration>();
    views.generations.set(viewKey(view), known);
    return known;
  }

  function openGeneration(view: ViewDeclaration, number: number, options?: OpenOptions): MemoryGeneration {
    const generations = generationsOf(view);
    const known = generations.get(number);
    if (known) return known;
    if (options?.mustExist === true) {
      liveGeneration(views, view);
      throw new GoneGenerationError(view.name, number);
    }
    const made = { checkpoint: null, documents: new Map(), rows: new Map(), isDropped: false };
    generations.set(number, made);
    return made;
  }

  function shownOf(view: ViewDeclaration): MemoryGeneration {
    expectOpen();
    const live = liveGeneration(views, view);
    if (!live) throw new ReadModelError(`the view ${view.name} is not built yet`);
    return live;
  }

  const shownCheckpoint = async (view: ViewDeclaration): Promise<Checkpoint | null> => {
    expectOpen();
    return liveGeneration(views, view)?.checkpoint ?? null;
  };

  return {
    leases: options.leases,
    controls: memoryControls(views, expectOpen),
    shown: (view) => ({ ...documentReader(() => shownOf(view)), checkpoint: () => shownCheckpoint(view) }),
    shownRows: (view) => {
      const rows = (): RowStore => memoryRowStore(shownOf(view), options);
      return {
        checkpoint: () => shownCheckpoint(view),
        find: async (query) => rows().find(query),
        scan: async (stretch) => rows().scan(stretch),
        misplaced: async (some) => rows().misplaced(some),
        countEntries: async (upTo) => rows().countEntries(upTo),
      };
    },
    open: async (...args) => documentStore(openGeneration(...args), options),
    openRows: async (...args) => memoryRowStore(openGeneration(...args), options),
    generations: async (view) => [...generationsOf(view).keys()].sort((a, b) => a - b),
    drop: async (view, number) => {
      const dropped = generationsOf(view).get(number);
      if (dropped) dropped.isDropped = true;
      generationsOf(view).delete(number);
    },
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      await options.leases.close();
    },
  };
}

function documentStore(generation: MemoryGeneration, { betweenWrites }: MemoryReadModelOptions): ViewStore {
  const putAll = (documents: readonly ViewDocument[]): void => {
    for (const document of documents) {
      const stored = generation.documents.get(document.id);
      if (!stored || isLater(document, stored)) generation.documents.set(document.id, copyOf(document));
    }
  };
  return {
    ...documentReader(() => expectPresent(generation)),
    async write({ documents, from, to }) {
      expectPresent(generation);
      if (betweenWrites) {
        putAll(documents);
        await betweenWrites();
      }
      if (!moveCheckpoint(generation, from, to)) return 'refused';
      putAll(documents);
      return 'written';
    },
    async put(documents) {
      expectPresent(generation);
      putAll(documents);
    },
    async erase(documents) {
      expectPresent(generation);
      putAll(documents);
    },
    seal: async () => {
      expectPresent(generation);
    },
    async repair(from, to) {
      const stored = expectPresent(generation).documents.get(to.id);
      const isAsSeen = stored ? from !== null && isSameState(stored, from) : from === null;
      if (isAsSeen) generation.documents.set(to.id, copyOf(to));
      return isAsSeen;
    },
  };
}

function documentReader(generation: () => MemoryGeneration): ViewReader {
  const inOrder = (after: number): ViewDocument[] =>
    [...generation().documents.values()]
      .filter(({ id }) => id > after)
      .sort((a, b) => a.id - b.id)
      .map(copyOf);
  return {
    checkpoint: async () => generation().checkpoint,
    async load(ids) {
      const { documents } = generation();
      return ids.flatMap((id) => documents.get(id) ?? []).map(copyOf);
    },
    page: (query) => memoryPage(inOrder(0), query),
    async unfindable(some) {
      const { documents } = generation();
      return some.filter(({ id, search }) => documents.get(id)?.search !== search).map(({ id }) => id);
    },
    lookUp: async (name, value) => inOrder(0).filter(({ lookup }) => lookup[name] === value),
    scan: async ({ after, limit }) => inOrder(after).slice(0, limit),
    ids: async ({ after, limit }) =>
      inOrder(after)
        .slice(0, limit)
        .map(({ id }) => id),
    parked: async ({ after, limit }) =>
      inOrder(after)
        .filter(({ parked }) => parked !== null)
        .slice(0, limit),
    countParked: async () => inOrder(0).filter(({ parked }) => parked !== null).length,
  };
}

function memoryControls(views: MemoryViews, expectOpen: () => void): ViewRecords {
  const checkpointOf = (view: ViewDeclaration, number: number): Checkpoint | null =>
    views.generations.get(viewKey(view))?.get(number)?.checkpoint ?? null;
  return {
    async read(view) {
      expectOpen();
      return views.controls.get(viewKey(view)) ?? null;
    },
    async replace(view, from, to, standing) {
      expectOpen();
      if (standing && !isSameCheckpoint(checkpointOf(view, standing.generation), standing.checkpoint))
        return false;
      if (views.controls.get(viewKey(view))?.stamp !== from?.stamp) return false;
      views.stamps += 1;
      views.controls.set(viewKey(view), { stamp: views.stamps, control: copyOf<ViewRecord>(to) });
      return true;
    },
    async versions(name) {
      expectOpen();
      const names = [...views.controls.keys()].filter((key) => key.startsWith(`${name}@`));
      return names.map((key) => Number(key.slice(name.length + 1))).sort((a, b) => a - b);
    },
    async forget(view) {
      expectOpen();
      views.controls.delete(viewKey(view));
    },
  };
}

/** Moves the checkpoint by compare-and-set; false if it was not `from`. */
export function moveCheckpoint(
  generation: MemoryGeneration,
  from: Checkpoint | null,
  to: Checkpoint,
): boolean {
  if (!isSameCheckpoint(generation.checkpoint, from)) return false;
  generation.checkpoint = to;
  return true;
}

export function expectPresent(generation: MemoryGeneration): MemoryGeneration {
  if (generation.isDropped) throw new ReadModelError('the generation was dropped');
  return generation;
}

/** A copy by JSON, so that a caller that changes its object does not change stored data. */
const copyOf = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
