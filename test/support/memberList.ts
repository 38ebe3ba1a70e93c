import { HASH } from './people.ts';
import { seededRandom } from './seededRandom.ts';

/** One line of the list, as in NDJSON. */
export type MemberLine = Record<string, string | number | null>;

const NAMES = [
  'María',
  'José Ángel',
  'Begoña',
  'Íñigo',
  'Mª del Carmen',
  'Lluïsa',
  'Xoán',
  'Nerea',
  'Ana-Sofía',
  'Hélène',
  'Jürgen',
];
const SURNAMES = [
  'García',
  'de la Fuente',
  "O'Donnell",
  'Núñez',
  'Etxeberria',
  'López de Heredia',
  'Müller',
  'i Puig',
  'Ybáñez',
];
const STREETS = [
  'C/ Mayor, 3º B',
  'Avda. de la Constitución 12; bajo',
  'Plaza Ñ «El Olivo»',
  'Camí Vell s/n',
  '12 rue de l’Église',
];
const PLACES = [
  ['46002', 'Valencia', 'València', 'España'],
  ['08001', 'Barcelona', "L'Hospitalet de Llobregat", 'España'],
  ['01001', 'Araba/Álava', 'Vitoria-Gasteiz', 'España'],
  ['75011', 'Île-de-France', 'Paris', 'Francia'],
  ['10115', '', 'Berlin', 'Alemania'],
] as const;
const DNI_LETTERS = 'TRWAGMYFPDXBNJZSQVHLCKE';

/** A list that looks like a real club's: `count` members with ids from `firstId`. The same seed gives the same list. */
export function memberList(count: number, { seed = 1, firstId = 1 } = {}): MemberLine[] {
  const random = seededRandom(seed);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  return Array.from({ length: count }, (_, index) => {
    const id = firstId + index;
    const [CP, provincia, poblacion, pais] = pick(PLACES);
    const number = 10_000_000 + id;
    const line: MemberLine = {
      IdUsuario: id,
      nombre: pick(NAMES),
      apellidos: `${pick(SURNAMES)} ${pick(SURNAMES)}`,
      password: HASH,
      dni: `${number}${random() < 0.3 ? '-' : ''}${DNI_LETTERS[number % 23] as string}`,
      direccion: pick(STREETS),
      CP,
      provincia,
      poblacion,
      pais,
      email: `socio${id}@example.com`,
      telefono: `6${String(Math.floor(random() * 1e8)).padStart(8, '0')}`,
      fechaalta: `20${String(10 + Math.floor(random() * 10))}-0${1 + Math.floor(random() * 9)}-15`,
      formadepago: pick(['Transferencia', 'Tarjeta', 'Efectivo']),
      cuota: pick([0, 15, 25, 30.5]),
      categoria: pick(['socio', 'monitor', 'juvenil']),
      socio: pick(['Socio', 'NoSocio', 1, 0]),
    };
    // Most lists omit fechabaja for people who are still members.
    if (random() < 0.2) line['fechabaja'] = pick(['2024-12-31', null]);
    return line;
  });
}

export const asNdjson = (lines: readonly MemberLine[]): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join('');

/** The same list as a Spanish spreadsheet saves it: semicolons, quotes where needed, CRLF and a byte order mark. */
export function asCsv(lines: readonly MemberLine[]): string {
  const members = [...new Set(lines.flatMap((line) => Object.keys(line)))];
  const cell = (value: string | number | null | undefined): string => {
    const text = String(value ?? '');
    return /[";\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const rows = [members, ...lines.map((line) => members.map((member) => cell(line[member])))];
  return `\ufeff${rows.map((row) => row.join(';')).join('\r\n')}\r\n`;
}
