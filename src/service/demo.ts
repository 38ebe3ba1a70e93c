import { randomBytes, randomUUID, type KeyObject } from 'node:crypto';
import type { Command, Request } from '../commands/command.ts';
import { editUser } from '../commands/editUser.ts';
import { createCommandSide, type CommandSide } from '../commands/handling/commandSide.ts';
import { createImporter } from '../commands/handling/importer.ts';
import { updatePersonaProfile } from '../commands/updatePersonaProfile.ts';
import type { EventStore } from '../events/eventStore.ts';
import { subjectStream } from '../events/streams.ts';
import type { PersonaRecord, UserRecord } from '../events/types.ts';
import { hashPassword } from '../http/access/passwords.ts';
import type { Clock } from '../platform/clock.ts';
import { DEMO_EDITS, PERSONA, REGISTERED_DAYS_AGO, USER, type DemoEdit } from './demoPast.ts';

export { DEMO_ACCOUNT } from './demoPast.ts';

/**
 * Registers the people of the two documented examples, person 5 and user 15, with a past of some
 * months, ending in the state that the example requests expect. The user's password is random,
 * because there is no log-in.
 */
export async function registerDemoPeople({
  store,
  key,
  clock,
}: {
  store: EventStore;
  key: KeyObject;
  clock: Clock;
}): Promise<void> {
  const now = clock.now();
  const past = createPastClock(clock);
  const commands = createCommandSide({ store, key, clock: past });
  const importer = createImporter({ store, key, clock: past, commands });
  const password = await hashPassword(randomBytes(24).toString('base64url'));
  past.set(daysBefore(now, REGISTERED_DAYS_AGO));
  await importer.reserveIds('persona', PERSONA.id);
  await importer.importRecord({ kind: 'persona', record: PERSONA });
  await importer.reserveIds('user', USER.IdUsuario);
  await importer.importRecord({ kind: 'user', record: { ...USER, password } });
  for (const one of DEMO_EDITS) {
    past.set(instantOf(one, now));
    await edit(commands, one);
  }
}

/** A clock that is set by hand. Waits take as long as with the given clock. */
function createPastClock({ wait, now }: Clock): Clock & { set(instant: string): void } {
  let present = now();
  return {
    now: () => present,
    wait,
    set(instant) {
      present = instant;
    },
  };
}

const DAY_MS = 86_400_000;

const daysBefore = (now: string, days: number): string =>
  new Date(Date.parse(now) - days * DAY_MS).toISOString();

/** An edit of this month is dated halfway between the month's first instant, in UTC, and now. */
function instantOf({ when }: DemoEdit, now: string): string {
  if (when !== 'this month') return daysBefore(now, when.daysAgo);
  const monthBegan = Date.parse(`${now.slice(0, 'YYYY-MM'.length)}-01T00:00:00Z`);
  return new Date((monthBegan + Date.parse(now)) / 2).toISOString();
}

async function edit(commands: CommandSide, { by, reason, ...change }: DemoEdit): Promise<void> {
  const requestId = randomUUID();
  const request: Request = {
    actor: by,
    requestId,
    correlationId: requestId,
    ifMatch: null,
    key: null,
    ...(reason === undefined ? {} : { note: { reason } }),
  };
  const run = async <Payload, State>(command: Command<Payload, State>, body: Payload): Promise<void> => {
    const { outcome } = await commands.handle(command, body, request);
    if (outcome !== 'done') throw new Error('a demo person was changed by another process');
  };
  if ('user' in change) await run(editUser, change.user);
  else await run(updatePersonaProfile, change.persona);
}

/** Whether this log has both demo people; a real roll has other people under these ids. */
export async function areDemoPeopleThere(store: Pick<EventStore, 'readStream'>): Promise<boolean> {
  const first = async (stream: string): Promise<object> =>
    (await store.readStream(stream, { limit: 1 }))[0]?.data ?? {};
  const persona = (await first(subjectStream('persona', PERSONA.id))) as Partial<PersonaRecord>;
  const user = (await first(subjectStream('user', USER.IdUsuario))) as Partial<UserRecord>;
  return persona.cuenta === PERSONA.cuenta && persona.dni === PERSONA.dni && user.dni === USER.dni;
}
