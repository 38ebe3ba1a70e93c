import { readFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { EventStoreDBClient } from '@eventstore/db-client';
import { expect } from 'chai';
import { EventStoreDbServer } from '../support/eventStoreDbServer.ts';
import { appendScenarios } from '../support/eventstoredb/conformance/appends.ts';
import { readScenarios } from '../support/eventstoredb/conformance/reads.ts';
import type { Scene } from '../support/eventstoredb/conformance/steps.ts';
import { unlessSilent } from '../support/eventstoredb/conformance/steps.ts';
import { subscriptionScenarios } from '../support/eventstoredb/conformance/subscriptions.ts';
import { TRIED_VERSIONS } from '../support/eventstoredb/versions.ts';

/** Recorded from real servers 23.10.8, 24.10.4 and 25.0.0; `oneOf` where they differ. */
const EXPECTED = JSON.parse(
  readFileSync(new URL('../support/eventstoredb/conformance/expected.json', import.meta.url), 'utf8'),
) as Record<string, unknown>;

const SCENARIOS = { ...appendScenarios, ...readScenarios, ...subscriptionScenarios };

/** A real server, to see whether the recordings still hold of it. Unset: the stand-in has to answer as they do. */
const realUrl = process.env['TEST_EVENTSTORE_URL'];

describe('Recorded answers of EventStoreDB', () => {
  it('exist for each scenario', () => {
    expect(Object.keys(SCENARIOS).sort()).to.deep.equal(Object.keys(EXPECTED).sort());
  });

  if (realUrl !== undefined) answersAsRecorded('the real server', async () => ({ url: realUrl }));
  else {
    for (const version of TRIED_VERSIONS) {
      answersAsRecorded(`the stand-in as ${version}`, async () => {
        const server = await EventStoreDbServer.start({ version });
        return { url: server.url, version, close: () => server.close() };
      });
    }
  }
});

interface Served {
  url: string;
  version?: string;
  close?(): Promise<void>;
}

function answersAsRecorded(name: string, serve: () => Promise<Served>): void {
  describe(`are the same on ${name}`, () => {
    const run = randomBytes(4).toString('hex');
    let streams = 0;
    let served: Served;
    let scene: Scene;

    before(async () => {
      served = await serve();
      const client = EventStoreDBClient.connectionString(served.url);
      scene = { client, newStream: () => `conf${run}-${(streams += 1)}` };
    });
    after(async () => {
      await unlessSilent(scene.client.dispose(), 1_000);
      await served.close?.();
    });

    for (const [title, scenario] of Object.entries(SCENARIOS)) {
      it(title, async () => {
        const answer: unknown = JSON.parse(JSON.stringify(await scenario(scene)));
        expect(answer).to.be.deep.oneOf(recorded(EXPECTED[title], served.version));
      });
    }
  });
}

/** The answers that count: that of the version, or of any where the version is not known. */
function recorded(expected: unknown, version?: string): unknown[] {
  const byVersion = (expected as { oneOf?: Record<string, unknown> }).oneOf;
  if (!byVersion) return [expected];
  const known = Object.entries(byVersion).filter(
    ([versions]) => version === undefined || versions.includes(version.split('.', 2).join('.')),
  );
  return known.map(([, answer]) => answer);
}
