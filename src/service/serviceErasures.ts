import type { CommandSide } from '../commands/handling/commandSide.ts';
import { createErasures, type Erasures, type ErasuresDependencies } from '../erasure/erasures.ts';
import { subjectOf } from '../events/streams.ts';
import type { PersonaRecord, UserRecord } from '../events/types.ts';
import type { DocumentView } from '../projections/ports/view.ts';
import type { Documents } from '../projections/reading/documents.ts';
import type { Views } from '../projections/views/allViews.ts';

/** The erasures of a running service: they also drop what it remembers of a subject. */
export function serviceErasures({
  commands,
  users,
  personas,
  views,
  store,
  readModel,
  clock,
  logger,
}: Omit<ErasuresDependencies, 'views' | 'idempotencyKeys' | 'forget'> & {
  commands: Pick<CommandSide, 'repository' | 'lookups' | 'keys'>;
  users: Pick<Documents<UserRecord>, 'note'>;
  personas: Pick<Documents<PersonaRecord>, 'note'>;
  views: Views;
}): Erasures {
  const documents = [views.personas, views.users] as DocumentView<object>[];
  return createErasures({
    store,
    readModel,
    clock,
    logger,
    views: { documents, rows: [views.history] },
    idempotencyKeys: commands.keys,
    forget(subject, decided) {
      commands.repository.forget(subject);
      commands.lookups.forget(subject);
      const of = subjectOf(subject);
      // What is answered from now on is not older.
      if (of) (of.kind === 'user' ? users : personas).note(of.id, { ...decided, state: null });
    },
  });
}
