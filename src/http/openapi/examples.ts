import type { JsonSchema } from '../../validation/schema.ts';

/** Values for members and parameters whose schema has no example. */
const EXAMPLES: Record<string, unknown> = {
  // A person.
  nombres: 'María',
  apellidos: 'Rodríguez García',
  dni: '45678912C',
  telefono: '+34611222333',
  foto_url: 'https://example.org/photos/maria.jpg',
  cuenta: 'maria',
  created_at: '2024-03-01T08:00:00.000Z',
  // A user.
  IdUsuario: 15,
  nombre: 'María',
  direccion: 'Calle Luna 12',
  CP: '46001',
  provincia: 'Valencia',
  poblacion: 'Valencia',
  pais: 'España',
  email: 'maria@example.com',
  fechaalta: '2024-03-15',
  fechabaja: null,
  formadepago: 'Transferencia',
  cuota: 25,
  categoria: 'socio',
  password: 'four words are enough',
  isVerified: true,
  verificationCode: null,
  verificationExpires: null,
  // A history.
  position: '1042',
  subject: 'user-15',
  revision: 3,
  type: 'UserEdited',
  at: '2026-01-15T10:30:00.000Z',
  account: 'admin',
  actor: 'admin',
  role: 'admin',
  correlation: '01a2166a-8e70-7d5d-88be-63fc1e981436',
  request: '01a2166a-8e70-7d5d-88be-63fc1e981436',
  summary: 'cuota of user-15 changed',
  reason: 'Agreed by the board',
  next: null,
  field: 'cuota',
  before: 30,
  after: 25,
  from: 1,
  to: 3,
  q: 'maría',
  limit: 50,
  // Views and jobs.
  name: 'users',
  projection: 'users',
  version: 1,
  generation: 1,
  lagSeconds: 0,
  lagEvents: 0,
  parked: 0,
  lastError: null,
  attempts: 1,
  processed: 12_000,
  share: 0.5,
  eventsPerSecond: 24_000,
  etaSeconds: 0.5,
  endedAt: null,
  error: null,
  member: 'cuota',
  // Headers.
  'X-Padron-Position': '1042',
  'If-Match': '"15.3"',
  'If-None-Match': '"15.3"',
  'Idempotency-Key': '7d6b1f0e-edit-15',
  'Last-Event-ID': 'q3Zk0fYw1b2c',
};

/**
 * An example that the schema accepts, built from its members; undefined if there is none. `member`:
 * the member's name.
 */
export function exampleOf(schema: JsonSchema, member = ''): unknown {
  const { examples, properties, items } = schema;
  if (Array.isArray(examples)) return examples[0];
  if ('const' in schema) return schema['const'];
  if (schema['default'] !== undefined) return schema['default'];
  if (properties) {
    const members = Object.entries(properties as Record<string, JsonSchema>);
    return Object.fromEntries(
      members
        .map(([name, one]) => [name, exampleOf(one, name)])
        .filter(([, value]) => value !== undefined) as [string, unknown][],
    );
  }
  if (items) return [exampleOf(items as JsonSchema)].filter((one) => one !== undefined);
  if (Array.isArray(schema['enum'])) return schema['enum'][0];
  return member in EXAMPLES ? EXAMPLES[member] : plainExample(schema);
}

/** A value of the schema's type, if there is no other example. */
function plainExample({ type, minimum, format, pattern }: JsonSchema): unknown {
  const types = [type].flat();
  if (types.includes('null')) return null;
  if (types.includes('integer') || types.includes('number')) return typeof minimum === 'number' ? minimum : 0;
  if (types.includes('boolean')) return true;
  if (types.includes('object')) return {};
  if (format === 'date-time') return '2026-01-15T10:30:00.000Z';
  return types.includes('string') && format === undefined && pattern === undefined ? 'text' : undefined;
}
