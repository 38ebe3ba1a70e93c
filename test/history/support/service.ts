import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { signToken } from '../../../src/cli/output/signedTokens.ts';
import { systemClock, type Clock } from '../../../src/platform/clock.ts';
import type { EventStore } from '../../../src/events/eventStore.ts';
import { openSqliteEventStore } from '../../../src/events/stores/sqlite/sqliteEventStore.ts';
import { createLogger } from '../../../src/logging/log.ts';
import type { Change, HistoryEntry } from '../../../src/projections/views/history.ts';
import type { ReadModel } from '../../../src/projections/ports/readModel.ts';
import { openSqliteReadModel } from '../../../src/projections/stores/sqlite/sqliteReadModel.ts';
import { startService } from '../../../src/service/service.ts';
import type { Service } from '../../../src/service/serviceOptions.ts';

const SECRET = 'a secret for tests only, of some length';

/** The members that tests look into, as they are where they are. */
export interface AnswerBody {
  [member: string]: unknown;
  entries: HistoryEntry[];
  next: string | null;
  changes: Change[];
  errors: { path: string }[];
  password: string;
  paths: Record<
    string,
    { get: { responses: Record<string, { content: object }>; parameters: { name: string }[] } }
  >;
}

export interface Answer {
  status: number;
  headers: Headers;
  /** The JSON of the answer; null, whatever its type says, where it is none. */
  body: AnswerBody;
  text: string;
}

export interface TestService extends Service {
  store: EventStore;
  /** What tokens are signed with. */
  secret: string;
  /** What was logged so far. */
  logs: Record<string, unknown>[];
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  close(): Promise<void>;
}

export interface RequestOptions {
  as?: { sub: string; role: string } | null;
  body?: object;
  headers?: Record<string, string>;
}

export const ADMIN = { sub: 'ada', role: 'admin' };
export const MONITOR = { sub: 'mo', role: 'monitor' };
export const AUDITOR = { sub: 'audrey', role: 'auditor' };

/** A service on files of its own, listening on a free port. Close it. */
export async function startTestService({
  clock = systemClock,
  readModelIn = async (folder) => openSqliteReadModel({ folder }),
}: {
  clock?: Clock;
  readModelIn?: (folder: string) => Promise<ReadModel>;
} = {}): Promise<TestService> {
  const folder = mkdtempSync(join(tmpdir(), 'padron-history-'));
  const store = openSqliteEventStore({ file: join(folder, 'events.db') });
  const readModel = await readModelIn(join(folder, 'views'));
  const logs: Record<string, unknown>[] = [];
  const logger = createLogger(
    'info',
    new Writable({
      write(line: Buffer, _encoding, done) {
        logs.push(JSON.parse(line.toString()) as Record<string, unknown>);
        done();
      },
    }),
  );
  const service = await startService({
    config: {
      host: '127.0.0.1',
      port: 0,
      dataDir: folder,
      issuer: null,
      audience: null,
      leewaySeconds: 5,
      reservationKey: null,
      readYourWritesMs: 2_000,
    },
    keys: { secret: SECRET },
    store,
    readModel,
    clock,
    logger,
  });

  async function request(
    method: string,
    path: string,
    { as = ADMIN, body, headers = {} }: RequestOptions = {},
  ): Promise<Answer> {
    const response = await fetch(`${service.url}${path}`, {
      method,
      headers: {
        ...(as ? { authorization: `Bearer ${signToken({ ...as, secret: SECRET, ttl: '1h' })}` } : {}),
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    // Not response.text(): that takes the byte order mark away.
    const text = Buffer.from(await response.arrayBuffer()).toString();
    const isJson = /json$|json;/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson && !text.includes('}\n') ? (JSON.parse(text) as AnswerBody) : (null as never),
    };
  }

  async function close(): Promise<void> {
    await service.stop();
    await readModel.close();
    await store.close();
    rmSync(folder, { recursive: true });
  }

  return { ...service, secret: SECRET, store, logs, request, close };
}

/** Reads after this show the write that was answered so. */
export const seeing = ({ headers }: Answer): Record<string, string> => ({
  'x-padron-position': headers.get('x-padron-position') ?? '0',
});

export const aPersona = {
  nombres: 'Ana',
  apellidos: 'Ruiz',
  telefono: '+34600111222',
  dni: '12345678Z',
  cuenta: 'ana',
};
