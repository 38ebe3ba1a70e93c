/** A job as the API answers it. */
export interface Job {
  id: string;
  kind: string;
  projection: string | null;
  state: 'running' | 'paused' | 'done' | 'failed' | 'cancelled';
  processed: number;
  share: number;
  eventsPerSecond: number;
  etaSeconds: number | null;
  startedAt: string;
  endedAt: string | null;
  error: string | null;
  differences?: Difference[];
}

export interface Difference {
  projection: string | null;
  subject: string;
  member: string | null;
  problem: string;
}

export const isUnfinished = ({ state }: Pick<Job, 'state'>): boolean =>
  state === 'running' || state === 'paused';
