import type { Deadline } from '../../src/platform/deadline.ts';
import type { Host, StoreName } from './host.ts';
import { anyDelay } from './random.ts';
import { pause, type Simulation } from './simulation.ts';

/** How a store reports that a call did not succeed. `outcomeUnknown`: it may have been done. */
export type ErrorOf = (outcomeUnknown: boolean) => Error;

/** The longest that a call takes to fail against a store that does not answer. */
const MAX_SILENCE_MS = 10_000;
/** The longest after its caller gave up that a call is still done. */
export const MAX_LATE_MS = 3_000;

/** Calls from one host to one store. Each may be slow, fail, lose its answer, or be done after its caller gave up. */
export interface Calls {
  call<T>(what: string, work: () => Promise<T>, deadline?: Deadline): Promise<T>;
  /** Rejects, sooner or later, when the connection to the store fails at this moment. */
  connected(signal: AbortSignal): Promise<void>;
}

export function createCalls(simulation: Simulation, host: Host, store: StoreName, errorOf: ErrorOf): Calls {
  const { name, random } = host;
  const { note } = simulation;

  function fate(): 'prompt' | 'failed' | 'lost' | 'late' {
    const { failed, lost, late } = simulation.weather;
    const drawn = random();
    if (drawn < failed) return 'failed';
    if (drawn < failed + lost) return 'lost';
    return drawn < failed + lost + late ? 'late' : 'prompt';
  }

  async function refuseWhileCutOff(): Promise<void> {
    if (!host.isCutOff(store)) return;
    await host.timer.sleep(anyDelay(random, MAX_SILENCE_MS), new AbortController().signal);
    throw errorOf(true);
  }

  async function doLater(what: string, work: () => Promise<unknown>): Promise<void> {
    await pause(simulation, anyDelay(random, MAX_LATE_MS));
    note(name, `${what}: done late`);
    await work().catch(() => undefined);
    simulation.stored();
  }

  async function attempt<T>(what: string, work: () => Promise<T>): Promise<T> {
    await refuseWhileCutOff();
    const drawn = fate();
    await host.send();
    if (drawn === 'failed') {
      note(name, `${what}: fails`);
      throw errorOf(false);
    }
    if (drawn === 'late') {
      void doLater(what, work);
      await host.receive();
      note(name, `${what}: given up`);
      throw errorOf(true);
    }
    const answer = await work();
    simulation.stored();
    note(name, `${what}: done${drawn === 'lost' ? ', answer lost' : ''}`);
    await host.receive();
    if (drawn === 'lost') throw errorOf(true);
    return answer;
  }

  return {
    call: (what, work, deadline) =>
      deadline ? before(deadline, errorOf, attempt(what, work)) : attempt(what, work),
    async connected(signal) {
      await refuseWhileCutOff();
      await host.receive(signal);
      if (!signal.aborted && fate() === 'failed') {
        note(name, `connection to the ${store}: fails`);
        throw errorOf(false);
      }
    },
  };
}

/** What `answer` settles with; rejects at the deadline. What is under way by then is still done. */
async function before<T>({ signal }: Deadline, errorOf: ErrorOf, answer: Promise<T>): Promise<T> {
  let onAbort = (): void => undefined;
  const over = new Promise<never>((_, reject) => {
    onAbort = () => {
      reject(errorOf(true));
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
  });
  try {
    return await Promise.race([answer, over]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

type AsyncMethods = Record<string, unknown>;

/** `port` with each of its methods called through `calls`, whatever methods it has. All of them must be asynchronous. */
export function throughCalls<Port extends object>(port: Port, about: string, calls: Calls): Port {
  const methods = Object.entries(port as AsyncMethods).map(([name, value]) => {
    if (typeof value !== 'function') return [name, value] as const;
    const method = value as (...given: unknown[]) => Promise<unknown>;
    return [
      name,
      (...given: unknown[]) =>
        calls.call(`${about} ${name}${firstOf(given)}`, () => method(...given), deadlineIn(given)),
    ] as const;
  });
  return Object.fromEntries(methods) as Port;
}

/** The first argument, for the trace, where it is a name or a number. */
const firstOf = ([first]: unknown[]): string =>
  typeof first === 'string' || typeof first === 'number' ? ` ${first}` : '';

function deadlineIn(given: readonly unknown[]): Deadline | undefined {
  const last = given.at(-1) as { deadline?: Deadline } | null | undefined;
  return typeof last === 'object' ? last?.deadline : undefined;
}
