import type { Issue } from '../validation/schema.ts';

/**
 * The texts of request issues, in the wording of the two documented APIs. They never contain the
 * value.
 */

const list = (values: unknown): string =>
  Array.isArray(values) ? values.map(String).join(', ') : String(values);

const typeName = (wanted: unknown): string => (Array.isArray(wanted) ? wanted.join(' or ') : String(wanted));

/** «email must be an email», in the wording of class-validator. */
export function describeIssue({ member, rule, wanted }: Issue): string {
  const name = member === '' ? 'body' : member;
  switch (rule) {
    case 'required':
      return `${name} is required`;
    case 'additionalProperties':
      return `property ${name} should not exist`;
    case 'type':
      return `${name} must be ${/^[aeiou]/.test(typeName(wanted)) ? 'an' : 'a'} ${typeName(wanted)}`;
    case 'minLength':
    case 'dni':
      return `${name} should not be empty`;
    case 'maxLength':
      return `${name} must be shorter than or equal to ${String(wanted)} characters`;
    case 'x-minBytes':
      return `${name} must be longer than or equal to 8 bytes`;
    case 'x-maxBytes':
      return `${name} must be shorter than or equal to 72 bytes`;
    case 'minimum':
      return `${name} must not be less than ${String(wanted)}`;
    case 'maximum':
      return `${name} must not be greater than ${String(wanted)}`;
    case 'enum':
      return `${name} must be one of the following values: ${list(wanted)}`;
    case 'email':
      return `${name} must be an email`;
    case 'date':
      return `${name} must be a date in the form YYYY-MM-DD`;
    case 'http-url':
      return `${name} must be an http or https URL`;
    case 'untrimmed':
      return `${name} must not begin or end with white space`;
    case 'plain-text':
      return `${name} must not contain control characters or broken Unicode`;
    case 'not-before':
      return `${name} must not be before ${String(wanted)}`;
    case 'taken':
      return `${name} is already in use`;
    case 'date-time':
      return `${name} must be an RFC 3339 instant such as 2024-03-01T08:00:00Z`;
    case 'moment':
      return `${name} must be a date such as 2026-01-01 or an RFC 3339 instant such as 2026-01-01T12:00:00Z`;
    case 'roll':
      return `${name} must be the id of a named roll of the same kind`;
    case 'future':
      return `${name} must not lie in the future; a date means the end of that day`;
    case 'cursor':
      return `${name} must be the next of a page of the same query`;
    case 'subject':
      return `${name} must look like persona-5 or user-15`;
    case 'limit':
      return `${name} must be a whole number from 1 to ${String(wanted)}`;
    case 'revision':
      return `${name} must be a revision that the subject had`;
    case 'alone':
      return `${name} must not be given together with ${String(wanted)}`;
    case 'before-first':
      return `${name} lies before the first event`;
    case 'after-removal':
      return `${name} lies after the removal`;
    case 'beyond-last':
      return `${name} lies beyond the last revision`;
    default:
      return `${name} is not valid`;
  }
}

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

/** «debe ser un texto»: the path next to it names the member. */
export function describeIssueInSpanish({ rule, wanted }: Issue): string {
  switch (rule) {
    case 'required':
      return 'es obligatorio';
    case 'additionalProperties':
      return 'no está permitido';
    case 'type':
      return `debe ser ${spanishType(wanted)}`;
    case 'minLength':
    case 'dni':
      return 'no puede estar vacío';
    case 'maxLength':
      return `no puede tener más de ${String(wanted)} caracteres`;
    case 'minimum':
      return `no puede ser menor que ${String(wanted)}`;
    case 'maximum':
      return `no puede ser mayor que ${String(wanted)}`;
    case 'enum':
      return `debe ser uno de: ${list(wanted)}`;
    case 'http-url':
      return 'debe ser una URL http o https';
    case 'untrimmed':
      return 'no puede empezar ni terminar con espacios';
    case 'plain-text':
      return 'no puede contener caracteres de control ni Unicode mal formado';
    case 'taken':
      return 'ya está en uso';
    case 'date-time':
      return 'debe ser un instante RFC 3339 como 2024-03-01T08:00:00Z';
    case 'moment':
      return 'debe ser una fecha como 2026-01-01 o un instante RFC 3339 como 2026-01-01T12:00:00Z';
    case 'roll':
      return 'debe ser el id de un padrón con nombre del mismo tipo';
    case 'future':
      return 'no puede estar en el futuro; una fecha significa el final de ese día';
    case 'not-before':
      return `no puede ser anterior a ${String(wanted)}`;
    case 'cursor':
      return 'debe ser el «next» de una página de esta misma consulta';
    case 'subject':
      return 'debe tener la forma persona-5 o user-15';
    case 'limit':
      return `debe ser un número entero de 1 a ${String(wanted)}`;
    case 'revision':
      return 'debe ser una revisión que haya tenido la persona';
    case 'alone':
      return `no puede ir junto con ${String(wanted)}`;
    case 'before-first':
      return 'es anterior al primer evento';
    case 'after-removal':
      return 'es posterior a la baja';
    case 'beyond-last':
      return 'es posterior a la última revisión';
    default:
      return 'no es válido';
  }
}
