import type { Lease, Leases } from '../../src/platform/lease.ts';
import { ReadModelError } from '../../src/projections/record/readModelError.ts';
import { createCalls } from './calls.ts';
import type { Host } from './host.ts';
import { pause, type Simulation } from './simulation.ts';

/** A lease whose holder does not run is free for others after this. */
const EXPIRY_MS = 2_500;
/** The longest that a holder takes to notice that another process took its lease. */
const MAX_NOTICE_MS = 2_000;
const POLL_MS = 300;

interface Holding {
  host: Host;
  lost: AbortController;
  /** The holder knows that it holds the lease: the answer to its attempt arrived. */
  isKnown: boolean;
}

/** The leases of one run: they expire, and are taken from a healthy holder when the run says so. */
export interface LeaseOffice {
  leasesOf(host: Host): Leases;
  /** Another process may take the lease now; the holder notices later. */
  takeAway(name: string): void;
  /** To be called for a host that was killed or paused. */
  expireFor(host: Host): void;
  holderOf(name: string): Host | null;
}

export function createLeaseOffice(simulation: Simulation): LeaseOffice {
  const random = simulation.random('leases');
  const held = new Map<string, Holding>();
  let fences = 0;

  async function revoke(name: string, { host, lost }: Holding): Promise<void> {
    simulation.note(host.name, `loses the lease ${name}`);
    held.delete(name);
    await pause(simulation, random() * MAX_NOTICE_MS);
    await host.receive();
    lost.abort();
  }

  function take(name: string, host: Host): Lease {
    const holding: Holding = { host, lost: new AbortController(), isKnown: false };
    held.set(name, holding);
    fences += 1;
    simulation.note(host.name, `takes the lease ${name}`);
    void pause(simulation, EXPIRY_MS).then(() => {
      if (!holding.isKnown && held.get(name) === holding) void revoke(name, holding);
    });
    return {
      fence: fences,
      lost: holding.lost.signal,
      async release() {
        await host.send();
        if (held.get(name) === holding) held.delete(name);
        holding.lost.abort();
      },
    };
  }

  return {
    leasesOf(host) {
      const calls = createCalls(simulation, host, 'views', () => new ReadModelError('no answer'));
      const attempt = (name: string): Promise<Lease | null> =>
        calls.call(`lease ${name}`, async () => (held.has(name) || host.isDead ? null : take(name, host)));
      return {
        expiryMs: EXPIRY_MS + 1_500,
        async acquire(name, { signal }) {
          for (;;) {
            const lease = await attempt(name);
            const holding = held.get(name);
            if (lease && holding?.lost.signal === lease.lost) holding.isKnown = true;
            if (lease || signal.aborted) return lease;
            await host.timer.sleep(POLL_MS * (0.5 + random()), signal);
          }
        },
        close: async () => undefined,
      };
    },
    takeAway(name) {
      const holding = held.get(name);
      if (holding) void revoke(name, holding);
    },
    expireFor(host) {
      void pause(simulation, EXPIRY_MS).then(() => {
        if (!host.isDead && !host.isPaused) return;
        for (const [name, holding] of held) if (holding.host === host) void revoke(name, holding);
      });
    },
    holderOf: (name) => held.get(name)?.host ?? null,
  };
}
