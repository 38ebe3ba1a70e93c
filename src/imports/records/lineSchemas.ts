import { MAX_IMPORTED_ID } from '../../commands/claims/idSequence.ts';
import { bodyDatesInOrder } from '../../commands/userRules.ts';
import {
  givenSchemas,
  membersWhere,
  PERSONA_MEMBERS,
  USER_MEMBERS,
  type Member,
} from '../../domain/members.ts';
import type { PersonaRecord, UserRecord } from '../../events/types.ts';
import { bodyCheck, issueOf, type BodyCheck, type Issue, type JsonSchema } from '../../validation/schema.ts';
import type { ImportKind, Members } from '../list/listLine.ts';

/** What the lines of a list have to be. */

const id: JsonSchema = { type: 'integer', minimum: 1, maximum: MAX_IMPORTED_ID };

/** What padron gives where a line does not bring it: an empty text in their place is as good as nothing. */
const GIVEN_BY_PADRON = ['IdUsuario', 'password', 'fechaalta', 'id', 'created_at'];

/** A member without a fallback is required, unless padron gives it. */
const schemasOf = (
  table: Record<string, Member>,
  idName: string,
): { properties: Record<string, JsonSchema>; required: string[] } => ({
  properties: { ...givenSchemas(table, membersWhere(table)), [idName]: id },
  required: membersWhere(table, ({ fallback }) => fallback === undefined).filter(
    (member) => !GIVEN_BY_PADRON.includes(member),
  ),
});

const SCHEMAS = {
  users: schemasOf(USER_MEMBERS, 'IdUsuario'),
  personas: schemasOf(PERSONA_MEMBERS, 'id'),
} satisfies Record<ImportKind, unknown>;

type Check = BodyCheck<Members>;

const checks = (isWhole: boolean): Record<ImportKind, Check> => {
  const schema = (kind: ImportKind): JsonSchema => ({
    type: 'object',
    ...SCHEMAS[kind],
    required: isWhole ? SCHEMAS[kind].required : [],
    additionalProperties: false,
  });
  return {
    users: bodyCheck(schema('users'), (members) => bodyDatesInOrder(members as Partial<UserRecord>)),
    personas: bodyCheck(schema('personas'), (members) => realInstant(members as Partial<PersonaRecord>)),
  };
};
const WHOLE = checks(true);
const PARTIAL = checks(false);

/** RFC 3339 has leap seconds (23:59:60), which no Date can hold. */
function realInstant({ created_at }: Partial<PersonaRecord>): Issue[] {
  if (created_at === undefined || !Number.isNaN(Date.parse(created_at))) return [];
  return [{ path: '/created_at', member: 'created_at', rule: 'date-time' }];
}

/** The schemas of a kind's members. */
export const memberSchemas = (kind: ImportKind): Record<string, JsonSchema> => SCHEMAS[kind].properties;

/** The members of a line, checked: all that a new record needs, or (`isWhole` false) as many as it has. Or everything that is wrong. */
export function checkLine(
  kind: ImportKind,
  members: Members,
  { isWhole }: { isWhole: boolean },
): { given: Members } | { issues: Issue[] } {
  const said = GIVEN_BY_PADRON.some((member) => members[member] === '') ? withoutEmpty(members) : members;
  const checked = (isWhole ? WHOLE : PARTIAL)[kind](said);
  const issues = 'body' in checked ? [] : [...checked.faults];
  if (isWhole && kind === 'users' && lacksFechaalta(said)) issues.push(issueOf('fechaalta', 'required'));
  return 'body' in checked && issues.length === 0 ? { given: checked.body } : { issues };
}

/** Today's date, which a new user gets without one, would be after the fechabaja. */
const lacksFechaalta = ({ fechaalta, fechabaja = null }: Members): boolean =>
  fechabaja !== null && fechaalta === undefined;

const withoutEmpty = (members: Members): Members =>
  Object.fromEntries(
    Object.entries(members).filter(([member, value]) => value !== '' || !GIVEN_BY_PADRON.includes(member)),
  );

/** The kind that a line with these members is of; null when they may be of both. */
export function kindOf(members: readonly string[]): ImportKind | null {
  const isOnlyOf = (kind: ImportKind, other: ImportKind): boolean =>
    members.some((member) => member in SCHEMAS[kind].properties && !(member in SCHEMAS[other].properties));
  if (isOnlyOf('users', 'personas')) return 'users';
  return isOnlyOf('personas', 'users') ? 'personas' : null;
}
