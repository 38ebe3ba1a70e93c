import type { Config } from '../../config/config.ts';

/**
 * How long a server may take to report its state: it answers within 100 ms, whatever its stores do.
 */
const MAX_ANSWER_MS = 2_000;

/** The parts of `/health/ready` that are used here. */
interface Readiness {
  status: string;
  away?: { store: string; since: string }[];
  views: { name: string; state: string; lagSeconds: number }[];
  eventLoop?: { longestStallMs: number; during: string[] };
}

/**
 * The state of the server at the configured address, including how long a store has been
 * unreachable. Throws if a store is unreachable or the server is not ready. No server is fine:
 * `doctor` is also run next to a stopped one.
 */
export async function checkServer({ host, port }: Pick<Config, 'host' | 'port'>): Promise<string> {
  const url = `http://${hostIn(host)}:${port}`;
  const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(MAX_ANSWER_MS) }).catch(
    () => null,
  );
  if (!answer) return `none at ${url}`;
  if (answer.status === 503) throw new Error(`${url} is not ready: a view has not caught up yet`);
  const readiness = await readinessIn(answer);
  if (!readiness) return `${url} is not a padron server`;
  const { status, away = [], views, eventLoop } = readiness;
  if (away.length > 0) {
    throw new Error(
      `${url} runs without the ${away.map(({ store, since }) => `${store}, away since ${since}`).join('; and the ')}`,
    );
  }
  if (status === 'ready') return `${url} is ready${stallIn(eventLoop)}`;
  const behind = views.map(
    ({ name, state, lagSeconds }) => `${name} ${state}, ${Math.round(lagSeconds)} s behind`,
  );
  throw new Error(`${url} is degraded: ${behind.join('; ')}`);
}

/** Describes the longest stall for the operator. */
function stallIn(eventLoop: Readiness['eventLoop']): string {
  if (!eventLoop) return '';
  const { longestStallMs, during } = eventLoop;
  const what = during.length > 0 ? `, during ${during.join(', ')}` : '';
  return `; longest stall of its event loop in the last minute: ${longestStallMs} ms${what}`;
}

/** The address to connect to: this machine, if the server listens on every interface. */
const hostIn = (host: string): string =>
  host === '0.0.0.0' || host === '::' ? '127.0.0.1' : hostInUrl(host);

/** The host as URLs have it: an IPv6 address in brackets. */
export const hostInUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host);

async function readinessIn(answer: Response): Promise<Readiness | null> {
  try {
    const body = (await answer.json()) as Partial<Readiness> | null;
    return typeof body?.status === 'string' && Array.isArray(body.views) ? (body as Readiness) : null;
  } catch {
    return null;
  }
}
