import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCommandSide, type CommandSide } from '../../../src/commands/handling/commandSide.ts';
import type { Outcome, Request } from '../../../src/commands/command.ts';
import { settingsKey } from '../../../src/events/bookkeeping/settings.ts';
import type { Clock } from '../../../src/platform/clock.ts';
import type { EventStore, RecordedEvent } from '../../../src/events/eventStore.ts';
import { openSqliteEventStore } from '../../../src/events/stores/sqlite/sqliteEventStore.ts';
import type { DomainEvent, EventMetadata, PersonaRecord, UserRecord } from '../../../src/events/types.ts';
import { SOCIA_RECORD } from '../../support/people.ts';

/** A write side on a file of its own. Close it. */
export interface People {
  store: EventStore;
  commands: CommandSide;
  close(): Promise<void>;
}

export async function openPeople(clock: Clock = steppingClock()): Promise<People> {
  const folder = mkdtempSync(join(tmpdir(), 'padron-people-'));
  const store = openSqliteEventStore({ file: join(folder, 'events.db') });
  const key = await settingsKey({ store, clock }, null);
  return {
    store,
    commands: createCommandSide({ store, key, clock }),
    close: async () => {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** A clock that moves on by a second each time it is read, from 2024-03-01T00:00:00Z. */
export function steppingClock(): Clock {
  let now = Date.parse('2024-03-01T00:00:00.000Z');
  return {
    now: () => new Date((now += 1_000)).toISOString(),
    wait: () => Promise.resolve(),
  };
}

export const request = (more: Partial<Request> = {}): Request => ({
  actor: { account: 'ada', role: 'admin' },
  requestId: 'r-1',
  correlationId: 'c-1',
  ifMatch: null,
  key: null,
  ...more,
});

export function done<State>(outcome: Outcome<State>): Extract<Outcome<State>, { outcome: 'done' }> {
  if (outcome.outcome === 'done') return outcome;
  throw new Error(`rejected: ${JSON.stringify(outcome.rejection)}`);
}

export const aUser: UserRecord = { ...SOCIA_RECORD, apellidos: 'Rodríguez', verificationCode: '123456' };

export const aPerson: PersonaRecord = {
  id: 5,
  nombres: 'Ana',
  apellidos: 'Ruiz',
  telefono: null,
  dni: '12345678Z',
  foto_url: null,
  cuenta: 'ana',
  created_at: '2024-03-01T08:00:00.000Z',
};

/** An event as a store has it. */
export const recorded = (
  event: DomainEvent | { type: string; data: object },
  {
    metadata,
    ...more
  }: Partial<Omit<RecordedEvent, 'metadata'>> & { metadata?: Partial<EventMetadata> } = {},
): RecordedEvent => ({
  id: 'e-1',
  stream: 'user-15',
  revision: 0,
  position: 7n,
  ...event,
  ...more,
  metadata: {
    actor: { account: 'ada', role: 'admin' },
    requestId: 'r-1',
    commandId: 'm-1',
    schemaVersion: 1,
    occurredAt: '2024-03-01T08:00:00.000Z',
    $correlationId: 'c-1',
    $causationId: 'm-1',
    ...metadata,
  },
});
