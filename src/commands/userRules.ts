import type { Actor, Socio, UserRecord } from '../events/types.ts';
import { roleName, roleOf } from '../domain/roles.ts';
import type { Issue } from '../validation/schema.ts';

/** Rules that several commands on users share. */

/** Users with one of these roles are beyond a monitor's reach: who has their e-mail could sign in as them. */
const BEYOND_MONITORS = ['admin', 'auditor', 'dpo'];

/** Those whose rights do not end at any user: administrators, and padron itself (import, demo people). */
const UNRESTRICTED = ['admin', 'system'];

/** Whether the actor may register, edit, remove or see the credentials of a user of this categoria. */
export const mayTouch = ({ role }: Actor, categoria: string): boolean =>
  UNRESTRICTED.includes(role) || !BEYOND_MONITORS.includes(roleName(categoria));

/**
 * Whether the actor may change a user's categoria (null: of a user not yet registered): only an admin gives a role or takes one
 * away, so that no user gains rights through a colleague, or alone.
 */
export function mayRecast(actor: Actor, before: string | null, after: string): boolean {
  if (UNRESTRICTED.includes(actor.role)) return true;
  const former = before === null ? null : roleOf(before);
  return mayTouch(actor, before ?? '') && former === roleOf(after);
}

/** Whether a repeat of a command on this user may still be answered: the user may have become an administrator since. */
export const mayRepeatOnUser = (state: UserRecord | null, actor: Actor): boolean =>
  state === null || mayTouch(actor, state.categoria);

/** The stored word for each spelling that a request may use. */
export const socioWord = (socio: Socio | 0 | 1): Socio => {
  if (socio === 1) return 'Socio';
  return socio === 0 ? 'NoSocio' : socio;
};

/** Nobody leaves before they came. Dates are YYYY-MM-DD, so their order is that of the texts. */
export function datesInOrder(fechaalta: string, fechabaja: string | null): Issue[] {
  if (fechabaja === null || fechabaja >= fechaalta) return [];
  return [{ path: '/fechabaja', member: 'fechabaja', rule: 'not-before', wanted: 'fechaalta' }];
}

/** The same for the dates that a body itself brings. */
export const bodyDatesInOrder = ({ fechaalta, fechabaja = null }: BodyDates): Issue[] =>
  fechaalta === undefined ? [] : datesInOrder(fechaalta, fechabaja);

interface BodyDates {
  fechaalta?: string;
  fechabaja?: string | null;
}
