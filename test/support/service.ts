import type { RollThread } from '../../src/embedded/roll/rollThread.ts';
import { createLogger } from '../../src/logging/log.ts';
import { systemClock, type Clock } from '../../src/platform/clock.ts';
import type { EventStore, RecordedEvent } from '../../src/events/eventStore.ts';
import { NO_REQUEST_LIMITS, type LimitSettings } from '../../src/http/access/limitSettings.ts';
import { DEFAULT_LEEWAY_SECONDS, type TokenRules } from '../../src/http/access/tokenRules.ts';
import {
  buildInThisThread,
  type BuilderOver,
  type BuildGeneration,
} from '../../src/projections/rebuild/buildGeneration.ts';
import { maintainViews, type MaintainViews } from '../../src/projections/maintaining/maintainViews.ts';
import type { ReadModel } from '../../src/projections/ports/readModel.ts';
import type { Views } from '../../src/projections/views/allViews.ts';
import { startService } from '../../src/service/service.ts';
import type { Service } from '../../src/service/serviceOptions.ts';
import { connect, type Client } from './client.ts';
import { newFolder, removeFolder } from './folder.ts';
import { openStores } from './stores.ts';
import { SECRET } from './tokens.ts';

export interface ServiceSettings {
  /** Not removed when the service stops. Default: a folder of its own, which is removed. */
  dataDir?: string;
  keys?: TokenRules['keys'];
  issuer?: string;
  audience?: string;
  leewaySeconds?: number;
  readYourWritesMs?: number;
  /** Default: no limits on requests. */
  limits?: Partial<LimitSettings>;
  /** Default: UTC. */
  timeZone?: string;
  maxImportBytes?: number;
  clock?: Clock;
  /** Wraps the stores, to make them fail or lag. */
  aroundStore?: (store: EventStore) => EventStore;
  aroundReadModel?: (readModel: ReadModel) => ReadModel;
  /** Wraps the building of a generation, to make it wait or fail. */
  aroundFill?: (fill: BuildGeneration) => BuildGeneration;
  /** Does work on whole rolls. Default: this thread. */
  rollWith?: () => RollThread;
  /** Default: padron's views. */
  views?: Views;
}

export interface TestService extends Pick<Client, 'send'> {
  service: Service;
  /** All stored events in the order of the log, with bookkeeping events; bypasses any wrapper of the store. */
  events(): Promise<RecordedEvent[]>;
  /** The events stored while `action` ran, and its result. */
  storedBy<T>(action: () => Promise<T>): Promise<{ answer: T; stored: RecordedEvent[] }>;
  /** The service's log so far, one JSON text per line. */
  logLines: string[];
  stop(): Promise<void>;
}

/** Starts the service in this process on a free port and waits until it is ready. */
export async function startTestService(settings: ServiceSettings = {}): Promise<TestService> {
  const dataDir = settings.dataDir ?? newFolder();
  const stores = await openStores(dataDir);
  const store = settings.aroundStore?.(stores.store) ?? stores.store;
  const readModel = settings.aroundReadModel?.(stores.readModel) ?? stores.readModel;
  const clock = settings.clock ?? systemClock;
  const fill: BuilderOver = (shared) => {
    const here = buildInThisThread(shared);
    return settings.aroundFill?.(here) ?? here;
  };
  const keepHere: MaintainViews = (options) => maintainViews({ ...options, fill });
  const logLines: string[] = [];
  const service = await startService({
    config: {
      host: '127.0.0.1',
      port: 0,
      dataDir,
      issuer: settings.issuer ?? null,
      audience: settings.audience ?? null,
      leewaySeconds: settings.leewaySeconds ?? DEFAULT_LEEWAY_SECONDS,
      reservationKey: null,
      readYourWritesMs: settings.readYourWritesMs ?? 1_000,
      limits: { ...NO_REQUEST_LIMITS, ...settings.limits },
      ...(settings.timeZone ? { timeZone: settings.timeZone } : {}),
      ...(settings.maxImportBytes ? { maxImportBytes: settings.maxImportBytes } : {}),
    },
    keys: settings.keys ?? { secret: SECRET },
    store,
    readModel,
    keep: isWrapped(settings) ? keepHere : stores.keep,
    ...(settings.rollWith ? { rollWith: settings.rollWith } : {}),
    ...(settings.views ? { views: settings.views } : {}),
    clock,
    logger: createLogger('info', { write: (line: string) => logLines.push(line) }),
  });
  await service.ready;
  const client = await connect(service.url);
  const events = (): Promise<RecordedEvent[]> => stores.store.readAll(null, 1_000_000);

  return {
    service,
    send: client.send,
    events,
    async storedBy(action) {
      const before = (await events()).length;
      const answer = await action();
      return { answer, stored: (await events()).slice(before) };
    },
    logLines,
    async stop() {
      client.close();
      await service.stop();
      await stores.close();
      if (settings.dataDir === undefined) removeFolder(dataDir);
    },
  };
}

/** Wrappers in this thread have no effect in another one. */
const isWrapped = ({ aroundStore, aroundReadModel, aroundFill, views, clock }: ServiceSettings): boolean =>
  [aroundStore, aroundReadModel, aroundFill, views, clock].some((one) => one !== undefined);

/** One service for the tests of a `describe`: started before the first, stopped after the last. */
export function serviceForTests(settings: ServiceSettings = {}): () => TestService {
  let running: TestService | null = null;
  before(async () => {
    running = await startTestService(settings);
  });
  after(async () => {
    await running?.stop();
  });
  return () => {
    if (!running) throw new Error('the service is used outside a test');
    return running;
  };
}
