import type { KeyObject } from 'node:crypto';
import type { CommandSide } from '../commands/handling/commandSide.ts';
import type { EventStore, Position } from '../events/eventStore.ts';
import { derivedKey } from '../events/identifiers.ts';
import type { PersonaRecord, UserRecord } from '../events/types.ts';
import { createHistory, type History } from '../history/history.ts';
import type { ReadModel } from '../projections/ports/readModel.ts';
import type { DocumentView } from '../projections/ports/view.ts';
import { createDocuments, type Documents } from '../projections/reading/documents.ts';
import { VIEWS } from '../projections/views/allViews.ts';
import type { StoresAway } from '../availability/watchedStores.ts';
import { createRollReaders } from '../roll/reading/rollReaders.ts';
import type { ServiceOptions } from './serviceOptions.ts';

interface ReadSideParts {
  store: EventStore;
  readModel: ReadModel;
  away(): StoresAway;
  commands: CommandSide;
  key: KeyObject;
  /** The end of the log when the service started. */
  startedAt: Position | null;
}

export interface ReadSide {
  history: History;
  personas: Documents<PersonaRecord>;
  users: Documents<UserRecord>;
  rolls: ReturnType<typeof createRollReaders>;
}

/** The read side: the documents, the history and the rolls. */
export function createReadSide(
  { config, clock, views = VIEWS }: ServiceOptions,
  { store, readModel, away, commands, key, startedAt }: ReadSideParts,
): ReadSide {
  const maxWaitMs = config.readYourWritesMs;
  const isEventStoreAway = (): boolean => away().eventStore !== null;
  const history = createHistory({
    rows: readModel.shownRows(views.history),
    key: derivedKey(key, 'history cursors'),
    clock,
    maxWaitMs,
    startedAt,
    isEventStoreAway,
  });
  const documentsOf = <Body extends object>(view: DocumentView<Body>): Documents<Body> =>
    createDocuments({
      view,
      viewReader: readModel.shown(view),
      ...commands,
      store,
      clock,
      maxWaitMs,
      startedAt,
      isEventStoreAway,
      onNote: history.note,
    });
  return {
    history,
    personas: documentsOf(views.personas),
    users: documentsOf(views.users),
    rolls: createRollReaders({ readModel, views, store, clock, maxWaitMs }),
  };
}
