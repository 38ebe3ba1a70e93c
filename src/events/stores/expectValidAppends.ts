import { NO_REVISION, type StreamAppend } from '../eventStore.ts';

/**
 * Throws TypeError for appends that no store accepts: a stream without events or named twice, or an invalid
 * revision.
 */
export function expectValidAppends(appends: readonly StreamAppend[]): void {
  const streams = new Set<string>();
  for (const { stream, expected, events } of appends) {
    if (streams.has(stream)) throw new TypeError('an append names each stream once');
    streams.add(stream);
    if (events.length === 0) throw new TypeError('an append needs at least one event for each stream');
    if (!Number.isSafeInteger(expected) || expected < NO_REVISION) {
      throw new TypeError('an append expects a revision, or none yet');
    }
  }
}
