import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { registerUser } from '../../../src/commands/registerUser.ts';
import type { HistoryEntry } from '../../../src/projections/views/history.ts';
import type { Job } from '../../../src/projections/record/viewRecord.ts';
import { eventually } from '../../support/eventually.ts';
import { filesWith } from '../../support/folder.ts';
import { byAdmin, HASH, userBody } from '../../support/people.ts';
import { tokenOf } from '../../support/tokens.ts';
import { erase, jobEnd, MAX_AWAY_MS, settled, type Round, type World } from './round.ts';

/** Lets everything end that was begun: repairs the view, resumes every job, and waits until imports have removed their lists. */
export async function settle(round: Round): Promise<void> {
  round.broken.isMended = true;
  const { body } = await settled(round, 'GET', '/admin/jobs', [200]);
  for (const { id, state } of (body as { jobs: Job[] }).jobs) {
    if (state === 'paused') await settled(round, 'POST', `/admin/jobs/${id}/resume`, [200, 404, 409]);
    if (state === 'paused' || state === 'running') await jobEnd(round, '/admin/jobs', id);
  }
  const { body: list } = await settled(round, 'GET', '/admin/parked', [200]);
  for (const { id } of (list as { parked: { id: string }[] }).parked)
    await settled(round, 'POST', `/admin/parked/${id}/retry`, [200, 404]);
  const lists = join(round.dataDir, 'imports');
  await eventually(
    'no list is kept',
    () => !existsSync(lists) || readdirSync(lists).length === 0,
    MAX_AWAY_MS,
  );
}

/** What has to be true once both are erased. */
export async function expectGone(round: Round): Promise<void> {
  for (const who of ['user', 'persona'] as const) {
    const certificate = await erase(round, who, true);
    expect(certificate.verified).to.deep.equal({ events: true, views: true, keyStore: true });
    expect(await erase(round, who, false)).to.deep.equal(certificate);
    await expectNoPast(round, who);
  }
  await settle(round);
  await expectFoundNowhere(round);
  await expectRepeats(round);
  await expectDni(round);
  await expectOthers(round);
}

async function expectNoPast(round: Round, who: 'user' | 'persona'): Promise<void> {
  const { path } = round[who];
  for (const past of ['/history', '?revision=0', '?at=2020-01-01', '/diff?from=0&to=0', '/export'])
    await settled(round, 'GET', `${path}${past}`, [410]);
  const subject =
    who === 'user' ? `user-${round.user.record.IdUsuario}` : `persona-${round.persona.record.id}`;
  const { body } = await settled(round, 'GET', `/audit?subject=${subject}&order=asc`, [200]);
  const { entries } = body as { entries: HistoryEntry[] };
  expect(entries.at(-1)).to.deep.include({ type: 'SubjectErased', reason: 'Request 81', changes: [] });
  for (const { erased, changes, reason, actor } of entries.slice(0, -1))
    expect({ erased, changes, reason, account: actor.account }).to.deep.equal({
      erased: true,
      changes: [],
      reason: null,
      account: null,
    });
}

async function expectFoundNowhere(round: Round): Promise<void> {
  const { mark, dataDir, successors } = round;
  const at = new Date(Date.now() - 1).toISOString();
  const words = [`q=${mark}nombre`, `q=${mark}apellido`];
  for (const q of words)
    for (const [path, list] of [
      [`/users?${q}`, 'users'],
      [`/users?${q}&at=${at}`, 'users'],
      [`/api/personas?${q}`, 'personas'],
      [`/api/personas?${q}&at=${at}`, 'personas'],
      [`/audit?${q}`, 'entries'],
    ] as const) {
      const { body } = await settled(round, 'GET', path, [200]);
      expect((body as Record<string, unknown[]>)[list], path).to.deep.equal([]);
    }
  const dnis = [
    ...(successors.user === null ? [round.user.record.dni] : []),
    ...(successors.persona === null ? [round.persona.record.dni] : []),
  ];
  expect(filesWith(dataDir, [mark, ...dnis])).to.deep.equal([]);
}

/** A key that was settled before is answered as for somebody who is not there. */
async function expectRepeats(round: Round): Promise<void> {
  for (const { path, method, token, key, body } of round.keys) {
    const headers = { 'idempotency-key': key };
    await settled(round, method, path, [path === '/users/edit' ? 500 : 404], { token, body, headers });
  }
}

/** The DNI is free, or one other person has it. */
async function expectDni(round: Round): Promise<void> {
  const { dni } = round.user.record;
  const { commands } = round.service.service;
  const register = (): ReturnType<typeof commands.handle> =>
    commands.handle(registerUser, { ...userBody({ dni }), password: HASH }, byAdmin());
  if (round.successors.user === null) expect((await register()).outcome).to.equal('done');
  expect(await register()).to.deep.include({ outcome: 'rejected' });
  const { body } = await settled(round, 'GET', `/users/${dni}`, [200]);
  if (round.successors.user !== null) expect(body).to.include({ IdUsuario: round.successors.user });
  const before = await settled(round, 'GET', round.persona.path, [404]);
  expect(before.body).to.deep.equal({ message: 'Persona no encontrada' });
}

/** Everybody else is as the writes have left them, in the views and in the history. */
async function expectOthers(round: Round): Promise<void> {
  const { user, persona } = round.other;
  const read = await settled(round, 'GET', `/users/${user.dni}`, [200]);
  expect(read.body).to.include({ telefono: user.telefono, nombre: user.nombre, dni: user.dni });
  const token = tokenOf('asistente', persona.cuenta);
  const { body } = await settled(round, 'GET', '/api/personas/me', [200], { token });
  expect(body).to.include({ id: persona.id, dni: persona.dni, telefono: persona.telefono });
  const stream = `user-${user.IdUsuario}`;
  const stored = (await round.service.events()).filter((event) => event.stream === stream);
  const revisions = await eventually(
    'the history has every event',
    async () => {
      const { body: page } = await settled(round, 'GET', `/audit?subject=${stream}&order=asc`, [200]);
      const { entries } = page as { entries: HistoryEntry[] };
      return entries.length >= stored.length ? entries.map(({ revision }) => revision) : null;
    },
    MAX_AWAY_MS,
  );
  expect(revisions).to.deep.equal(stored.map(({ revision }) => revision));
}

/** A verification of everything finds nothing. */
export async function expectVerified(world: World): Promise<void> {
  const { body } = await settled(world, 'POST', '/admin/verify', [202]);
  const job = await jobEnd(world, '/admin/jobs', (body as Job).id);
  expect({ state: job.state, error: job.error, differences: job.differences }).to.deep.equal({
    state: 'done',
    error: null,
    differences: [],
  });
}
