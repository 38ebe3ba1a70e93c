import { normalDni } from '../../validation/dni.ts';
import { persona } from '../../domain/persona.ts';
import { PERSONA_MEMBERS, viewVersionOf } from '../../domain/members.ts';
import type { PersonaRecord } from '../../events/types.ts';
import { searchText } from './search.ts';
import type { DocumentView } from '../ports/view.ts';

/** The persons, by id. */
export const personas: DocumentView<PersonaRecord> = {
  name: 'personas',
  version: viewVersionOf(PERSONA_MEMBERS),
  aggregate: persona,
  lookups: ['dni', 'cuenta'],
  searchTextOf: ({ nombres, apellidos, dni }) => searchText(nombres, apellidos, dni, normalDni(dni)),
};
