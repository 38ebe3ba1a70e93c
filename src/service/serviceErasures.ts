import type { CommandSide } from '../commands/handling/commandSide.ts';
import { createErasures, type Erasures, type ErasuresDependencies } from '../erasure/erasures.ts';
import { subjectOf } from '../events/streams.ts';
import { VIEWS, viewsByKind, type Views } from '../projections/views/allViews.ts';
import { entriesOnRolls, withStreamOf } from '../roll/named/erasedEntries.ts';
import type { WatchedStores } from '../availability/watchedStores.ts';
import type { ReadSide } from './readSide.ts';
import type { ServiceOptions } from './serviceOptions.ts';

interface ErasureParts extends Pick<
  ErasuresDependencies,
  'store' | 'readModel' | 'clock' | 'logger' | 'forget'
> {
  commands: Pick<CommandSide, 'keys'>;
  views?: Views;
}

/** The erasures over the stores of a process. `views`: those of this version of padron. */
export function erasuresOver({ commands, views = VIEWS, ...parts }: ErasureParts): Erasures {
  return createErasures({
    ...parts,
    views: viewsByKind(views),
    idempotencyKeys: commands.keys,
    entriesOnRolls: (subject, events, options) =>
      entriesOnRolls(withStreamOf(parts.store, events), subject, options),
  });
}

/** The erasures of a running service, which also drop its cached state of a subject. */
export function serviceErasures(
  { views, clock, logger }: ServiceOptions,
  {
    store,
    readModel,
    users,
    personas,
    commands,
  }: Pick<WatchedStores, 'store' | 'readModel'> &
    Pick<ReadSide, 'users' | 'personas'> & { commands: CommandSide },
): Erasures {
  return erasuresOver({
    store,
    readModel,
    ...(views ? { views } : {}),
    clock,
    logger,
    commands,
    forget(subject, decided) {
      commands.repository.forget(subject);
      commands.lookups.forget(subject);
      const of = subjectOf(subject);
      // Later answers must not be older than the erasure.
      if (of) (of.kind === 'user' ? users : personas).remember(of.id, { ...decided, state: null });
    },
  });
}
