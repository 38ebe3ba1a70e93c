import { expect } from 'chai';
import { createRollThread } from '../../src/embedded/roll/rollThread.ts';
import type { EmbeddedFiles } from '../../src/embedded/threads/workerThread.ts';
import { failureOf } from '../events/contract/steps.ts';

describe('A thread that cannot be started', () => {
  it('rejects the work on a roll', async () => {
    // A function cannot be passed to a thread, so starting it throws as it does without free threads.
    const keys = (() => undefined) as unknown as NonNullable<EmbeddedFiles['keys']>;
    const { doWork } = createRollThread({ eventsFile: 'events.db', viewsFolder: 'views', keys });
    const pieces = doWork({ kind: 'users', what: 'summary', horizons: [] });
    expect(await failureOf(pieces.next())).to.include({ name: 'ReadModelError' });
  });
});
