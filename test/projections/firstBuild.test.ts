import { expect } from 'chai';
import {
  NO_VIEW_RECORD,
  unfinished,
  withChange,
  withEnd,
  withRebuild,
  type ViewRecord,
} from '../../src/projections/record/viewRecord.ts';
import {
  createFirstBuilds,
  reportOfFirstBuild,
  type FirstBuilds,
} from '../../src/projections/maintaining/firstBuild.ts';
import type { RecordedEvent } from '../../src/events/eventStore.ts';

const USERS = { name: 'users', version: 1 };

/** A view that is not shown, after so many builds that failed. */
function failedBuilds(count: number, before = NO_VIEW_RECORD): ViewRecord {
  let control = before;
  for (let build = 0; build < count; build += 1) {
    control = withRebuild(control, USERS, 'now')!;
    control = withEnd(control, control.jobs[0]!.id, 'failed', 'now', { error: 'user-1@1 is too much' })!;
  }
  return control;
}

describe('The first build of a view', () => {
  let now: number;
  let skips: number;
  let builds: FirstBuilds;

  beforeEach(() => {
    now = 0;
    skips = 0;
    builds = createFirstBuilds({
      store: {
        readStream: async () => (skips === 0 ? [] : [{ revision: skips - 1 } as RecordedEvent]),
      },
      timer: { now: () => now },
    });
  });

  /** The process has started: what comes is not its first look. */
  const started = (control = withRebuild(NO_VIEW_RECORD, USERS, 'now')!): Promise<boolean> =>
    builds.isDue(control);

  it('is not started again while it is under way or when the view is current', async () => {
    expect(await started()).to.equal(false);
    expect(await builds.isDue({ ...failedBuilds(3), live: 1 })).to.equal(false);
  });

  it('restarts at once when the process starts', async () => {
    expect(await builds.isDue(failedBuilds(9))).to.equal(true);
  });

  it('restarts after a pause that grows with each failure, to at most five minutes', async () => {
    await started();
    const pauses: number[] = [];
    for (const failures of [1, 2, 3, 15]) {
      const control = failedBuilds(failures);
      const since = now;
      while (!(await builds.isDue(control))) now += 1_000;
      pauses.push(now - since);
    }
    expect(pauses).to.deep.equal([2_000, 4_000, 8_000, 300_000]);
  });

  it('restarts after a short pause when earlier rebuilds of a view that became damaged had succeeded', async () => {
    await started();
    let rebuilt = NO_VIEW_RECORD;
    for (let job = 1; job <= 15; job += 1) {
      const control = withRebuild(rebuilt, USERS, 'now')!;
      rebuilt = withEnd(control, control.jobs[0]!.id, 'done', 'now')!;
    }
    const control = failedBuilds(1, rebuilt);
    expect(await builds.isDue(control)).to.equal(false);
    now += 2_000;
    expect(await builds.isDue(control)).to.equal(true);
  });

  it('restarts at once when an event has been skipped since', async () => {
    await started();
    const control = failedBuilds(15);
    expect(await builds.isDue(control)).to.equal(false);
    skips += 1;
    expect(await builds.isDue(control)).to.equal(true);
  });

  it('is reported by its job: why it failed, was cancelled, is paused or makes no progress', () => {
    const running = withRebuild(NO_VIEW_RECORD, USERS, 'now')!;
    const { id } = unfinished(running)!;
    const reportOf = (control: ViewRecord | null): object => reportOfFirstBuild(control);
    expect(reportOf(NO_VIEW_RECORD)).to.deep.equal({ state: 'catching-up', lastError: null });
    expect(reportOf(running)).to.deep.equal({ state: 'catching-up', lastError: null });
    expect(reportOf(withChange(running, id, { error: 'no answer' }))).to.deep.equal({
      state: 'stalled',
      lastError: 'no answer',
    });
    expect(reportOf(withChange(running, id, { state: 'paused' }))).to.deep.equal({
      state: 'catching-up',
      lastError: 'its first build, users-v1-1, is paused',
    });
    expect(reportOf(withEnd(running, id, 'cancelled', 'now'))).to.deep.equal({
      state: 'stalled',
      lastError: 'its first build, users-v1-1, was cancelled',
    });
    const failed = failedBuilds(1);
    expect(reportOf(failed)).to.deep.equal({ state: 'stalled', lastError: 'user-1@1 is too much' });
    expect(reportOf(withRebuild(failed, USERS, 'now')), 'the next one has not met it yet').to.deep.equal({
      state: 'catching-up',
      lastError: 'user-1@1 is too much',
    });
  });
});
