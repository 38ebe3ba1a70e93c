import type { CommandSide } from '../commands/handling/commandSide.ts';
import { createErasures, type Erasures } from '../erasure/erasures.ts';
import { subjectOf } from '../events/streams.ts';
import { VIEWS, viewsByKind } from '../projections/views/allViews.ts';
import { entriesOnRolls } from '../roll/named/erasedEntries.ts';
import type { WatchedStores } from '../availability/watchedStores.ts';
import type { ReadSide } from './readSide.ts';
import type { ServiceOptions } from './serviceOptions.ts';

/** The erasures of a running service: they also drop what it remembers of a subject. */
export function serviceErasures(
  { views = VIEWS, clock, logger }: ServiceOptions,
  {
    store,
    readModel,
    users,
    personas,
    commands,
  }: Pick<WatchedStores, 'store' | 'readModel'> &
    Pick<ReadSide, 'users' | 'personas'> & { commands: CommandSide },
): Erasures {
  const { documentViews, rowViews } = viewsByKind(views);
  return createErasures({
    store,
    readModel,
    clock,
    logger,
    views: { documents: documentViews, rows: rowViews },
    idempotencyKeys: commands.keys,
    entriesOnRolls: (subject, options) => entriesOnRolls(store, subject, options),
    forget(subject, decided) {
      commands.repository.forget(subject);
      commands.lookups.forget(subject);
      const of = subjectOf(subject);
      // What is answered from now on is not older.
      if (of) (of.kind === 'user' ? users : personas).remember(of.id, { ...decided, state: null });
    },
  });
}
