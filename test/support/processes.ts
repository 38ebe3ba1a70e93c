import { createSecretKey } from 'node:crypto';
import { createCommandSide, type CommandSide } from '../../src/commands/handling/commandSide.ts';
import type { Outcome, Request } from '../../src/commands/command.ts';
import { registerPersona, type RegisterPersonaBody } from '../../src/commands/registerPersona.ts';
import {
  updatePersonaProfile,
  type UpdatePersonaProfileBody,
} from '../../src/commands/updatePersonaProfile.ts';
import { createDeadline, type Deadline } from '../../src/platform/deadline.ts';
import type { Clock } from '../../src/platform/clock.ts';
import type { EventStore } from '../../src/events/eventStore.ts';
import type { PersonaRecord } from '../../src/events/types.ts';
import { manualClock } from './manualClock.ts';

export const TEST_KEY = createSecretKey(Buffer.from('the reservation key of the tests'));

/** A clock whose waits end at once. */
export const immediateClock: Clock = { now: () => new Date().toISOString(), wait: async () => {} };

/** A deadline that never passes, for a process that is stopped for good. */
export const noDeadline = (): Deadline => createDeadline(1, manualClock());

/** The write side of one process, and its callers' commands. */
export interface TestProcess {
  commands: CommandSide;
  register(body: Partial<RegisterPersonaBody>, options?: AskOptions): Promise<Outcome<PersonaRecord>>;
  update(
    cuenta: string,
    body: UpdatePersonaProfileBody,
    options?: AskOptions,
  ): Promise<Outcome<PersonaRecord>>;
}

export interface AskOptions {
  key?: string;
  bodyHash?: string;
  /** The hash that an older padron stored for the same body. */
  formerBodyHash?: string;
  deadline?: Deadline;
}

export function testProcess(store: EventStore, clock: Clock = immediateClock): TestProcess {
  const commands = createCommandSide({ store, key: TEST_KEY, clock });
  const request = (
    account: string,
    { key, bodyHash = 'same', formerBodyHash = bodyHash, deadline }: AskOptions = {},
  ): Request => ({
    ...(deadline && { deadline }),
    actor: { account, role: 'admin' },
    requestId: 'request',
    correlationId: 'correlation',
    ifMatch: null,
    key:
      key === undefined
        ? null
        : { value: key, route: 'test', bodyHash, formerBodyHash: () => formerBodyHash },
  });
  return {
    commands,
    register: (body, options) => {
      const whole = { nombres: 'Ana', apellidos: 'Ruiz', dni: '1', cuenta: 'ana', ...body };
      return commands.handle(registerPersona, whole, request('admin', options));
    },
    update: (cuenta, body, options) => commands.handle(updatePersonaProfile, body, request(cuenta, options)),
  };
}

/** «done», or the code of the rejection. */
export const codeOf = (outcome: Outcome<unknown>): string =>
  outcome.outcome === 'done' ? 'done' : outcome.rejection.code;
