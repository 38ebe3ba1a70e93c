import { registerPersona } from '../../../src/commands/registerPersona.ts';
import { registerUser } from '../../../src/commands/registerUser.ts';
import type { PersonaRecord } from '../../../src/events/types.ts';
import type { ParkedEntry } from '../../../src/projections/parking/parkedSubjects.ts';
import type { Job } from '../../../src/projections/record/viewRecord.ts';
import { byAdmin, editOf, HASH, personaBody, userBody } from '../../support/people.ts';
import { tokenOf } from '../../support/tokens.ts';
import { erase, importLine, settled, type Round } from './round.ts';

type Act = (round: Round) => Promise<unknown>;

/** What is left to ask of the past of somebody who may be erased meanwhile, or removed. */
const PAST = [200, 404, 410];
const VIEWS = ['users', 'personas', 'history'];

const pick = <T>({ random }: Round, values: readonly T[]): T =>
  values[Math.floor(random() * values.length)] as T;
let made = 0;

const read =
  (path: (round: Round) => string, statuses: readonly number[]): Act =>
  (round) =>
    settled(round, 'GET', path(round), statuses);

/** A write about one of the two, of which every second has a key. */
async function write(
  round: Round,
  method: string,
  path: string,
  token: string,
  body: object,
  absent: number,
): Promise<void> {
  const key = `${round.mark}-${(made += 1)}`;
  const hasKey = made % 2 === 0;
  const headers = hasKey ? { 'idempotency-key': key } : {};
  const { status } = await settled(round, method, path, [200, absent], { token, body, headers });
  if (hasKey && status === 200) round.keys.push({ path, method, token, key, body });
}

const editPersona: Act = (round) => {
  const token = tokenOf('asistente', round.persona.record.cuenta);
  return write(round, 'PUT', '/api/personas/me', token, { telefono: `${round.mark}tel${(made += 1)}` }, 404);
};

/** With a cuota of 13 the view parks the user, until it is repaired. */
const editUser =
  (cuota: number): Act =>
  async (round) => {
    const telefono = `${round.mark}tel${(made += 1)}`;
    const { record } = round.user;
    if (round.isContested) {
      const line = { IdUsuario: record.IdUsuario, telefono, cuota };
      await importLine(round, line, '&update=true');
    } else {
      const body = editOf(record, { telefono, cuota });
      await write(round, 'POST', '/users/edit', tokenOf('admin'), body, 500);
    }
  };

const removeUser: Act = async (round) => {
  if (round.isContested) return;
  const body = { dni: round.user.record.dni };
  await settled(round, 'POST', '/users/delete', [200, 500], { body });
};

const takeDnis: Act = async (round) => {
  if (!round.isContested) return;
  const { commands } = round.service.service;
  const user = await commands.handle(
    registerUser,
    { ...userBody({ dni: round.user.record.dni }), password: HASH },
    byAdmin(),
  );
  if (user.outcome === 'done' && user.state) round.successors.user = user.state.IdUsuario;
  const persona = await commands.handle(
    registerPersona,
    personaBody({ dni: round.persona.record.dni }),
    byAdmin(),
  );
  if (persona.outcome === 'done') round.successors.persona = (persona.state as PersonaRecord).id;
};

const revert: Act = (round) => {
  const body = { revision: 0, reason: `${round.mark}reason` };
  return settled(round, 'POST', `${round.persona.path}/revert`, [200, 404, 409, 410], { body });
};

const rebuild: Act = (round) =>
  settled(round, 'POST', `/admin/projections/${pick(round, VIEWS)}/rebuild`, [202, 409]);
const rollback: Act = (round) =>
  settled(round, 'POST', `/admin/projections/${pick(round, VIEWS)}/rollback`, [202, 409]);

const pauseOrResume: Act = async (round) => {
  const { body } = await settled(round, 'GET', '/admin/jobs', [200]);
  for (const { id, state } of (body as { jobs: Job[] }).jobs) {
    if (state === 'running') await settled(round, 'POST', `/admin/jobs/${id}/pause`, [200, 404, 409]);
    if (state === 'paused') await settled(round, 'POST', `/admin/jobs/${id}/resume`, [200, 404, 409]);
  }
};

const parkedOf = async (round: Round): Promise<ParkedEntry[]> =>
  ((await settled(round, 'GET', '/admin/parked', [200])).body as { parked: ParkedEntry[] }).parked;

const retryParked: Act = async (round) => {
  round.broken.isMended = round.random() < 0.5;
  for (const { id } of await parkedOf(round)) {
    await settled(round, 'POST', `/admin/parked/${id}/retry`, [200, 404]);
  }
};

const skipParked: Act = async (round) => {
  const [entry] = await parkedOf(round);
  if (!entry) return;
  const body = { reason: `${round.mark}reason` };
  await settled(round, 'POST', `/admin/parked/${entry.id}/skip`, [200, 404], { body });
};

const verifyRoll: Act = async (round) => {
  const { body } = await settled(round, 'POST', `/rolls/${round.roll.id}/verify`, [200]);
  if (!(body as { matches: boolean }).matches)
    throw new Error(`roll ${round.roll.id} matches no longer: ${JSON.stringify(body)}`);
};

const editOther: Act = async (round) => {
  const telefono = `6${(made += 1)}`;
  const body = editOf(round.other.user, { telefono });
  await settled(round, 'POST', '/users/edit', [200], { body });
  round.other.user = { ...round.other.user, telefono };
};

/** What happens around an erasure. */
export const ACTS: readonly Act[] = [
  editPersona,
  editPersona,
  editUser(25),
  editUser(25),
  editUser(13),
  removeUser,
  takeDnis,
  takeDnis,
  revert,
  rebuild,
  rebuild,
  rollback,
  pauseOrResume,
  pauseOrResume,
  retryParked,
  skipParked,
  verifyRoll,
  editOther,
  (round) => importLine(round, round.user.line),
  (round) => erase(round, 'user', true),
  (round) => erase(round, 'persona', round.random() < 0.5),
  read(({ persona }) => `${persona.path}/history`, PAST),
  read(({ persona }) => `${persona.path}?revision=0`, PAST),
  read(({ persona }) => `${persona.path}/diff?from=0&to=0`, PAST),
  read(({ persona }) => `${persona.path}/export`, PAST),
  read(({ user }) => `/users/${user.record.dni}/history`, PAST),
  read(({ user }) => `/users/${user.record.dni}/export`, PAST),
  read(({ user }) => `/audit?subject=user-${user.record.IdUsuario}`, [200]),
  read(({ mark }) => `/users?at=${new Date(Date.now() - 1).toISOString()}&q=${mark}nombre`, [200]),
  read(({ roll }) => `/rolls/${roll.id}/entries`, [200]),
];
