import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startInstance, type Instance } from '../../support/instance.ts';
import { startRelay, type Relay } from '../../support/relay.ts';

/** A folder that gets what each process has printed. */
const LOGS = process.env['CAMPAIGN_LOGS'];

/** One of the three instances, across its restarts, with a relay to each store of its own. */
export interface Member {
  readonly name: string;
  /** Null while it is killed. */
  instance: Instance | null;
  /** Counts restarts: what an instance has shown counts for that process only. */
  life: number;
  /** A fault is on: nobody can expect an answer in time. */
  isFaulty: boolean;
  /** When its last fault ended, on the monotonic clock. */
  faultEndedAt: number;
  relays: readonly Relay[];
  kill(): Promise<void>;
  start(): Promise<void>;
}

export async function startMember(
  name: string,
  ports: { events: number; views: number; viewsPath: string },
): Promise<Member> {
  const [events, views] = [await startRelay(ports.events), await startRelay(ports.views)];
  const environment = {
    EVENTSTORE_URL: `esdb://127.0.0.1:${events.port}?tls=false`,
    MONGODB_URL: `mongodb://127.0.0.1:${views.port}${ports.viewsPath}`,
  };
  const member: Member = {
    name,
    instance: null,
    life: 0,
    isFaulty: false,
    faultEndedAt: 0,
    relays: [events, views],
    async kill() {
      const { instance } = member;
      member.instance = null;
      const run = await instance?.kill();
      if (LOGS && run) writeFileSync(join(LOGS, `${name}-${member.life}.log`), run.stdout + run.stderr);
    },
    async start() {
      member.instance = await startInstance(environment);
      member.life += 1;
    },
  };
  await member.start();
  return member;
}
