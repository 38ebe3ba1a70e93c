import type { Texts } from './en/texts.ts';

/** The API's texts for broken rules, in its two languages, without the member's name that precedes them. */
const RULES: readonly (readonly [rule: string, text: RegExp])[] = [
  ['required', /^(is required|es obligatorio)$/],
  ['minLength', /^(should not be empty|no puede estar vacío)$/],
  [
    'maxLength',
    /^(?:must be shorter than or equal to|no puede tener más de) (?<wanted>\d+) (characters|caracteres)$/,
  ],
  ['x-minBytes', /^must be longer than or equal to (?<wanted>\d+) bytes$/],
  ['x-maxBytes', /^must be shorter than or equal to (?<wanted>\d+) bytes$/],
  ['minimum', /^(?:must not be less than|no puede ser menor que) (?<wanted>.+)$/],
  ['maximum', /^(?:must not be greater than|no puede ser mayor que) (?<wanted>.+)$/],
  ['enum', /^(?:must be one of the following values:|debe ser uno de:) (?<wanted>.+)$/],
  ['email', /^must be an email$/],
  ['date', /^must be a date in the form YYYY-MM-DD$/],
  ['http-url', /^(must be an|debe ser una URL) http (or|o) https( URL)?$/],
  ['untrimmed', /^(must not begin or end with white space|no puede empezar ni terminar con espacios)$/],
  ['plain-text', /^(must not contain|no puede contener) (control characters|caracteres de control)/],
  ['not-before', /^(?:must not be before|no puede ser anterior a) (?<wanted>.+)$/],
  ['taken', /^(is already in use|ya está en uso)$/],
  ['date-time', /^(must be an|debe ser un) (RFC 3339 instant|instante RFC 3339)/],
  ['moment', /^(must be a date such as|debe ser una fecha como)/],
  ['roll', /^(must be the id of a named roll|debe ser el id de un padrón)/],
  ['future', /^(must not lie in the future|no puede estar en el futuro)/],
  ['cursor', /^(must be the next of a page|debe ser el «next» de una página)/],
  ['subject', /^(must look like|debe tener la forma) persona-5/],
  ['limit', /^(?:must be a whole number from 1 to|debe ser un número entero de 1 a) (?<wanted>\d+)$/],
  ['revision', /^(must be a revision|debe ser una revisión)/],
  ['confirm', /^(must be the present DNI|debe ser el DNI actual)/],
  ['personal', /^(must not name the person|no puede nombrar a la persona)/],
  ['alone', /^(?:must not be given together with|no puede ir junto con) (?<wanted>.+)$/],
  ['once', /^(must be given only once|no puede repetirse)$/],
  ['account', /^(must be an account of|debe ser una cuenta de) 1 /],
  ['correlation', /^(must have|debe tener de) 1 (to|a) 128 /],
  ['key', /^(must have|debe tener de) 1 (to|a) 255 /],
  ['position', /^(must be the|debe ser la) X-Padron-Position /],
  ['map', /^must be a heading and a member/],
  ['before-first', /^(lies before the first event|es anterior al primer evento)$/],
  ['after-removal', /^(lies after the removal|es posterior a la baja)$/],
  ['beyond-last', /^(lies beyond the last revision|es posterior a la última revisión)$/],
  ['additionalProperties', /^(should not exist|no está permitido)$/],
  ['type', /^(?:must be an?|debe ser) (?<wanted>.+)$/],
];

/**
 * The server's text about a request in the console's words: the server answers in English or Spanish,
 * depending on the path. Null for a text that is not about a broken rule.
 */
export function detailWords(
  detail: string,
  { refusals, requests, fields }: Pick<Texts, 'refusals' | 'requests' | 'fields'>,
): string | null {
  const [, name = '', said = ''] = /^(?:property |\/)?(\S+) (.+)$/.exec(detail) ?? [];
  for (const [rule, text] of RULES) {
    const found = text.exec(said);
    const words = requests.rules[rule] ?? refusals.reasons[rule];
    if (!found || !words) continue;
    const member = requests.asked[name] ?? fields[name] ?? name;
    const wanted = (found.groups?.['wanted'] ?? '').split(/ (?:or|o) /);
    const named = wanted.map((one) => requests.asked[one] ?? refusals.types[one] ?? one).join(refusals.or);
    return words({ member, wanted: named, members: '', columns: '', line: '' });
  }
  return null;
}
