import type { Issue } from '../validation/schema.ts';

/**
 * The texts of request issues, in the wording of the two documented APIs. They never contain the
 * value.
 */

const list = (values: unknown): string =>
  Array.isArray(values) ? values.map(String).join(', ') : String(values);

const typeName = (wanted: unknown): string => (Array.isArray(wanted) ? wanted.join(' or ') : String(wanted));

const SPANISH_TYPES: Partial<Record<string, string>> = {
  string: 'un texto',
  null: 'null',
  number: 'un número',
  integer: 'un número entero',
  object: 'un objeto',
};

const spanishType = (wanted: unknown): string =>
  [wanted]
    .flat()
    .map((type) => SPANISH_TYPES[String(type)] ?? String(type))
    .join(' o ');

interface Texts {
  /** «email must be an email», in the wording of class-validator. */
  en(name: string, wanted: unknown): string;
  /** «debe ser un texto»; the path next to it names the member. Absent for rules of user requests only. */
  es?(wanted: unknown): string;
}

/** The texts of each rule. */
const TEXTS: Readonly<Partial<Record<string, Texts>>> = {
  required: {
    en: (name) => `${name} is required`,
    es: () => 'es obligatorio',
  },
  additionalProperties: {
    en: (name) => `property ${name || '""'} should not exist`,
    es: () => 'no está permitido',
  },
  type: {
    en: (name, wanted) =>
      `${name} must be ${/^[aeiou]/.test(typeName(wanted)) ? 'an' : 'a'} ${typeName(wanted)}`,
    es: (wanted) => `debe ser ${spanishType(wanted)}`,
  },
  minLength: {
    en: (name) => `${name} should not be empty`,
    es: () => 'no puede estar vacío',
  },
  dni: {
    en: (name) => `${name} should not be empty`,
    es: () => 'no puede estar vacío',
  },
  maxLength: {
    en: (name, wanted) => `${name} must be shorter than or equal to ${String(wanted)} characters`,
    es: (wanted) => `no puede tener más de ${String(wanted)} caracteres`,
  },
  'x-minBytes': {
    en: (name) => `${name} must be longer than or equal to 8 bytes`,
  },
  'x-maxBytes': {
    en: (name) => `${name} must be shorter than or equal to 72 bytes`,
  },
  minimum: {
    en: (name, wanted) => `${name} must not be less than ${String(wanted)}`,
    es: (wanted) => `no puede ser menor que ${String(wanted)}`,
  },
  maximum: {
    en: (name, wanted) => `${name} must not be greater than ${String(wanted)}`,
    es: (wanted) => `no puede ser mayor que ${String(wanted)}`,
  },
  enum: {
    en: (name, wanted) => `${name} must be one of the following values: ${list(wanted)}`,
    es: (wanted) => `debe ser uno de: ${list(wanted)}`,
  },
  email: {
    en: (name) => `${name} must be an email`,
  },
  date: {
    en: (name) => `${name} must be a date in the form YYYY-MM-DD`,
  },
  'http-url': {
    en: (name) => `${name} must be an http or https URL`,
    es: () => 'debe ser una URL http o https',
  },
  untrimmed: {
    en: (name) => `${name} must not begin or end with white space`,
    es: () => 'no puede empezar ni terminar con espacios',
  },
  'plain-text': {
    en: (name) => `${name} must not contain control characters or broken Unicode`,
    es: () => 'no puede contener caracteres de control ni Unicode mal formado',
  },
  'not-before': {
    en: (name, wanted) => `${name} must not be before ${String(wanted)}`,
    es: (wanted) => `no puede ser anterior a ${String(wanted)}`,
  },
  taken: {
    en: (name) => `${name} is already in use`,
    es: () => 'ya está en uso',
  },
  'date-time': {
    en: (name) => `${name} must be an RFC 3339 instant such as 2024-03-01T08:00:00Z`,
    es: () => 'debe ser un instante RFC 3339 como 2024-03-01T08:00:00Z',
  },
  moment: {
    en: (name) =>
      `${name} must be a date such as 2026-01-01 or an RFC 3339 instant such as 2026-01-01T12:00:00Z`,
    es: () => 'debe ser una fecha como 2026-01-01 o un instante RFC 3339 como 2026-01-01T12:00:00Z',
  },
  roll: {
    en: (name) => `${name} must be the id of a named roll of the same kind`,
    es: () => 'debe ser el id de un padrón con nombre del mismo tipo',
  },
  future: {
    en: (name) => `${name} must not lie in the future; a date means the end of that day`,
    es: () => 'no puede estar en el futuro; una fecha significa el final de ese día',
  },
  cursor: {
    en: (name) => `${name} must be the next of a page of the same query`,
    es: () => 'debe ser el «next» de una página de esta misma consulta',
  },
  subject: {
    en: (name) => `${name} must look like persona-5 or user-15`,
    es: () => 'debe tener la forma persona-5 o user-15',
  },
  limit: {
    en: (name, wanted) => `${name} must be a whole number from 1 to ${String(wanted)}`,
    es: (wanted) => `debe ser un número entero de 1 a ${String(wanted)}`,
  },
  revision: {
    en: (name) => `${name} must be a revision that the subject had`,
    es: () => 'debe ser una revisión que haya tenido la persona',
  },
  confirm: {
    en: (name) => `${name} must be the present DNI of the person`,
    es: () => 'debe ser el DNI actual de la persona',
  },
  personal: {
    en: (name) => `${name} must not name the person: it is kept for good`,
    es: () => 'no puede nombrar a la persona: se conserva para siempre',
  },
  alone: {
    en: (name, wanted) => `${name} must not be given together with ${String(wanted)}`,
    es: (wanted) => `no puede ir junto con ${String(wanted)}`,
  },
  once: {
    en: (name) => `${name} must be given only once`,
    es: () => 'no puede repetirse',
  },
  account: {
    en: (name) => `${name} must be an account of 1 to 1000 characters`,
    es: () => 'debe ser una cuenta de 1 a 1000 caracteres',
  },
  correlation: {
    en: (name) => `${name} must have 1 to 128 characters of A-Z a-z 0-9 . _ : -`,
    es: () => 'debe tener de 1 a 128 caracteres de A-Z a-z 0-9 . _ : -',
  },
  key: {
    en: (name) => `${name} must have 1 to 255 visible ASCII characters`,
    es: () => 'debe tener de 1 a 255 caracteres ASCII visibles',
  },
  position: {
    en: (name) => `${name} must be the X-Padron-Position of an answer`,
    es: () => 'debe ser la X-Padron-Position de una respuesta',
  },
  map: {
    en: (name) =>
      `${name} must be a heading and a member, such as Nº socio=IdUsuario, and name no heading twice`,
  },
  'before-first': {
    en: (name) => `${name} lies before the first event`,
    es: () => 'es anterior al primer evento',
  },
  'after-removal': {
    en: (name) => `${name} lies after the removal`,
    es: () => 'es posterior a la baja',
  },
  'beyond-last': {
    en: (name) => `${name} lies beyond the last revision`,
    es: () => 'es posterior a la última revisión',
  },
};

/** The rules that have texts of their own. */
export const ISSUE_RULES: readonly string[] = Object.keys(TEXTS);

/** The text of an issue in English. */
export const describeIssue = ({ path, member, rule, wanted }: Issue): string => {
  // A member may have the empty name; the body has the empty path.
  const name = path === '' && member === '' ? 'body' : member;
  return textsOf(rule)?.en(name, wanted) ?? `${name} is not valid`;
};

/** The text of an issue in Spanish; the path next to it names the member. */
export const describeIssueInSpanish = ({ rule, wanted }: Issue): string =>
  textsOf(rule)?.es?.(wanted) ?? 'no es válido';

const textsOf = (rule: string): Texts | undefined => (Object.hasOwn(TEXTS, rule) ? TEXTS[rule] : undefined);
