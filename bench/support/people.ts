/** The roll that the benches work on: `count` users and persons, made the same way each time. */

const NAMES = ['María', 'José Luis', 'Núria', 'Íñigo', 'Begoña', 'Ángel', 'Concepción', 'Iker'];
const SURNAMES = [
  'García López',
  'de la Cruz Muñoz',
  'Etxeberria',
  'Fernández-Villaverde',
  'Peña',
  'Güell i Soler',
];

const pick = <T>(from: readonly T[], n: number): T => from[n % from.length] as T;

/** The DNI of the nth person or user. */
export const dniOf = (n: number): string =>
  `${String(10_000_000 + n)}${'TRWAGMYFPDXBNJZSQVHLCKE'.charAt((10_000_000 + n) % 23)}`;

/** The body of an edit of the nth user; a new `telefono` makes it a change. */
export const editOf = (n: number, telefono: string): object => ({
  dni: dniOf(n),
  nombre: pick(NAMES, n),
  apellidos: pick(SURNAMES, n),
  direccion: `Calle Mayor ${n}`,
  CP: '46002',
  provincia: 'Valencia',
  poblacion: 'Valencia',
  pais: 'España',
  email: `socio${n}@example.com`,
  telefono,
  fechaalta: '2024-03-15',
  formadepago: 'Tarjeta',
  cuota: 30,
  categoria: 'socio',
  socio: 'Socio',
});

/** The nth line of a users' import. */
export const userLine = (n: number): string =>
  JSON.stringify({
    ...editOf(n, '600000000'),
    IdUsuario: n,
    password: '$2b$12$abcdefghijklmnopqrstuuN2H0yXrMTSGNmQJ6Uq9k3qM4Qyvh1e2',
  });

/** The nth line of a personas' import; its account is `cuenta-<n>`. */
export const personaLine = (n: number): string =>
  JSON.stringify({
    id: n,
    nombres: pick(NAMES, n),
    apellidos: pick(SURNAMES, n),
    telefono: '600000000',
    dni: dniOf(n),
    cuenta: `cuenta-${n}`,
    created_at: '2024-03-01T08:00:00.000Z',
  });
