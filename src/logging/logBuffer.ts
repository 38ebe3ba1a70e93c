import { write, writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { systemClock } from '../platform/clock.ts';

/** Characters written together. */
const BATCH_LENGTH = 16_000;
/** Bytes buffered, give or take a batch, for a slow or stopped reader. */
const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;
/** Pause before a busy reader is retried, in milliseconds, growing while it takes nothing. */
const RETRY_MS = { first: 5, max: 100 };
/** How long the end of the process waits for a reader that takes nothing, in milliseconds. */
const MAX_SILENT_MS = 1_000;
/** Longer than a write takes, in milliseconds. */
const MAX_WRITE_MS = 50;

/**
 * The destination of log lines: a stream for pino that buffers them until there are many, or until
 * it is flushed.
 */
export interface LogBuffer {
  write(line: string): void;
  /** Starts writing what is buffered, without waiting. */
  flush(): void;
  /**
   * Starts writing what is buffered. Resolves when it is written or cannot be, or when the reader
   * has taken nothing for a second.
   */
  flushed(): Promise<void>;
  /**
   * Writes what is buffered before it returns, for a process that ends. A write already in progress
   * counts as complete, because its progress cannot be queried.
   */
  flushSync(): void;
}

interface Batch {
  /** The number of lines in it. */
  lines: number;
  /** The part that is not written yet. */
  rest: Buffer;
}

/**
 * Buffers lines for a file descriptor: a write costs as much as twenty lines. A slow reader never
 * blocks the service and a failing descriptor never ends it. Lines that do not fit the buffer or
 * cannot be written are dropped; the next successful write is preceded by a line that says how
 * many. Why not pino's own destination: docs/adr/0017.
 */
export function bufferLogLines(
  fd: number,
  { bound = MAX_BUFFERED_BYTES, readerTimeoutMs = MAX_SILENT_MS } = {},
): LogBuffer {
  /** Not yet a batch. */
  let lines: string[] = [];
  let characters = 0;
  /** The number of lines these stand for: a line about lost ones counts for them. */
  let count = 0;
  /** To be written in this order. */
  let batches: Batch[] = [];
  let bytes = 0;
  let taken = 0;
  let lost = { lines: 0, isTorn: false };
  let writing: Promise<void> | null = null;
  /** The batch being written by another thread. */
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
    if (characters >= BATCH_LENGTH) flush();
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

  /** Records that part of the first batch was written. */
  function wrote(batch: Batch, count: number): void {
    batch.rest = batch.rest.subarray(count);
    bytes -= count;
    taken += count;
    if (batch.rest.length === 0) batches.shift();
  }

  /** Drops a batch: a full disk may have room again for the next one. */
  function dropBatch(batch: Batch): void {
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
        if (!isNotReady(error)) dropBatch(batch);
        else await wait(retryMs);
        retryMs = Math.min(2 * retryMs, RETRY_MS.max);
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
        const timer = new AbortController();
        const timedOut = wait(readerTimeoutMs, true, { signal: timer.signal }).catch(() => false);
        const isIdle = await Promise.race([writing.then(() => false), timedOut]);
        timer.abort();
        if (isIdle && taken === before) return;
        flush();
      }
    },
    flushSync() {
      seal();
      // Gives the other thread time to finish its write, so that this one comes after it.
      if (inFlight) pause(MAX_WRITE_MS);
      const left = batches.filter((batch) => batch !== inFlight).map(({ rest }) => rest);
      batches = inFlight ? [inFlight] : [];
      bytes = inFlight?.rest.length ?? 0;
      left.every((rest) => writeSyncTo(fd, rest, readerTimeoutMs));
    },
  };
}

const lossLine = (count: number): string =>
  `{"level":40,"time":"${systemClock.now()}","lost":${count},"msg":"log lines were lost: the reader is too slow, or they could not be written"}\n`;

const writeTo = promisify(write);

const isNotReady = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EAGAIN';

/** Writes the bytes; false if that failed, or if the reader has taken nothing for `readerTimeoutMs`. */
function writeSyncTo(fd: number, bytes: Buffer, readerTimeoutMs: number): boolean {
  let waitedMs = 0;
  for (let rest = bytes; rest.length > 0;) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
      waitedMs = 0;
    } catch (error) {
      if (!isNotReady(error) || waitedMs >= readerTimeoutMs) return false;
      pause(RETRY_MS.first);
      waitedMs += RETRY_MS.first;
    }
  }
  return true;
}

/** Blocks this thread. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
