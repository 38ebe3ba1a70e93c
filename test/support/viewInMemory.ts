import { createSecretKey } from 'node:crypto';
import { systemClock } from '../../src/platform/clock.ts';
import { createCommandSide, type CommandSide } from '../../src/commands/handling/commandSide.ts';
import { EventStoreError } from '../../src/events/eventErrors.ts';
import type { EventStore, Position } from '../../src/events/eventStore.ts';
import { subjectOf } from '../../src/events/streams.ts';
import { createDocuments, type Documents } from '../../src/projections/reading/documents.ts';
import { documentOf } from '../../src/projections/folding/fold.ts';
import { ReadModelError } from '../../src/projections/record/readModelError.ts';
import type { ViewDocument, ViewReader } from '../../src/projections/ports/documents.ts';
import type { DocumentView } from '../../src/projections/ports/view.ts';
import { memoryEventStore, memoryLog } from './memoryEventStore.ts';

/** A view on an event store in memory that advances only when a test says so. */
export interface ViewInMemory<Body> {
  commands: CommandSide;
  documents: Documents<Body>;
  /** Applies the whole log to the view. */
  catchUp(): Promise<void>;
  /** Moves the checkpoint, so that everything up to there counts as applied. */
  reach(to: Position): void;
  /** The calls of the event store since the last call of this function. */
  asked(): string[];
  /** While true, the read model or the event store rejects every call. */
  away: { readModel: boolean; eventStore: boolean };
  /** Called before each answer of the view's reads; may delay it. */
  beforeAnswer: (read: 'load' | 'lookUp' | 'page') => Promise<void>;
}

export async function viewInMemory<Body extends object>(
  view: DocumentView<Body>,
  options: { startedAt?: Position } = {},
): Promise<ViewInMemory<Body>> {
  const log = memoryLog();
  let asked: string[] = [];
  const away = { readModel: false, eventStore: false };
  async function expectThere(what: string): Promise<void> {
    asked.push(what);
    if (away.eventStore) throw new EventStoreError('the event store is away', { outcomeUnknown: false });
  }
  const memory = memoryEventStore(log, expectThere);
  const store: EventStore = {
    ...memory,
    async head(call) {
      await expectThere('head');
      return memory.head(call);
    },
  };
  const commands = createCommandSide({
    store,
    key: createSecretKey(Buffer.alloc(32, 1)),
    clock: systemClock,
  });
  const stored = new Map<number, ViewDocument>();
  let position: Position | null = null;

  async function answer(
    read: 'load' | 'lookUp' | 'page',
    find: () => ViewDocument[],
  ): Promise<ViewDocument[]> {
    if (away.readModel) throw new ReadModelError('the read model is away');
    const found = find();
    await made.beforeAnswer(read);
    return found;
  }
  const inOrder = (): ViewDocument[] => [...stored.values()].sort((a, b) => a.id - b.id);
  const viewReader: ViewReader = {
    checkpoint: async () => {
      if (away.readModel) throw new ReadModelError('the read model is away');
      return position === null ? null : { position, event: null };
    },
    load: (ids) => answer('load', () => inOrder().filter(({ id }) => ids.includes(id))),
    lookUp: (name, value) => answer('lookUp', () => inOrder().filter(({ lookup }) => lookup[name] === value)),
    page: async () => ({
      documents: await answer('page', () => inOrder().filter(({ body }) => body !== null)),
      next: null,
    }),
    unfindable: async () => [],
    scan: async () => inOrder(),
    ids: async () => inOrder().map(({ id }) => id),
    parked: async () => [],
    countParked: async () => 0,
  };

  const made: ViewInMemory<Body> = {
    commands,
    documents: createDocuments({
      view,
      viewReader,
      ...commands,
      store,
      clock: systemClock,
      maxWaitMs: 20,
      ...options,
    }),
    async catchUp() {
      for (const { stream } of log.events) {
        const subject = subjectOf(stream);
        if (subject?.kind !== view.aggregate.kind) continue;
        const loaded = await commands.repository.fresh(view.aggregate, stream);
        stored.set(subject.id, documentOf(view, subject.id, loaded));
      }
      position = log.events.at(-1)?.position ?? null;
      asked = [];
    },
    reach(to) {
      position = to;
    },
    asked() {
      const all = asked;
      asked = [];
      return all;
    },
    away,
    beforeAnswer: async () => undefined,
  };
  return made;
}
