import type { Actor, Socio, UserRecord } from '../events/types.ts';
import { roleName, roleOf } from '../domain/roles.ts';
import type { Issue } from '../validation/schema.ts';

/**
 * Monitors may not touch users with these roles: control of a user's e-mail allows signing in as
 * that user.
 */
const BEYOND_MONITORS = ['admin', 'auditor', 'dpo'];

/** Actors without restrictions: administrators, and padron itself (import, demo people). */
const UNRESTRICTED = ['admin', 'system'];

/** Whether the actor may register, edit, remove or see the credentials of a user of this categoria. */
export const mayManage = ({ role }: Actor, categoria: string): boolean =>
  UNRESTRICTED.includes(role) || !BEYOND_MONITORS.includes(roleName(categoria));

/**
 * Whether the actor may change a user's categoria from `before` (null: not registered yet) to
 * `after`. Only an admin gives or removes a role, so that users cannot raise their own or each
 * other's rights.
 */
export function mayChangeRole(actor: Actor, before: string | null, after: string): boolean {
  if (UNRESTRICTED.includes(actor.role)) return true;
  const former = before === null ? null : roleOf(before);
  return mayManage(actor, before ?? '') && former === roleOf(after);
}

/**
 * Whether a repeated command on this user may still be answered: the user may have become an
 * administrator since.
 */
export const mayRepeatOnUser = (state: UserRecord | null, actor: Actor): boolean =>
  state === null || mayManage(actor, state.categoria);

/** The stored word for a spelling in a request. */
export const socioWord = (socio: Socio | 0 | 1): Socio => {
  if (socio === 1) return 'Socio';
  return socio === 0 ? 'NoSocio' : socio;
};

/** fechabaja must not precede fechaalta. Dates are YYYY-MM-DD, so they compare as texts. */
export function datesInOrder(fechaalta: string, fechabaja: string | null): Issue[] {
  if (fechabaja === null || fechabaja >= fechaalta) return [];
  return [{ path: '/fechabaja', member: 'fechabaja', rule: 'not-before', wanted: 'fechaalta' }];
}

/** The same rule for the dates of a request body. */
export const bodyDatesInOrder = ({ fechaalta, fechabaja = null }: BodyDates): Issue[] =>
  fechaalta === undefined ? [] : datesInOrder(fechaalta, fechabaja);

interface BodyDates {
  fechaalta?: string;
  fechabaja?: string | null;
}
