import { expect } from 'chai';
import { applyRecorded, NOTHING_LOADED, type Loaded } from '../../../src/domain/aggregate.ts';
import { normalDni } from '../../../src/validation/dni.ts';
import { persona } from '../../../src/domain/persona.ts';
import type { RecordedEvent } from '../../../src/events/eventStore.ts';
import type { PersonaRecord } from '../../../src/events/types.ts';

/** All persons by stream. Throws at the first event after which two of them hold one DNI or cuenta. */
export function expectOneHolderEach(events: readonly RecordedEvent[]): Map<string, Loaded<PersonaRecord>> {
  const subjects = new Map<string, Loaded<PersonaRecord>>();
  for (const event of events.filter(({ stream }) => stream.startsWith('persona-'))) {
    subjects.set(event.stream, applyRecorded(persona, subjects.get(event.stream) ?? NOTHING_LOADED, event));
    const held = [...subjects.values()].flatMap(({ state }) =>
      state ? [`dni ${normalDni(state.dni)}`, `cuenta ${String(state.cuenta)}`] : [],
    );
    expect(held, `after ${event.type} in ${event.stream}`).to.have.lengthOf(new Set(held).size);
  }
  return subjects;
}
