/** The stand-in's log of all events: EventStoreDB's rules for streams, revisions and repeats, in memory. */

export interface Proposed {
  id: string;
  type: string;
  contentType: string;
  data: Uint8Array;
  metadata: Uint8Array;
}

export interface Entry extends Proposed {
  stream: string;
  revision: number;
  position: bigint;
  /** The number of entries before it in the log. */
  index: number;
  /** 100 ns ticks since the Unix epoch. */
  created: string;
}

export type Expected = 'any' | 'no_stream' | 'stream_exists' | number;

export type Outcome =
  /**
   * `position` is null for a recognised repeat on a deleted stream. The append is in every log that has the first `upTo` entries.
   */
  | { kind: 'written'; revision: number; position: bigint | null; upTo: number }
  /** `current` is -1 for a stream that never had an event. */
  | { kind: 'wrong version'; expected: Expected; current: number }
  | { kind: 'deleted' }
  | { kind: 'too big' }
  /** The ids are in the stream, but in another order: the server reports an error. */
  | { kind: 'corrupt' };

export interface Stream {
  entries: Entry[];
  /** Events before this revision are deleted. */
  truncateBefore: number;
  softDeleted: boolean;
  tombstoned: boolean;
}

export const MAX_APPEND_BYTES = 1024 * 1024;
const RECORD_OVERHEAD = 110;

export class Log {
  readonly entries: Entry[] = [];
  readonly #streams = new Map<string, Stream>();
  #end = 0n;

  constructor() {
    // A real log does not start with a client's event either.
    this.#write('$$$settings', [system('$metadata')]);
  }

  /** The position at which the next event will stand. */
  get end(): bigint {
    return this.#end;
  }

  /** The readable part of the stream; null if it never existed or is deleted. */
  readable(name: string): Stream | null {
    const stream = this.#streams.get(name);
    return stream && (stream.tombstoned || !stream.softDeleted) ? stream : null;
  }

  /** Removes all entries but the first `count`, like a node that joins a leader with a shorter log. */
  truncate(count: number): void {
    const removed = this.entries.splice(count);
    if (removed[0]) this.#end = removed[0].position;
    for (const { stream } of removed.reverse()) {
      const left = this.#streams.get(stream)?.entries;
      left?.pop();
      if (left?.length === 0) this.#streams.delete(stream);
    }
  }

  append(name: string, expected: Expected, events: readonly Proposed[]): Outcome {
    const stream = this.#streams.get(name);
    if (stream?.tombstoned) return { kind: 'deleted' };
    if (stream?.softDeleted && expected === 'stream_exists') return { kind: 'deleted' };
    if (events.length === 0) return { kind: 'written', revision: 0, position: this.#end, upTo: 0 };
    if (events.reduce((sum, e) => sum + e.data.length + e.metadata.length, 0) > MAX_APPEND_BYTES) {
      return { kind: 'too big' };
    }
    const standing = stream?.entries ?? [];
    const current = standing.length - 1;
    if (expected === 'any' || expected === 'stream_exists') {
      if (expected === 'stream_exists' && current < 0) return { kind: 'wrong version', expected, current };
      const first = standing.findLastIndex((e) => e.id === events[0]?.id);
      if (first < 0) return this.#written(name, events);
      return standsAt(standing, first, events) ? repeated(stream, first, events) : { kind: 'corrupt' };
    }
    const before = expected === 'no_stream' ? -1 : expected;
    if (before === current) return this.#written(name, events);
    if (before < current && standsAt(standing, before + 1, events))
      return repeated(stream, before + 1, events);
    if (expected === 'no_stream' && stream?.softDeleted) return this.#written(name, events);
    return { kind: 'wrong version', expected, current };
  }

  /** Deletes until the next append (soft), or permanently (`tombstone`). */
  delete(name: string, expected: Expected, tombstone: boolean): Outcome {
    const stream = this.#streams.get(name) ?? this.#create(name);
    const current = stream.entries.length - 1;
    if (stream.tombstoned) return { kind: 'deleted' };
    if (expected === 'no_stream' ? current >= 0 : typeof expected === 'number' && expected !== current) {
      return { kind: 'wrong version', expected, current };
    }
    stream.softDeleted = true;
    stream.truncateBefore = current + 1;
    const last = this.#write(tombstone ? name : `$$${name}`, [
      system(tombstone ? '$streamDeleted' : '$metadata'),
    ]);
    stream.tombstoned = tombstone;
    return written(last, last.position);
  }

  #written(name: string, events: readonly Proposed[]): Outcome {
    const last = this.#write(name, events);
    return written(last, last.position);
  }

  #write(name: string, events: readonly Proposed[]): Entry {
    const stream = this.#streams.get(name) ?? this.#create(name);
    stream.softDeleted = false;
    const created = `${Date.now()}0000`;
    for (const event of events) {
      const entry = {
        ...event,
        stream: name,
        revision: stream.entries.length,
        position: this.#end,
        index: this.entries.length,
        created,
      };
      stream.entries.push(entry);
      this.entries.push(entry);
      this.#end += BigInt(RECORD_OVERHEAD + name.length + event.data.length + event.metadata.length);
    }
    return stream.entries.at(-1) as Entry;
  }

  #create(name: string): Stream {
    const stream = { entries: [], truncateBefore: 0, softDeleted: false, tombstoned: false };
    this.#streams.set(name, stream);
    return stream;
  }
}

function standsAt(standing: readonly Entry[], from: number, events: readonly Proposed[]): boolean {
  return events.every((event, i) => standing[from + i]?.id === event.id);
}

function repeated(stream: Stream | undefined, from: number, events: readonly Proposed[]): Outcome {
  const last = stream?.entries[from + events.length - 1] as Entry;
  return written(last, stream?.softDeleted ? null : last.position);
}

const written = ({ revision, index }: Entry, position: bigint | null): Outcome => ({
  kind: 'written',
  revision,
  position,
  upTo: index + 1,
});

function system(type: string): Proposed {
  const data = Buffer.from('{}');
  return { id: crypto.randomUUID(), type, contentType: 'application/json', data, metadata: new Uint8Array() };
}

/** The part of the log that a node shows: its first `count` entries. */
export interface View {
  entries: readonly Entry[];
  /** The position at which the next event will stand. */
  end: bigint;
  readable(name: string): Stream | null;
}

export function viewOf(log: Log, count: number): View {
  const next = log.entries[count];
  if (!next) return { entries: log.entries, end: log.end, readable: (name) => log.readable(name) };
  return {
    entries: log.entries.slice(0, count),
    end: next.position,
    readable(name) {
      const stream = log.readable(name);
      const entries = stream?.entries.filter(({ index }) => index < count) ?? [];
      return stream && entries.length > 0 ? { ...stream, entries } : null;
    },
  };
}
