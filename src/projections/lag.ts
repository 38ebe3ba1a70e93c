import type { EventStore, Position } from '../events/eventStore.ts';
import type { Projection } from './projection.ts';
import type { Runner, RunnerState } from './runner.ts';

/** A view that is being kept up to date. */
export interface LiveView {
  name: string;
  version: number;
  projection: Pick<Projection, 'checkpoint'>;
  runner: Runner;
}

export interface ViewHealth {
  name: string;
  version: number;
  state: RunnerState;
  position: Position | null;
  /** Age of the oldest event that is not applied yet, in seconds; 0 when level. */
  lagSeconds: number;
  lastError: string | null;
}

/** How far a view is behind the log. `now` is an RFC 3339 instant. */
export async function healthOf(
  { name, version, projection, runner }: LiveView,
  store: EventStore,
  now: string,
): Promise<ViewHealth> {
  const checkpoint = await projection.checkpoint();
  const position = checkpoint?.position ?? null;
  const [next] = await store.readAll(position, 1);
  const lagSeconds = next ? Math.max(0, (Date.parse(now) - Date.parse(next.metadata.occurredAt)) / 1_000) : 0;
  const { state, lastError } = runner.status();
  return { name, version, state, position, lagSeconds, lastError };
}
