import { expect } from 'chai';
import type { Certificate } from '../../../src/erasure/certificate.ts';
import type { PersonaRecord, UserRecord } from '../../../src/events/types.ts';
import type { Job } from '../../../src/projections/record/viewRecord.ts';
import type { brokenView } from '../../support/brokenView.ts';
import type { Answer } from '../../support/client.ts';
import { eventually } from '../../support/eventually.ts';
import { asNdjson, type MemberLine } from '../../support/memberList.ts';
import { aPersona, aUser, editBody, HASH } from '../../support/people.ts';
import type { Random } from '../../support/seededRandom.ts';
import type { TestService } from '../../support/service.ts';
import { tokenOf } from '../../support/tokens.ts';

/** A service that does not answer for so long counts as gone for good, in milliseconds. */
export const MAX_AWAY_MS = 60_000;
const admin = tokenOf('admin');

/** What the rounds share. */
export interface World {
  service: TestService;
  dataDir: string;
  broken: ReturnType<typeof brokenView>;
}

/** The people of one round. Everything that is stored about those who are erased has `mark` in it, their DNIs apart. */
export interface Round extends World {
  mark: string;
  random: Random;
  user: { path: string; record: UserRecord; line: MemberLine };
  persona: { path: string; record: PersonaRecord & { cuenta: string } };
  other: { user: UserRecord; persona: PersonaRecord & { cuenta: string } };
  /** Whether others want the DNIs of the two. Then nobody edits or deletes by DNI: it may be another person by then. */
  isContested: boolean;
  roll: { id: string; digest: string };
  /** Keys of writes about the two that were answered with success. */
  keys: { path: string; method: string; token: string; key: string; body: object }[];
  /** Who got their DNIs meanwhile. */
  successors: { user: number | null; persona: number | null };
}

export async function beginRound(world: World, number: number, random: Random): Promise<Round> {
  const { service } = world;
  // Too long to be met by chance in what is sealed.
  const mark = `rosalinda${number}v`;
  const user = await importedUser(world, 1_000 * (number + 1), mark);
  const record = await aPersona(service.service, {
    nombres: `${mark}nombre`,
    apellidos: `${mark}apellido`,
    telefono: `${mark}tel`,
    foto_url: `https://example.org/${mark}.png`,
    cuenta: `${mark}cuenta`,
  });
  const other = { user: await aUser(service.service), persona: await aPersona(service.service) };
  const at = new Date(Date.now() - 1).toISOString();
  const round: Omit<Round, 'roll'> = {
    ...world,
    mark,
    random,
    user,
    persona: { path: `/api/personas/${record.id}`, record },
    other,
    isContested: random() < 0.5,
    keys: [],
    successors: { user: null, persona: null },
  };
  const named = await settled(round, 'POST', '/rolls', [201], {
    body: { name: `Roll ${number}`, kind: 'users', at },
  });
  return { ...round, roll: named.body as Round['roll'] };
}

/** A user who came with a list. */
async function importedUser(world: World, id: number, mark: string): Promise<Round['user']> {
  const { fechabaja: _, ...body } = editBody({
    nombre: `${mark}nombre`,
    apellidos: `${mark}apellido`,
    email: `${mark}@example.org`,
    telefono: `${mark}tel`,
    direccion: `${mark}calle`,
  });
  const line: MemberLine = { IdUsuario: id, password: HASH, ...body };
  expect((await importLine(world, line)).state).to.equal('done');
  const read = await eventually(
    'the view has the imported user',
    async () => {
      const one = await settled(world, 'GET', `/users/${body.dni}`, [200, 404]);
      return one.status === 200 ? (one.body as UserRecord) : null;
    },
    MAX_AWAY_MS,
  );
  const record = { ...read, password: HASH };
  return { path: `/users/user-${id}`, record, line };
}

/** Imports one line, and waits for its end. */
export async function importLine(world: World, line: MemberLine, query = ''): Promise<Job> {
  const headers = { 'content-type': 'application/x-ndjson' };
  const answer = await eventually(
    'an import may begin',
    async () => {
      const call = { body: asNdjson([line]), headers };
      const begun = await settled(world, 'POST', `/imports?kind=users${query}`, [202, 409], call);
      return begun.status === 202 ? begun : null;
    },
    MAX_AWAY_MS,
  );
  return jobEnd(world, '/imports', (answer.body as Job).id);
}

/** Waits for the end of a job. Another act may have paused it: it is resumed, since nothing else would do that while this act waits. */
export const jobEnd = (world: World, path: string, id: string): Promise<Job> =>
  eventually(
    `the end of ${id}`,
    async () => {
      const { body } = await settled(world, 'GET', `${path}/${id}`, [200]);
      const job = body as Job;
      if (job.state === 'paused') await settled(world, 'POST', `${path}/${id}/resume`, [200, 404, 409]);
      return job.endedAt === null ? null : job;
    },
    MAX_AWAY_MS,
  );

/** Sends a request until it is not answered 503, and expects one of these statuses. */
export async function settled(
  { service }: Pick<World, 'service'>,
  method: string,
  path: string,
  statuses: readonly number[],
  call: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const answer = await eventually(
    `${method} ${path} is answered`,
    async () => {
      const one = await service.send(method, path, { token: admin, ...call });
      return one.status === 503 ? null : one;
    },
    MAX_AWAY_MS,
  );
  const { status, body } = answer;
  expect(statuses, `${method} ${path}: ${status} ${JSON.stringify(body)}`).to.include(status);
  return answer;
}

/** Erases one of the two. A repeat, with or without the key, has the same certificate. */
export async function erase(round: Round, who: 'user' | 'persona', withKey: boolean): Promise<Certificate> {
  const { path, record } = round[who];
  const { body } = await settled(round, 'POST', `${path}/erase`, [200], {
    token: tokenOf('dpo'),
    body: { reason: 'Request 81', confirm: record.dni },
    headers: withKey ? { 'idempotency-key': `${round.mark}-erase-${who}` } : {},
  });
  return body as Certificate;
}
