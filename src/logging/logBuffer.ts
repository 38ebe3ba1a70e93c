import { write, writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { systemClock } from '../platform/clock.ts';

/** Characters of lines that are written together. */
const BATCH = 16_000;
/** Bytes kept, give or take a batch, for a reader that is slower than the log, or has stopped reading. */
const BOUND = 16 * 1024 * 1024;
/** Until a reader that was not ready is tried again, in milliseconds: longer each time that it has taken nothing. */
const RETRY_MS = { first: 5, longest: 100 };
/** How long whoever ends waits for a reader that takes nothing, in milliseconds. */
const PATIENCE_MS = 1_000;
/** More than a write takes, in milliseconds. */
const WRITE_MS = 50;

/** Where a service's log lines go: a stream for pino that keeps them until there are many, or until it is told to flush. */
export interface LogBuffer {
  write(line: string): void;
  /** Has what there is written, without waiting for it. */
  flush(): void;
  /** The same; fulfilled when it has been written, or cannot be, or nobody has taken any of it for a second. */
  flushed(): Promise<void>;
  /**
   * The same before it returns, for a process that ends and cannot wait. What is being written just then counts as written: there is no asking
   * how much of it was.
   */
  flushSync(): void;
}

interface Batch {
  /** How many it stands for. */
  lines: number;
  /** What of it has not been written yet. */
  rest: Buffer;
}

/**
 * Gathers lines for a file descriptor: a write costs as much as twenty lines. Whoever reads them slowly keeps nobody waiting, and a log that
 * cannot be written ends nothing: lines that find no room, or cannot be written, are lost, and the next that is written stands behind one that says how many.
 * pino's own destination is left out: docs/adr/0017.
 */
export function bufferLogLines(fd: number, { bound = BOUND, patienceMs = PATIENCE_MS } = {}): LogBuffer {
  /** Not a batch yet. */
  let lines: string[] = [];
  let characters = 0;
  /** How many lines that stands for: a line about lost ones stands for them. */
  let count = 0;
  /** To be written in this order. */
  let batches: Batch[] = [];
  let bytes = 0;
  let taken = 0;
  let lost = { lines: 0, isTorn: false };
  let writing: Promise<void> | null = null;
  /** The batch that another thread is writing just now. */
  let inFlight: Batch | null = null;

  function add(line: string, standsFor: number): void {
    lines.push(line);
    characters += line.length;
    count += standsFor;
  }

  function write(line: string): void {
    if (bytes > bound) {
      lost.lines += 1;
      return;
    }
    if (lost.lines > 0) {
      add(`${lost.isTorn ? '\n' : ''}${lossLine(lost.lines)}`, lost.lines);
      lost = { lines: 0, isTorn: false };
    }
    add(line, 1);
    if (characters >= BATCH) flush();
  }

  function seal(): void {
    if (lines.length === 0) return;
    const rest = Buffer.from(lines.join(''));
    batches.push({ lines: count, rest });
    bytes += rest.length;
    lines = [];
    characters = 0;
    count = 0;
  }

  /** So much of the first batch was written. */
  function wrote(batch: Batch, count: number): void {
    batch.rest = batch.rest.subarray(count);
    bytes -= count;
    taken += count;
    if (batch.rest.length === 0) batches.shift();
  }

  /** A disk that is full may have room again for the next one. */
  function lose(batch: Batch): void {
    bytes -= batch.rest.length;
    batches.shift();
    lost = { lines: lost.lines + batch.lines, isTorn: true };
  }

  async function writeAll(): Promise<void> {
    let retryMs = RETRY_MS.first;
    for (let [batch] = batches; batch; [batch] = batches) {
      try {
        inFlight = batch;
        wrote(batch, (await writeTo(fd, batch.rest)).bytesWritten);
        retryMs = RETRY_MS.first;
      } catch (error) {
        inFlight = null;
        if (!isNotReady(error)) lose(batch);
        else await wait(retryMs);
        retryMs = Math.min(2 * retryMs, RETRY_MS.longest);
      }
    }
    inFlight = null;
    writing = null;
  }

  function flush(): void {
    seal();
    if (batches.length > 0) writing ??= writeAll();
  }

  return {
    write,
    flush,
    async flushed() {
      flush();
      while (writing) {
        const before = taken;
        const patience = new AbortController();
        const lostPatience = wait(patienceMs, true, { signal: patience.signal }).catch(() => false);
        const isIdle = await Promise.race([writing.then(() => false), lostPatience]);
        patience.abort();
        if (isIdle && taken === before) return;
        flush();
      }
    },
    flushSync() {
      seal();
      // Another thread is given the time that a write takes, so that this one's come behind it.
      if (inFlight) pause(WRITE_MS);
      const left = batches.filter((batch) => batch !== inFlight).map(({ rest }) => rest);
      batches = inFlight ? [inFlight] : [];
      bytes = inFlight?.rest.length ?? 0;
      left.every((rest) => writeSyncTo(fd, rest, patienceMs));
    },
  };
}

const lossLine = (count: number): string =>
  `{"level":40,"time":"${systemClock.now()}","lost":${count},"msg":"log lines were lost: who reads them is too slow, or they could not be written"}\n`;

const writeTo = promisify(write);

const isNotReady = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EAGAIN';

/** Writes the bytes; false when that failed, or when nobody has taken any of them for so long. */
function writeSyncTo(fd: number, bytes: Buffer, patienceMs: number): boolean {
  let waitedMs = 0;
  for (let rest = bytes; rest.length > 0;) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
      waitedMs = 0;
    } catch (error) {
      if (!isNotReady(error) || waitedMs >= patienceMs) return false;
      pause(RETRY_MS.first);
      waitedMs += RETRY_MS.first;
    }
  }
  return true;
}

/** Holds this thread. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
