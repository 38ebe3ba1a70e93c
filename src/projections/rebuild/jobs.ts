import {
  NO_VIEW_RECORD,
  STANDSTILL,
  withChange,
  withEnd,
  withJob,
  withRebuild,
  withRollback,
  type ViewRecord,
  type ViewRecords,
  type Job,
} from '../record/viewRecord.ts';
import type { ListImport } from '../record/listImport.ts';
import { changeViewRecord, readJob, readViewRecord } from '../record/recordAccess.ts';
import type { ViewDeclaration } from '../record/viewDeclaration.ts';

/** The pseudo-view under which verifications are recorded: they cover all views. */
export const VERIFICATIONS: ViewDeclaration = { name: 'verify', version: 1 };

/** The same for imports: one is worked on at a time. */
export const IMPORTS: ViewDeclaration = { name: 'import', version: 1 };

/** Why a job was not begun or changed. */
export type JobRefusal =
  /** No such view or job. */
  | 'unknown'
  /** Another job of the view, or another import, is unfinished. */
  | 'busy'
  /** There is no previous generation to restore. */
  | 'nothing-kept'
  /** The job has ended. */
  | 'ended';

export type Jobs = ReturnType<typeof createJobs>;

/**
 * The jobs of all views in this instance's versions. Any instance may begin, watch and change them;
 * the holder of the view's lease does the work. Every method rejects with ReadModelError if the read
 * model is unreachable.
 */
export function createJobs({
  controls,
  views,
  now,
}: {
  controls: ViewRecords;
  views: readonly ViewDeclaration[];
  /** RFC 3339 instant in UTC. */
  now(): string;
}) {
  const owners = [...views, VERIFICATIONS, IMPORTS];
  const ownerOf = (id: string): ViewDeclaration | undefined =>
    owners.find(({ name, version }) => id.startsWith(`${name}-v${version}-`));

  /** Changes the record and returns its newest job, or why it was not changed. */
  async function change(
    of: ViewDeclaration,
    decide: (control: ViewRecord) => ViewRecord | JobRefusal,
  ): Promise<Job | JobRefusal> {
    let refusal: JobRefusal = 'unknown';
    function decided(control: ViewRecord): ViewRecord | null {
      const next = decide(control);
      if (typeof next !== 'string') return next;
      refusal = next;
      return null;
    }
    const changed = await changeViewRecord(controls, of, decided, NO_VIEW_RECORD);
    return changed?.jobs[0] ?? refusal;
  }

  async function changeJob(
    id: string,
    decide: (control: ViewRecord) => ViewRecord | null,
  ): Promise<Job | JobRefusal> {
    const owner = ownerOf(id);
    if (!owner) return 'unknown';
    return change(owner, (control) =>
      control.jobs.some((job) => job.id === id) ? (decide(control) ?? 'ended') : 'unknown',
    );
  }

  async function ofView(
    name: string,
    decide: (control: ViewRecord, view: ViewDeclaration) => ViewRecord | JobRefusal,
  ): Promise<Job | JobRefusal> {
    const view = views.find((one) => one.name === name);
    if (!view) return 'unknown';
    // A view without a record is about to be built for the first time.
    return change(view, (control) => (control === NO_VIEW_RECORD ? 'busy' : decide(control, view)));
  }

  /** The import that this request began; null if it is unknown or no longer remembered. */
  async function importOf(request: string): Promise<Job | null> {
    const record = await readViewRecord(controls, IMPORTS);
    return (record && importIn(record, request)) ?? null;
  }

  return {
    /** Of several concurrent calls one begins a job; the others get `busy`. */
    rebuild: (name: string) => ofView(name, (control, view) => withRebuild(control, view, now()) ?? 'busy'),
    rollback: (name: string) => ofView(name, (control, view) => withRollback(control, view, now())),
    verify: () =>
      change(
        VERIFICATIONS,
        (control) => withJob(control, VERIFICATIONS, { kind: 'verify' }, now()) ?? 'busy',
      ),
    /** The instance with the list does the work. Returns an earlier import with the same `request`. */
    async import(list: ListImport): Promise<Job | JobRefusal> {
      const about = { kind: 'import', import: list } as const;
      const begun = await change(IMPORTS, (control) =>
        importIn(control, list.request) ? 'busy' : (withJob(control, IMPORTS, about, now()) ?? 'busy'),
      );
      const earlier = begun === 'busy' && list.request !== undefined ? await importOf(list.request) : null;
      return earlier ?? begun;
    },
    importOf,

    /** All remembered jobs, newest first. */
    async list(): Promise<Job[]> {
      const records = await Promise.all(owners.map((one) => readViewRecord(controls, one)));
      const jobs = records.flatMap((record) => record?.jobs ?? []);
      return jobs.sort((a, b) => (a.startedAt < b.startedAt ? 1 : a.startedAt > b.startedAt ? -1 : 0));
    },
    async get(id: string): Promise<Job | null> {
      const owner = ownerOf(id);
      return owner ? readJob(controls, owner, id) : null;
    },

    /** No effect on a paused job. */
    pause: (id: string) =>
      changeJob(id, (control) => withChange(control, id, { state: 'paused', ...STANDSTILL })),
    /** No effect on a running job. */
    resume: (id: string) => changeJob(id, (control) => withChange(control, id, { state: 'running' })),
    cancel: (id: string) => changeJob(id, (control) => withEnd(control, id, 'cancelled', now())),
  };
}

const importIn = ({ jobs }: ViewRecord, request: string | undefined): Job | undefined =>
  request === undefined ? undefined : jobs.find((job) => job.import?.request === request);
