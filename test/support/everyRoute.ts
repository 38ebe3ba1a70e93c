import type { Needs } from '../../src/http/route/needs.ts';
import type { PersonaRecord, UserRecord } from '../../src/events/types.ts';
import { editOf, personaBody, userBody } from './people.ts';
import { tokenOf } from './tokens.ts';

/** A request to a route, and the stores without which it cannot be answered. */
export interface RouteCall {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** The route with its parameters; `path` has their values. */
  route: string;
  path: string;
  token: string;
  body?: object;
  needs: Needs;
  /** The status if both stores answer. */
  status: number;
}

/** Refused, but only after reading the person. */
const erase = { body: { reason: 'a test', confirm: 'SOMEBODY ELSE' }, status: 400 };

const nameRoll = { body: { name: 'A test', kind: 'users', at: '2020-01-01' }, status: 201 };

/** One call for each route that uses a store, about these people. No call affects another one's result. */
export function everyRoute(
  person: PersonaRecord & { cuenta: string },
  user: UserRecord,
  job: string,
): RouteCall[] {
  const admin = tokenOf('admin');
  const own = tokenOf('asistente', person.cuenta);
  const call = (
    needs: Needs,
    method: RouteCall['method'],
    route: string,
    { token = admin, query = '', status = 200, body }: Partial<RouteCall> & { query?: string } = {},
  ): RouteCall => {
    const path = route
      .replace('/api/personas/:id', `/api/personas/${person.id}`)
      .replace(':dni', user.dni)
      .replace('/rolls/:id', '/rolls/99')
      .replace('/jobs/:id', `/jobs/${job}`)
      .replace('/parked/:id', `/parked/users-${user.IdUsuario}.1`)
      .replace(':name', 'users');
    return { needs, method, route, path: path + query, token, status, ...(body ? { body } : {}) };
  };
  const revert = { body: { revision: 0, reason: 'a test' } };
  return [
    call('either', 'GET', '/api/personas/me', { token: own }),
    call('either', 'GET', '/api/personas/:id'),
    call('either', 'GET', '/users/:dni'),
    call('event store', 'GET', '/api/personas/:id', { query: '?revision=0' }),
    call('event store', 'GET', '/users/:dni', { query: '?at=2999-01-01T00:00:00Z' }),
    call('event store', 'GET', '/api/personas/:id/diff', { query: '?from=0&to=0' }),
    call('event store', 'GET', '/users/:dni/diff', { query: '?from=0&to=0' }),
    call('read model', 'GET', '/api/personas'),
    call('read model', 'GET', '/users'),
    call('both', 'GET', '/api/personas', { query: '?at=2020-01-01' }),
    call('both', 'GET', '/users', { query: '?at=2020-01-01' }),
    call('both', 'GET', '/api/personas/changes', { query: '?from=2020-01-01&to=2020-01-01' }),
    call('both', 'GET', '/users/changes', { query: '?from=2020-01-01&to=2020-01-01' }),
    call('event store', 'GET', '/rolls'),
    call('event store', 'GET', '/rolls/:id', { status: 404 }),
    call('both', 'GET', '/rolls/:id/entries', { status: 404 }),
    call('both', 'GET', '/rolls/:id/changes', { query: '?to=2020-01-01', status: 404 }),
    call('both', 'POST', '/rolls/:id/verify', { status: 404 }),
    call('both', 'POST', '/rolls', nameRoll),
    call('event store', 'GET', '/api/personas/me/export', { token: own }),
    call('event store', 'GET', '/api/personas/:id/export'),
    call('event store', 'GET', '/users/:dni/export'),
    call('read model', 'GET', '/api/personas/me/history', { token: own }),
    call('read model', 'GET', '/api/personas/:id/history'),
    call('read model', 'GET', '/users/:dni/history'),
    call('read model', 'GET', '/audit'),
    call('read model', 'GET', '/admin/projections'),
    call('read model', 'GET', '/admin/jobs'),
    call('read model', 'GET', '/admin/jobs/:id'),
    call('read model', 'GET', '/imports'),
    call('read model', 'GET', '/admin/parked'),
    call('event store', 'GET', '/admin/erasures'),
    call('both', 'POST', '/api/personas/:id/erase', erase),
    call('both', 'POST', '/users/:dni/erase', erase),
    call('read model', 'POST', '/admin/jobs/:id/pause', { status: 409 }),
    call('read model', 'POST', '/admin/jobs/:id/resume', { status: 409 }),
    call('read model', 'DELETE', '/admin/jobs/:id', { status: 409 }),
    call('read model', 'POST', '/admin/projections/:name/rollback', { status: 409 }),
    call('both', 'POST', '/admin/parked/:id/retry', { status: 404 }),
    call('both', 'POST', '/admin/parked/:id/skip', { status: 404, body: { reason: 'a test' } }),
    call('event store', 'PUT', '/api/personas/me', { token: own, body: { telefono: '1' } }),
    call('event store', 'POST', '/api/personas/:id/revert', revert),
    call('event store', 'POST', '/users/edit', { body: editOf(user, { cuota: 1 }) }),
    call('event store', 'POST', '/users/:dni/revert', revert),
    call('event store', 'POST', '/api/personas', { body: personaBody(), status: 201 }),
    call('event store', 'POST', '/users', { body: userBody(), status: 201 }),
    call('event store', 'POST', '/users/delete', { body: { dni: 'NOBODY' }, status: 500 }),
  ];
}

/** Routes of jobs, which would affect the others' results: the tests of jobs and imports cover them. */
export const JOB_ROUTES = [
  'POST /admin/projections/:name/rebuild',
  'POST /admin/verify',
  'GET /admin/jobs/:id/events',
  'POST /imports',
  'GET /imports/:id',
  'DELETE /imports/:id',
  'POST /imports/:id/pause',
  'POST /imports/:id/resume',
  'GET /imports/:id/report',
  'GET /imports/:id/events',
];
