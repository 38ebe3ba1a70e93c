import { randomUUID } from 'node:crypto';
import { openEventLog } from '../../src/events/stores/sqlite/eventLog.ts';
import { transaction } from '../../src/sqlite.ts';
import { dniOf, editOf } from './people.ts';

const AT_ONCE = 20_000;
const FIRST_DAY = Date.parse('2024-01-01T00:00:00Z');

/**
 * Writes a log of `events` about `people` subjects, half of them persons and half users: first everybody is registered, then they change two
 * members at a time, in an order that looks random and is the same each time.
 */
export function writeHistory(file: string, { events, people }: { events: number; people: number }): void {
  const log = openEventLog(file);
  const revisions = new Int32Array(people).fill(-1);
  let chance = 12345;
  const next = (below: number): number => {
    chance = (Math.imul(chance, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((chance / 2 ** 32) * below);
  };
  for (let done = 0; done < events;) {
    transaction(log.db, () => {
      for (let n = 0; n < AT_ONCE && done < events; n += 1, done += 1) {
        const subject = done < people ? done : next(people);
        const revision = (revisions[subject] ?? -1) + 1;
        revisions[subject] = revision;
        write(subject, revision, done);
      }
    });
  }
  log.db.close();

  function write(subject: number, revision: number, n: number): void {
    const isUser = subject % 2 === 1;
    const id = Math.floor(subject / 2) + 1;
    const commandId = randomUUID();
    const metadata = {
      actor: { account: `account-${n % 20}`, role: 'admin' },
      requestId: commandId,
      commandId,
      schemaVersion: 1,
      occurredAt: new Date(FIRST_DAY + n * 1_000).toISOString(),
      $correlationId: commandId,
      $causationId: commandId,
    };
    const { type, data } = isUser ? ofUser(id, revision, n) : ofPersona(id, revision, n);
    log.insert(`${isUser ? 'user' : 'persona'}-${id}`, revision, {
      id: randomUUID(),
      type,
      data: JSON.stringify(data),
      metadata: JSON.stringify(metadata),
    });
  }
}

function ofUser(id: number, revision: number, n: number): { type: string; data: object } {
  if (revision > 0) {
    const changes = {
      telefono: { from: `${n - 1}`, to: `${n}` },
      direccion: { from: `Calle Mayor ${n - 1}`, to: `Calle Mayor ${n}` },
    };
    return { type: 'UserEdited', data: { changes } };
  }
  const password = '$2b$12$abcdefghijklmnopqrstuuN2H0yXrMTSGNmQJ6Uq9k3qM4Qyvh1e2';
  const account = {
    IdUsuario: id,
    password,
    isVerified: true,
    verificationCode: null,
    verificationExpires: null,
  };
  return { type: 'UserRegistered', data: { ...editOf(id, '600000000'), fechabaja: null, ...account } };
}

function ofPersona(id: number, revision: number, n: number): { type: string; data: object } {
  if (revision > 0) {
    const changes = {
      telefono: { from: `+${n - 1}`, to: `+${n}` },
      foto_url: { from: null, to: `https://example.com/photos/${n}.jpg` },
    };
    return { type: 'PersonaProfileUpdated', data: { changes } };
  }
  const data = {
    id,
    nombres: 'María',
    apellidos: 'García López',
    telefono: '600000000',
    dni: dniOf(id),
    foto_url: null,
    cuenta: `cuenta-${id}`,
    created_at: '2024-03-01T08:00:00.000Z',
  };
  return { type: 'PersonaRegistered', data };
}
