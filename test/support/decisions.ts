import type { Aggregate } from '../../src/domain/aggregate.ts';
import type { Command, DecisionContext, Rejection } from '../../src/commands/command.ts';
import type { Actor, DomainEvent, PersonaRecord, UserRecord } from '../../src/events/types.ts';
import { SOCIA_RECORD } from './people.ts';

export const NOW = '2026-03-01T10:00:00.000Z';
export const ADMIN: Actor = { account: 'ana', role: 'admin' };
export const MONITOR: Actor = { account: 'miguel', role: 'monitor' };

/** The state that these events lead to. */
export const stateAfter = <State>(
  { evolve }: Aggregate<State>,
  events: readonly DomainEvent[],
): State | null => events.reduce<State | null>((state, event) => evolve(state, event), null);

/** `given` these events, `when` this command is decided: the resulting events, or the rejection. */
export function given<State>(aggregate: Aggregate<State>, ...events: DomainEvent[]) {
  return {
    when: <Payload>(
      command: Command<Payload, State>,
      payload: Payload,
      context: Partial<DecisionContext> = {},
    ): DomainEvent[] | Rejection =>
      command.decide(payload, stateAfter(aggregate, events), { actor: ADMIN, id: 5, now: NOW, ...context }),
  };
}

export const maria: PersonaRecord = {
  id: 5,
  nombres: 'María',
  apellidos: 'González',
  telefono: '+1234567890',
  dni: '12345678',
  foto_url: null,
  cuenta: 'maria',
  created_at: '2024-03-01T08:00:00.000Z',
};

export const socia: UserRecord = { ...SOCIA_RECORD, dni: '45678912-C' };

export const personaRegistered = (changes: Partial<PersonaRecord> = {}): DomainEvent => ({
  type: 'PersonaRegistered',
  data: { ...maria, ...changes },
});

export const userRegistered = (changes: Partial<UserRecord> = {}): DomainEvent => ({
  type: 'UserRegistered',
  data: { ...socia, ...changes },
});

export const userRemoved: DomainEvent = { type: 'UserRemoved', data: {} };
