import type { Actor, Socio } from '../events/types.ts';
import { roleName } from './roles.ts';
import type { Fault } from './schema.ts';

/** Rules that several commands on users share. */

/** Whether a user with this categoria is an administrator of the service. */
export const isAdmin = (categoria: string): boolean => roleName(categoria) === 'admin';

/**
 * A monitor may not touch a user who is, or would become, an administrator: nobody promotes themselves, nor takes an
 * admin's e-mail (contract, section 1).
 */
export const mayTouch = ({ role }: Actor, ...categorias: string[]): boolean =>
  role !== 'monitor' || !categorias.some(isAdmin);

/** The stored word for each spelling that a request may use. */
export const socioWord = (socio: Socio | 0 | 1): Socio => {
  if (socio === 1) return 'Socio';
  return socio === 0 ? 'NoSocio' : socio;
};

/** Nobody leaves before they came. Dates are YYYY-MM-DD, so their order is that of the texts. */
export function datesInOrder(fechaalta: string, fechabaja: string | null): Fault[] {
  if (fechabaja === null || fechabaja >= fechaalta) return [];
  return [{ path: '/fechabaja', member: 'fechabaja', rule: 'not-before', wanted: 'fechaalta' }];
}

/** The same for the dates that a body itself brings. */
export const bodyDatesInOrder = ({ fechaalta, fechabaja = null }: BodyDates): Fault[] =>
  fechaalta === undefined ? [] : datesInOrder(fechaalta, fechabaja);

interface BodyDates {
  fechaalta?: string;
  fechabaja?: string | null;
}
