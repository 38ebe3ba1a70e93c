import type { Ask, Instance, Reply } from '../../support/instance.ts';
import { tokenOf } from '../../support/tokens.ts';

export interface Person {
  id: number;
  cuenta: string;
}

export const admin = tokenOf('admin');

/** The header with which a later request waits for what `reply` has written. */
export const positionOf = ({ headers }: Reply): Record<string, string> => ({
  'x-padron-position': headers.get('x-padron-position') ?? '',
});

/** A person edits their own profile. */
export const update = (
  instance: Instance,
  { cuenta }: Person,
  body: object,
  more: Pick<Ask, 'headers' | 'withinMs'> = {},
): Promise<Reply> =>
  instance.send('PUT', '/api/personas/me', { token: tokenOf('asistente', cuenta), body, ...more });
