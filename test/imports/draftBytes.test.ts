import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { NO_REVISION, type EventStore } from '../../src/events/eventStore.ts';
import { newEvent, systemOrigin } from '../../src/events/newEvent.ts';
import { draftStore } from '../../src/imports/dryRun/draftStore.ts';
import { SOCIA_RECORD } from '../support/people.ts';

/** The open files of this process, where the system shows them. */
const DESCRIPTORS = '/proc/self/fd';
const EMAIL = 'rosalinda@example.org';
/** More than SQLite holds in memory. */
const PEOPLE = 4_000;

/** What is in the open files that have no name any more. */
function unnamedFiles(): Buffer[] {
  return readdirSync(DESCRIPTORS).flatMap((descriptor) => {
    const path = join(DESCRIPTORS, descriptor);
    try {
      const target = readlinkSync(path);
      return target.startsWith('/') && target.endsWith(' (deleted)') ? [readFileSync(path)] : [];
    } catch {
      return []; // Closed meanwhile.
    }
  });
}

const streamOf = (id: number): string => `user-${id}`;

(existsSync(DESCRIPTORS) ? describe : describe.skip)('The temporary file of a dry run', () => {
  let store: EventStore;

  beforeEach(async () => {
    store = draftStore(null);
    for (let id = 1; id <= PEOPLE; id += 1) {
      const data = { ...SOCIA_RECORD, IdUsuario: id, email: EMAIL };
      const origin = systemOrigin(randomUUID());
      const at = '2026-03-12T08:00:00.000Z';
      const events = [newEvent(randomUUID(), { type: 'UserRegistered', data }, origin, at)];
      await store.append([{ stream: streamOf(id), expected: NO_REVISION, events }]);
    }
  });
  afterEach(() => store.close());

  it('holds the drafts of many people, and nothing of what they say', async () => {
    const files = unnamedFiles();
    expect(files.some((bytes) => bytes.includes(streamOf(1)))).to.equal(true);
    for (const text of [EMAIL, SOCIA_RECORD.nombre, SOCIA_RECORD.dni, SOCIA_RECORD.password]) {
      expect(
        files.some((bytes) => bytes.includes(text)),
        text,
      ).to.equal(false);
    }
    const [first] = await store.readStream(streamOf(1), { limit: 1 });
    expect(first?.data).to.include({ email: EMAIL });
  });
});
