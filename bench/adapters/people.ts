import { createSecretKey } from 'node:crypto';
import { systemClock } from '../../src/platform/clock.ts';
import type { Request } from '../../src/commands/command.ts';
import { createCommandSide, type CommandSide } from '../../src/commands/handling/commandSide.ts';
import type { ImportRecord } from '../../src/commands/handling/importRecord.ts';
import { createImporter, type Importer } from '../../src/commands/handling/importer.ts';
import { updatePersonaProfile } from '../../src/commands/updatePersonaProfile.ts';
import type { EventStore } from '../../src/events/eventStore.ts';
import { recordOf } from '../../src/imports/records/importRecords.ts';
import { userLine } from '../support/people.ts';
import { RUN } from './setting.ts';

/** The write side on a store, with an importer. */
export interface Writing {
  commands: CommandSide;
  importer: Importer;
}

export function writingTo(store: EventStore): Writing {
  const key = createSecretKey(Buffer.from('the key of the benches'));
  const commands = createCommandSide({ store, key, clock: systemClock });
  return { commands, importer: createImporter({ store, key, clock: systemClock, commands }) };
}

let people = 0;

export type Person = ImportRecord & { kind: 'persona' };

/** `count` people that are not in the log yet, each with an account. */
export async function newPeople({ commands, importer }: Writing, count: number): Promise<Person[]> {
  const first = (await commands.sequence.next('persona')) + 1;
  await importer.reserveIds('persona', first + count);
  return Array.from({ length: count }, (_, index) => {
    people += 1;
    const name = `${RUN}-${people}`;
    return {
      kind: 'persona',
      record: {
        id: first + index,
        nombres: 'María',
        apellidos: 'García López',
        telefono: '600000000',
        dni: `${RUN}${people}`,
        foto_url: null,
        cuenta: name,
        created_at: '2024-03-01T08:00:00.000Z',
      },
    };
  });
}

let phone = 600_000_000;

/** Changes the telephone number of one of them; the write side has the person in memory, as a running server would. */
export async function changePhone({ commands }: Writing, { record }: Person): Promise<void> {
  const request: Request = {
    actor: { account: record.cuenta ?? '', role: 'asistente' },
    requestId: 'bench',
    correlationId: 'bench',
    ifMatch: null,
    key: null,
  };
  const outcome = await commands.handle(updatePersonaProfile, { telefono: String((phone += 1)) }, request);
  if (outcome.outcome !== 'done') throw new Error(outcome.rejection.code);
}

/** `count` members that are not in the log yet, as import records. */
export async function newMembers({ commands, importer }: Writing, count: number): Promise<ImportRecord[]> {
  const first = (await commands.sequence.next('user')) + 1;
  await importer.reserveIds('user', first + count);
  return Array.from({ length: count }, (_, index) => {
    people += 1;
    const members = JSON.parse(userLine(first + index)) as Record<string, unknown>;
    const read = recordOf('users', { ...members, dni: `${RUN}-${people}` });
    if (!('record' in read)) throw new Error(read.reasons.map(({ code }) => code).join());
    return read.record;
  });
}
