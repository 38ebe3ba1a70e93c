import { ListError } from '../list/listError.ts';
import type { ImportKind } from '../list/listLine.ts';
import { reason } from '../reasons/reason.ts';
import { HEADINGS, memberFor, plainHeading } from './headings.ts';

/** The columns that a list must have, by kind. An update only needs one of `identify`. */
const NEEDED: Record<ImportKind, { identify: readonly string[]; always: readonly string[] }> = {
  users: {
    identify: ['dni', 'IdUsuario'],
    always: [
      'dni',
      'nombre',
      'apellidos',
      'direccion',
      'CP',
      'provincia',
      'poblacion',
      'pais',
      'email',
      'telefono',
      'formadepago',
      'cuota',
      'categoria',
      'socio',
    ],
  },
  personas: { identify: ['dni', 'id'], always: ['dni', 'nombres', 'apellidos'] },
};

/** The caller's choice of members by plain heading; null ignores the column. */
export type HeadingMap = ReadonlyMap<string, string | null>;

/** Parses `--map 'Nº socio=IdUsuario'`; without a member after the sign, the column is ignored. Throws ListError. */
export function headingMapOf(texts: readonly string[]): HeadingMap {
  const known = new Set(Object.values(HEADINGS).flatMap((headings) => Object.keys(headings)));
  const map = new Map<string, string | null>();
  for (const text of texts) {
    const at = text.lastIndexOf('=');
    const member = text.slice(at + 1).trim() || null;
    const heading = plainHeading(text.slice(0, at));
    if (at < 1 || heading === '' || (member !== null && !known.has(member)))
      throw new ListError('map-malformed');
    if (map.has(heading) && map.get(heading) !== member) throw new ListError('map-doubled');
    map.set(heading, member);
  }
  return map;
}

export interface ColumnOptions {
  /** Null: the columns decide. */
  kind: ImportKind | null;
  map: HeadingMap;
  isUpdate: boolean;
}

export interface Columns {
  kind: ImportKind;
  /** The member of each column; null for an ignored one. */
  members: (string | null)[];
  /** Columns without a heading, in which a value would be lost. */
  unnamed: number[];
}

/** Finds the member of each column by its heading. Throws ListError for an unusable header; `line` is its line. */
export function matchColumns(header: readonly string[], line: number, options: ColumnOptions): Columns {
  const { map } = options;
  const kind = options.kind ?? kindOf(header, options);
  const own = header.map((heading) => ownMember(kind, heading, map));
  const isNamed = header.map((heading) => plainHeading(heading) !== '');
  const known = new Set(own.filter((member) => member !== null && member !== undefined));
  const missing = missingFrom(known, kind, options);
  const named = isNamed.filter(Boolean).length;
  if (missing.length > 0 && known.size * 2 < named)
    throw new ListError(reason('columns-unnamed', { line, members: NEEDED[kind].always }));
  const unknown = own
    .flatMap((member, index) => (member === undefined && isNamed[index] ? [index] : []))
    .map(letterOf);
  const lacking = lackingFrom(header, map);
  if (lacking.length > 0)
    throw new ListError(reason('map-unmatched', { wanted: lacking, members: [...known], columns: unknown }));
  refuseDoubled(own);
  if (missing.length > 0)
    throw new ListError(
      reason(options.isUpdate ? 'identity-missing' : 'columns-missing', { members: missing }),
    );
  if (unknown.length > 0) throw new ListError(reason('columns-unknown', { columns: unknown }));
  return {
    kind,
    members: own.map((member) => member ?? null),
    unnamed: isNamed.flatMap((is, index) => (is ? [] : [index])),
  };
}

/** Null for a column to ignore, undefined for an unknown one, also one that is mapped to a member of the other kind. */
function ownMember(kind: ImportKind, heading: string, map: HeadingMap): string | null | undefined {
  const mapped = map.get(plainHeading(heading));
  if (mapped === undefined) return memberFor(kind, heading) ?? undefined;
  return mapped === null || mapped in HEADINGS[kind] ? mapped : undefined;
}

/** The headings to which the caller gave a member, and which no column has. A column to ignore may be absent. */
function lackingFrom(header: readonly string[], map: HeadingMap): string[] {
  const there = new Set(header.map(plainHeading));
  return [...map].flatMap(([heading, member]) => (member === null || there.has(heading) ? [] : [heading]));
}

function missingFrom(
  known: ReadonlySet<string>,
  kind: ImportKind,
  { isUpdate }: Pick<ColumnOptions, 'isUpdate'>,
): string[] {
  const { identify, always } = NEEDED[kind];
  if (!isUpdate) return always.filter((member) => !known.has(member));
  return identify.some((member) => known.has(member)) ? [] : [...identify];
}

function refuseDoubled(own: readonly (string | null | undefined)[]): void {
  own.forEach((member, index) => {
    const first = own.indexOf(member);
    if (typeof member === 'string' && first !== index)
      throw new ListError(reason('column-doubled', { columns: [letterOf(first), letterOf(index)], member }));
  });
}

/** The kind that knows more of the columns, if any. Throws ListError if both know equally many. */
function kindOf(header: readonly string[], options: ColumnOptions): ImportKind {
  const count = (kind: ImportKind): number =>
    new Set(header.flatMap((heading) => ownMember(kind, heading, options.map) ?? [])).size;
  const [users, personas] = [count('users'), count('personas')];
  if (users === personas) {
    if (header.some((heading) => memberFor('users', heading) !== null))
      throw new ListError('kind-of-columns');
    throw new ListError('no-header');
  }
  return users > personas ? 'users' : 'personas';
}

/** A column as spreadsheets name it: A, B, …, Z, AA. */
export function letterOf(index: number): string {
  const rest = Math.floor(index / 26) - 1;
  return (rest < 0 ? '' : letterOf(rest)) + String.fromCharCode(65 + (index % 26));
}
