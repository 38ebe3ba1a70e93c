import { readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { systemClock } from '../../../platform/clock.ts';
import { isThere } from '../../../platform/files/isThere.ts';
import { makePrivateFolder } from '../../../platform/files/privateFolder.ts';
import { UNSYNCED_MARK } from '../../../platform/sqlite/unsyncedWriting.ts';
import type { OpenOptions, ReadModel } from '../../ports/readModel.ts';
import { changeViewRecord } from '../../record/recordAccess.ts';
import { DamagedViewError, GoneGenerationError, ReadModelError } from '../../record/readModelError.ts';
import type { ViewDeclaration } from '../../record/viewDeclaration.ts';
import {
  neededGenerations,
  NO_VIEW_RECORD,
  withoutGeneration,
  type ViewRecord,
} from '../../record/viewRecord.ts';
import { openControls } from './controls.ts';
import { openGeneration } from './documents/documentGeneration.ts';
import type { GenerationFile } from './generation/checkpointTable.ts';
import { guardFor, type OnDamaged } from './generation/guarded.ts';
import { openSqliteLeases } from '../../../platform/sqlite/leases.ts';
import { openRowGeneration } from './rows/rowGeneration.ts';

type OpenFile<Store> = (file: string, onDamaged: OnDamaged) => Store;

/** The files of a SQLite database in any journal mode, and its mark. */
const FILE_ENDINGS = ['', '-wal', '-shm', '-journal', UNSYNCED_MARK];

/**
 * The views as SQLite files in `folder`, which is created if missing. `cacheMiB` is the page cache of
 * each document view: little is enough to read from end to end. Throws if a file cannot be opened.
 */
export function openSqliteReadModel({ folder, cacheMiB }: { folder: string; cacheMiB?: number }): ReadModel {
  const inFolder = guardFor(folder);
  inFolder.now(() => {
    makePrivateFolder(folder);
  });
  const controls = openControls(join(folder, 'control.db'), (view, generation) => {
    return opened.get(nameOf(view))?.get(generation)?.checkpointNow() ?? null;
  });
  const leases = openSqliteLeases({ folder });
  /** Open generations, by view and number. */
  const opened = new Map<string, Map<number, GenerationFile>>();
  let closed = false;

  const fileOf = (view: ViewDeclaration, generation: number): string =>
    join(folder, `${nameOf(view)}-g${generation}.db`);

  function openOnce<Store extends GenerationFile>(
    view: ViewDeclaration,
    generation: number,
    openFile: OpenFile<Store>,
    { mustExist = false }: OpenOptions = {},
  ): Store {
    if (closed) throw new ReadModelError('the read model is closed');
    const generations = opened.get(nameOf(view)) ?? new Map<number, GenerationFile>();
    const file = fileOf(view, generation);
    if (mustExist && !inFolder.now(() => isThere(file))) throw missing(view, generation);
    const known = generations.get(generation);
    if (known) return known as Store;
    const store = openFile(file, (error) => {
      setAside(view, generation, error);
    });
    opened.set(nameOf(view), generations.set(generation, store));
    return store;
  }

  /** The current generation is never dropped: without its file, its data is lost. */
  function missing(view: ViewDeclaration, generation: number): ReadModelError {
    if (controls.current(view)?.live !== generation) return new GoneGenerationError(nameOf(view), generation);
    const file = basename(fileOf(view, generation));
    const lost = new DamagedViewError(`the read model failed: ${file} is missing`);
    setAside(view, generation, lost);
    return lost;
  }

  /**
   * Stops showing a damaged generation and rebuilds it; other views are not affected. If the record
   * cannot be written either, the next call that meets the damage retries.
   */
  function setAside(view: ViewDeclaration, generation: number, { message }: Error): void {
    const about = { generation, reason: message, at: systemClock.now() };
    const changing = changeViewRecord(controls, view, (control) => withoutGeneration(control, view, about));
    changing.catch(() => undefined);
  }

  /** The current generation; null if there is none. */
  function currentOf<Store extends GenerationFile>(
    view: ViewDeclaration,
    openFile: OpenFile<Store>,
  ): Store | null {
    if (closed) throw new ReadModelError('the read model is closed');
    const control = controls.current(view) ?? NO_VIEW_RECORD;
    closeDropped(view, control);
    if (control.live === null) return null;
    const known = opened.get(nameOf(view))?.get(control.live) as Store | undefined;
    return known ?? openOnce(view, control.live, openFile, { mustExist: true });
  }

  /** Closes files that another thread or process has deleted: while open here they take disk space. */
  function closeDropped(view: ViewDeclaration, control: ViewRecord): void {
    const generations = opened.get(nameOf(view));
    if (!generations || generations.size < 2) return;
    const needed = neededGenerations(control);
    for (const [generation, store] of generations) {
      if (needed.includes(generation) || inFolder.now(() => isThere(fileOf(view, generation)))) continue;
      generations.delete(generation);
      closeQuietly(store);
    }
  }

  /**
   * Reads of the current generation. One that is dropped during a call fails it: then the one that is
   * current by now is asked.
   */
  function followCurrent<Store extends GenerationFile>(view: ViewDeclaration, openFile: OpenFile<Store>) {
    const current = (): Store | null => currentOf(view, openFile);
    async function read<Answer>(ask: (store: Store) => Promise<Answer>): Promise<Answer> {
      for (;;) {
        const store = current();
        if (!store) throw new ReadModelError(`the view ${view.name} is not built yet`);
        try {
          return await ask(store);
        } catch (error) {
          const next = current();
          if (next === null || next === store) throw error;
        }
      }
    }
    return { checkpoint: async () => (await current()?.checkpoint()) ?? null, read };
  }

  return {
    leases,
    controls,
    shown(view) {
      const { checkpoint, read } = followCurrent(view, openingOf(view, cacheMiB));
      return {
        checkpoint,
        load: (ids) => read((store) => store.load(ids)),
        lookUp: (name, value) => read((store) => store.lookUp(name, value)),
        page: (query) => read((store) => store.page(query)),
        unfindable: (documents) => read((store) => store.unfindable(documents)),
        scan: (stretch) => read((store) => store.scan(stretch)),
        ids: (stretch) => read((store) => store.ids(stretch)),
        parked: (stretch) => read((store) => store.parked(stretch)),
        countParked: () => read((store) => store.countParked()),
      };
    },
    shownRows(view) {
      const { checkpoint, read } = followCurrent(view, openRowGeneration);
      return {
        checkpoint,
        find: (query) => read((store) => store.find(query)),
        scan: (stretch) => read((store) => store.scan(stretch)),
        misplaced: (rows) => read((store) => store.misplaced(rows)),
        countEntries: (upTo) => read((store) => store.countEntries(upTo)),
      };
    },
    open: async (view, generation, options) => openOnce(view, generation, openingOf(view, cacheMiB), options),
    openRows: async (view, generation, options) => openOnce(view, generation, openRowGeneration, options),
    /** Includes those of which only side files are left: a process was killed while it dropped or wrote them. */
    generations: (view) =>
      inFolder(() => {
        const pattern = new RegExp(`^${nameOf(view)}-g(\\d+)\\.db(${FILE_ENDINGS.join('|')})$`);
        const numbers = readdirSync(folder).flatMap((file) => pattern.exec(file)?.[1] ?? []);
        return [...new Set(numbers.map(Number))].sort((a, b) => a - b);
      }),
    drop: (view, generation) =>
      inFolder(() => {
        const generations = opened.get(nameOf(view));
        closeQuietly(generations?.get(generation));
        generations?.delete(generation);
        for (const ending of FILE_ENDINGS) rmSync(`${fileOf(view, generation)}${ending}`, { force: true });
      }),
    async close() {
      if (closed) return;
      closed = true;
      await leases.close();
      for (const generations of opened.values()) [...generations.values()].forEach(closeQuietly);
      opened.clear();
      controls.close();
    },
  };
}

const openingOf =
  ({ lookups }: ViewDeclaration, cacheMiB?: number) =>
  (file: string, onDamaged: OnDamaged) =>
    openGeneration(file, onDamaged, lookups, cacheMiB);

const nameOf = ({ name, version }: ViewDeclaration): string => `${name}-v${version}`;

/**
 * Ignores a file that cannot be closed (it is damaged, or its disk fails), so that the others are
 * closed. It holds nothing that cannot be rebuilt.
 */
function closeQuietly(store: GenerationFile | undefined): void {
  try {
    store?.close();
  } catch {
    // Closed as far as possible.
  }
}
