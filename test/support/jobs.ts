import type { Job } from '../../src/projections/record/viewRecord.ts';

/** A job as in its record; by default a running rebuild. */
export const aJob = (members: Partial<Job> = {}): Job => ({
  id: 'personas-v3-2',
  kind: 'rebuild',
  projection: 'personas',
  generation: 2,
  state: 'running',
  processed: 0,
  share: 0,
  eventsPerSecond: 0,
  etaSeconds: null,
  startedAt: '2026-03-01T08:00:00.000Z',
  endedAt: null,
  error: null,
  ...members,
});
