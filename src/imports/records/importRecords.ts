import { socioWord } from '../../commands/userRules.ts';
import type { ImportRecord } from '../../commands/handling/importRecord.ts';
import type { PersonaRecord, UserRecord } from '../../events/types.ts';
import type { Reason } from '../../projections/record/listImport.ts';
import type { Issue } from '../../validation/schema.ts';
import type { Hints, ImportKind, Members } from '../list/listLine.ts';
import { issueReason, reason } from '../reasons/reason.ts';
import { checkLine } from './lineSchemas.ts';

/**
 * The record of a line, or all its issues. The order of members is fixed, because the event's id is
 * derived from them.
 */
export function recordOf(
  kind: ImportKind,
  members: Members,
  hints: Hints = {},
): { record: ImportRecord } | { reasons: Reason[] } {
  const checked = checkLine(kind, members, { isWhole: true });
  const reasons = reasonsOf('issues' in checked ? checked.issues : [], hints);
  if ('issues' in checked || reasons.length > 0) return { reasons };
  return {
    record: kind === 'users' ? userOf(checked.given) : personaOf(checked.given),
  };
}

/** The valid members of an update's line, or all their issues. */
export function givenOf(
  kind: ImportKind,
  members: Members,
  hints: Hints = {},
): { given: Members } | { reasons: Reason[] } {
  const checked = checkLine(kind, members, { isWhole: false });
  const reasons = reasonsOf('issues' in checked ? checked.issues : [], hints);
  return 'issues' in checked || reasons.length > 0 ? { reasons } : { given: checked.given };
}

/** The issues of a line, without values and without the names of unknown members. */
function reasonsOf(issues: readonly Issue[], hints: Hints): Reason[] {
  const broken = issues.map((issue) => {
    if (issue.rule === 'additionalProperties') return reason('members-unknown');
    const form = issue.rule === 'type' && issue.wanted === 'boolean' ? 'true-or-false' : undefined;
    return issueReason(issue, hints[issue.member] ?? form);
  });
  const members = new Set(issues.map(({ member }) => member));
  const hinted = Object.entries(hints).filter(([member]) => !members.has(member));
  const others = hinted.map(([member, hint]) => reason('unusable', { member, ...(hint && { hint }) }));
  const all = new Map([...broken, ...others].map((one) => [JSON.stringify(one), one]));
  return [...all.values()];
}

/** Members that the line lacks are null; the importer supplies them. */
function userOf(given: Partial<UserRecord>): ImportRecord {
  const body = given as UserRecord;
  return {
    kind: 'user',
    record: {
      IdUsuario: given.IdUsuario ?? null,
      nombre: body.nombre,
      apellidos: body.apellidos,
      password: given.password ?? null,
      dni: body.dni,
      direccion: body.direccion,
      CP: body.CP,
      provincia: body.provincia,
      poblacion: body.poblacion,
      pais: body.pais,
      email: body.email,
      telefono: body.telefono,
      fechaalta: given.fechaalta ?? null,
      fechabaja: given.fechabaja ?? null,
      formadepago: body.formadepago,
      // Turns -0 into 0, as JSON would.
      cuota: body.cuota + 0,
      categoria: body.categoria,
      socio: socioWord(body.socio),
      isVerified: given.isVerified ?? true,
      verificationCode: given.verificationCode ?? null,
      verificationExpires: given.verificationExpires ?? null,
    },
  };
}

function personaOf(given: Partial<PersonaRecord>): ImportRecord {
  const body = given as PersonaRecord;
  const { created_at } = given;
  return {
    kind: 'persona',
    record: {
      id: given.id ?? null,
      nombres: body.nombres,
      apellidos: body.apellidos,
      telefono: given.telefono ?? null,
      dni: body.dni,
      foto_url: given.foto_url ?? null,
      cuenta: given.cuenta ?? null,
      created_at: created_at === undefined ? null : new Date(created_at).toISOString(),
    },
  };
}
