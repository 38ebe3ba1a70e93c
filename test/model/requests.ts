import type { Outcome, Request } from '../../src/commands/command.ts';
import { registerPersona } from '../../src/commands/registerPersona.ts';
import { updatePersonaProfile } from '../../src/commands/updatePersonaProfile.ts';
import { COMMAND_LIMIT_MS } from '../../src/commands/loading/waits.ts';
import { createDeadline } from '../../src/platform/deadline.ts';
import type { PersonaRecord } from '../../src/events/types.ts';
import type { Instance } from './instance.ts';
import type { Simulation } from './simulation.ts';

/** What a client asks for. With a key it may be sent several times and is applied once. */
export interface Ask {
  kind: 'register' | 'update';
  cuenta: string;
  dni: string | null;
  /** Null: one that no other request has. */
  telefono: string | null;
  key: string | null;
}

/** A request as it was sent, and what came of it. Times are virtual milliseconds. */
export interface Sent {
  /** The id of the request, which its events carry. */
  id: string;
  ask: Ask;
  instance: string;
  startedAt: number;
  /** Infinity while there is no answer. */
  endedAt: number;
  /** `done`, the code of a rejection, `failed` when a store did not answer; null while there is no answer. */
  outcome: string | null;
  revision: number | null;
  /** The process was killed or paused meanwhile: nobody can expect an answer in time. */
  isExcused: boolean;
}

/** Sends one request to one instance, and notes there what was acknowledged, as the HTTP routes do. */
export async function send(
  simulation: Simulation,
  instance: Instance,
  ask: Ask,
  id: string,
  journal: Sent[],
): Promise<Sent> {
  const { host, documents } = instance;
  const { clock, note } = simulation;
  const sent: Sent = {
    id,
    ask,
    instance: host.name,
    startedAt: clock.now(),
    endedAt: Infinity,
    outcome: null,
    revision: null,
    isExcused: false,
  };
  journal.push(sent);
  note(host.name, `request ${id}: ${JSON.stringify(ask)}`);
  try {
    const outcome = await perform(instance, ask, id);
    sent.outcome = outcome.outcome === 'done' ? 'done' : outcome.rejection.code;
    if (outcome.outcome === 'done') {
      sent.revision = outcome.revision;
      documents.remember(outcome.id, outcome);
    }
  } catch {
    sent.outcome = 'failed';
  }
  sent.endedAt = clock.now();
  note(host.name, `request ${id}: ${sent.outcome} ${sent.revision ?? ''}`);
  return sent;
}

function perform({ commands, host }: Instance, ask: Ask, id: string): Promise<Outcome<PersonaRecord>> {
  const { kind, cuenta, dni, key } = ask;
  const telefono = ask.telefono ?? `own-${id}`;
  const bodyHash = JSON.stringify(ask);
  const request: Request = {
    actor: { account: kind === 'register' ? 'admin' : cuenta, role: 'admin' },
    requestId: id,
    correlationId: id,
    ifMatch: null,
    key: key === null ? null : { value: key, route: kind, bodyHash, formerBodyHash: () => bodyHash },
    deadline: createDeadline(COMMAND_LIMIT_MS, host.timer),
  };
  if (kind === 'update') {
    return commands.handle(updatePersonaProfile, { telefono, ...(dni !== null && { dni }) }, request);
  }
  const body = { nombres: 'Ana', apellidos: 'Ruiz', dni: dni ?? `dni-${id}`, cuenta, telefono };
  return commands.handle(registerPersona, body, request);
}
