import type { Context } from 'koa';
import { normalDni } from '../../validation/dni.ts';
import { RequestError } from '../errors/errors.ts';
import { subjectStream } from '../../events/streams.ts';
import { integerIn, pathParameter } from './parameters.ts';
import type { Parameter } from '../route/parameter.ts';
import { id } from '../../presentation/schemas.ts';

export const idParameter: Parameter = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'The id of the person.',
  schema: { ...id, examples: [5] },
};

/** The id in the path; 0, which no subject has, for a text that is not an id. */
export const personaIdOf = (ctx: Context): number => integerIn(pathParameter(ctx, 'id')) ?? 0;

/** The stream of the person in the path; null for a text that is not an id. */
export function personaStreamOf(ctx: Context): string | null {
  const id = personaIdOf(ctx);
  return id === 0 ? null : subjectStream('persona', id);
}

export const dniParameter: Parameter = {
  name: 'dni',
  in: 'path',
  required: true,
  description: "The user's DNI, in any spelling.",
  schema: { type: 'string', format: 'dni' },
};

/** The DNI in the path. Refuses one whose normal form is empty (400). */
export function dniOf(ctx: Context): string {
  const dni = pathParameter(ctx, 'dni');
  if (normalDni(dni) !== '') return dni;
  throw new RequestError('invalid', { faults: [{ path: '/dni', member: 'dni', rule: 'dni' }] });
}
