import type { ReasonDetails } from './reasons.ts';

/** Why a request is refused, by rule. Only rules that lists do not have; reasons.ts has the others. */
export const rules: Record<string, (details: ReasonDetails) => string> = {
  additionalProperties: ({ member }) => `${member} is not known to this server`,
  'x-minBytes': ({ member, wanted }) => `${member} must have at least ${wanted} characters`,
  'x-maxBytes': ({ member, wanted }) => `${member} must have at most ${wanted} characters`,
  moment: ({ member }) => `${member} must be a date such as 2026-01-01`,
  roll: ({ member }) => `${member} must be a named roll of the same kind`,
  future: ({ member }) => `${member} must not be in the future; a date means the end of that day`,
  cursor: () => 'This page belongs to another search: go back to the first page',
  subject: ({ member }) => `${member} must look like persona-5 or user-15`,
  limit: ({ member, wanted }) => `${member} must be a whole number from 1 to ${wanted}`,
  revision: ({ member }) => `${member} must be a revision that the person had`,
  confirm: ({ member }) => `${member} must be the present DNI of the person`,
  personal: ({ member }) => `${member} must not name the person: it is kept for good`,
  alone: ({ member, wanted }) => `${member} must not be given together with ${wanted}`,
  once: ({ member }) => `${member} must be given only once`,
  account: ({ member }) => `${member} must have 1 to 1000 characters`,
  correlation: ({ member }) => `${member} must have 1 to 128 characters of A-Z a-z 0-9 . _ : -`,
  key: ({ member }) => `${member} must have 1 to 255 visible ASCII characters`,
  position: ({ member }) => `${member} must come from an answer of this server`,
  map: ({ member }) => `${member} must be a heading and a field, such as Nº socio=IdUsuario`,
  'before-first': ({ member }) => `${member} is before the person joined the roll`,
  'after-removal': ({ member }) => `${member} is after the person left the roll`,
  'beyond-last': ({ member }) => `${member} is beyond the last revision`,
};

/** Names of a request's members, as used on the screens. Members of people are in `fields`. */
export const asked: Record<string, string> = {
  at: 'As of',
  from: 'From',
  to: 'Until',
  q: 'Search',
  reason: 'Reason',
  name: 'Name',
  revision: 'Revision',
  subject: 'Subject',
  actor: 'Account',
  activo: 'Active',
  confirm: 'The confirmation',
  limit: 'The size of a page',
};
