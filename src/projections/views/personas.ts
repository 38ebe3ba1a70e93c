import { normalDni } from '../../domain/dni.ts';
import { persona } from '../../domain/persona.ts';
import type { PersonaRecord } from '../../events/types.ts';
import { searchText } from './search.ts';
import type { DocumentView } from '../ports/view.ts';

/** The persons, by id. */
export const personas: DocumentView<PersonaRecord> = {
  name: 'personas',
  version: 2,
  aggregate: persona,
  lookups: ['dni', 'cuenta'],
  searchTextOf: ({ nombres, apellidos, dni }) => searchText(nombres, apellidos, dni, normalDni(dni)),
};
