import type { RecordedEvent, StreamAppend } from '../events/eventStore.ts';
import { CORRELATION_ID, registeredTracer, traced } from './traced.ts';

/** Correlation ids recorded in a batch's span, at most. */
const MAX_CORRELATIONS = 50;

/**
 * Runs `append`, in a span that names the event types if there is an OpenTelemetry SDK. Streams are left
 * out, because their names contain ids.
 */
export function tracedAppend<T>(appends: readonly StreamAppend[], append: () => Promise<T>): Promise<T> {
  if (!registeredTracer()) return append();
  const events = () => appends.flatMap((one) => one.events);
  return traced(
    {
      name: 'append',
      attributes: () => ({
        'padron.events': events().length,
        'padron.event_types': [...new Set(events().map(({ type }) => type))],
        [CORRELATION_ID]: events()[0]?.metadata.$correlationId ?? '',
      }),
    },
    append,
  );
}

/**
 * Runs `apply` in a span for a batch of events of a view. The span names the requests that caused
 * them.
 */
export function tracedBatch<T>(
  view: string,
  events: readonly RecordedEvent[],
  apply: () => Promise<T>,
): Promise<T> {
  return traced(
    {
      name: `project ${view}`,
      attributes: () => ({
        'padron.view': view,
        'padron.events': events.length,
        'padron.correlation_ids': [...new Set(events.map(({ metadata }) => metadata.$correlationId))].slice(
          0,
          MAX_CORRELATIONS,
        ),
      }),
    },
    apply,
  );
}

/** Runs `work` in a span for a job: a rebuild, a rollback or a verification. */
export function tracedJob<T>(
  job: { id: string; kind: string; projection: string | null },
  work: () => Promise<T>,
): Promise<T> {
  const view = job.projection === null ? '' : ` ${job.projection}`;
  const attributes = () => ({ 'padron.job': job.id });
  return traced({ name: `job ${job.kind}${view}`, attributes }, work);
}
