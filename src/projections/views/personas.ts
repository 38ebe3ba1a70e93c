import { normalDni } from '../../validation/dni.ts';
import { persona } from '../../domain/persona.ts';
import { PERSONA_MEMBERS, viewVersionOf } from '../../domain/members.ts';
import type { PersonaRecord } from '../../events/types.ts';
import { SEARCH_TEXT_SINCE, searchText } from './search.ts';
import type { DocumentView } from '../ports/view.ts';

/** The persons, by id. */
export const personas: DocumentView<PersonaRecord> = {
  name: 'personas',
  version: Math.max(viewVersionOf(PERSONA_MEMBERS), SEARCH_TEXT_SINCE),
  aggregate: persona,
  lookups: ['dni', 'cuenta'],
  searchTextOf: ({ nombres, apellidos, dni }) => searchText(nombres, apellidos, dni, normalDni(dni)),
};
