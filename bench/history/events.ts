import type { RecordedEvent } from '../../src/events/eventStore.ts';

/** Entries per subject, and per correlation: the same at each size, so that pages are equally full. */
export const PER_SUBJECT = 100;
export const ACTORS = 20;
const FIRST_DAY = Date.parse('2024-01-01T00:00:00Z');
const SECONDS_APART = 30;

export const FIELDS = ['cuota', 'direccion', 'telefono', 'email', 'formadepago', 'categoria'];

/** One event in a hundred is a registration; the others edit two members. */
export function eventAt(n: number, entries: number): RecordedEvent {
  const subjects = Math.ceil(entries / PER_SUBJECT);
  const subject = (n % subjects) + 1;
  const revision = Math.floor(n / subjects);
  const at = instantOf(n);
  const [first = '', second = ''] = [FIELDS[n % FIELDS.length], FIELDS[(n * 7 + 1) % FIELDS.length]];
  const changes = Object.fromEntries(
    [first, second].map((field) => [field, { from: `former ${field} ${n}`, to: `latter ${field} ${n + 1}` }]),
  );
  const registered = {
    IdUsuario: subject,
    nombre: `Nombre ${subject}`,
    apellidos: 'Apellido Apellido',
    password: 'hash',
    dni: `${subject}`,
    email: `user${subject}@example.com`,
    cuota: 25,
    categoria: 'socio',
  };
  const correlation = `request-${Math.floor(n / PER_SUBJECT)}`;
  return {
    id: `event-${n}`,
    stream: `user-${subject}`,
    revision,
    position: BigInt(n + 1),
    type: revision === 0 ? 'UserRegistered' : 'UserEdited',
    data: revision === 0 ? registered : { changes },
    metadata: {
      actor: { account: `account-${(n * 13) % ACTORS}`, role: 'admin' },
      requestId: correlation,
      commandId: correlation,
      schemaVersion: 1,
      occurredAt: at,
      $correlationId: correlation,
      $causationId: correlation,
    },
  };
}

/** When the nth event occurred; for a negative number, when the first did. */
export const instantOf = (n: number): string =>
  new Date(FIRST_DAY + Math.max(0, n) * SECONDS_APART * 1_000).toISOString();
