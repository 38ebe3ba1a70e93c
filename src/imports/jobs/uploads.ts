import { readdirSync } from 'node:fs';
import { open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makePrivateFolder } from '../../platform/files/privateFolder.ts';
import { isThere } from '../../platform/files/isThere.ts';
import { StoreError } from '../../platform/storeError.ts';
import { timeOrderedId } from '../../platform/timeOrderedId.ts';
import { ListError } from '../list/listError.ts';
import type { ImportOrder } from './importOrder.ts';

/** An unused upload is removed this many milliseconds after the last write to it. */
const MAX_UNUSED_MS = 5 * 60_000;

/** Default of the largest list, in bytes: about 100,000 users as CSV. */
export const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;

const PRIVATE = 0o600;

/** The disk does not give an upload at the moment; a retry is safe. */
export class UploadError extends StoreError {}

/** The error for an upload that could not be read: only one that is not there, or not whole, is lost. */
export function uploadError(cause: unknown): unknown {
  if (cause instanceof SyntaxError) return new ListError('upload-lost');
  const { code, syscall } = cause as NodeJS.ErrnoException;
  if (syscall === undefined) return cause;
  if (code === 'ENOENT' || code === 'ENOTDIR') return new ListError('upload-lost');
  return new UploadError(`the uploaded list cannot be read at the moment (${String(code)})`, { cause });
}

/** Uploaded lists on this instance's disk, readable by its user only. */
export interface Uploads {
  /**
   * Stores a list of at most `maxBytes` and returns the upload's name; null for a longer one. Rejects,
   * leaving nothing behind, if `bytes` or the disk fails. Until `release` the upload is not swept.
   */
  receive(bytes: AsyncIterable<Buffer>, maxBytes: number): Promise<string | null>;
  /** The file with the list. */
  fileOf(upload: string): string;
  has(upload: string): boolean;
  /** Whether there are any uploads. */
  any(): boolean;
  /** Stores the caller's options next to the list. */
  saveOrder(upload: string, order: ImportOrder): Promise<void>;
  /** Rejects with ListError if it is lost, with UploadError if a retry may help. */
  orderOf(upload: string): Promise<ImportOrder>;
  /** Call when the request with the upload has ended. */
  release(upload: string): void;
  remove(upload: string): Promise<void>;
  /** Removes stale uploads of earlier processes, except `unfinished`. */
  sweep(unfinished: string | null): Promise<void>;
}

/** `now` in milliseconds since 1970, to be compared with the times of files. */
export function createUploads(folder: string, now: () => number = Date.now): Uploads {
  const inUse = new Set<string>();
  const pathOf = (upload: string): string => join(folder, upload);
  const fileOf = (upload: string): string => join(pathOf(upload), 'list');
  const orderFileOf = (upload: string): string => join(pathOf(upload), 'order.json');

  async function write(file: string, bytes: AsyncIterable<Buffer>, maxBytes: number): Promise<boolean> {
    const handle = await open(file, 'wx', PRIVATE);
    try {
      let size = 0;
      for await (const chunk of bytes) {
        size += chunk.length;
        if (size > maxBytes) return false;
        await handle.writeFile(chunk);
      }
      await handle.datasync();
      return true;
    } finally {
      await handle.close();
    }
  }

  async function remove(upload: string): Promise<void> {
    inUse.delete(upload);
    await rm(pathOf(upload), { recursive: true, force: true });
  }

  return {
    async receive(bytes, maxBytes) {
      const upload = timeOrderedId();
      inUse.add(upload);
      let isWhole = false;
      try {
        makePrivateFolder(pathOf(upload));
        isWhole = await write(fileOf(upload), bytes, maxBytes);
        return isWhole ? upload : null;
      } finally {
        if (!isWhole) await remove(upload);
      }
    },
    fileOf,
    has: (upload) => isThere(fileOf(upload)),
    any: () => isThere(folder) && readdirSync(folder).length > 0,
    saveOrder: (upload, order) =>
      writeFile(orderFileOf(upload), JSON.stringify(order), { mode: PRIVATE, flush: true }),
    async orderOf(upload) {
      try {
        return JSON.parse(await readFile(orderFileOf(upload), 'utf8')) as ImportOrder;
      } catch (error) {
        throw uploadError(error);
      }
    },
    release(upload) {
      inUse.delete(upload);
    },
    remove,
    async sweep(unfinished) {
      for (const upload of await readdir(folder).catch(() => [])) {
        if (upload === unfinished || inUse.has(upload)) continue;
        const written = await stat(fileOf(upload)).catch(() => stat(pathOf(upload)).catch(() => null));
        if (written && now() - written.mtimeMs >= MAX_UNUSED_MS) await remove(upload);
      }
    },
  };
}
