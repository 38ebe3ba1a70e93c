import { startCli, type CliRun } from './cli.ts';
import { eventually } from './eventually.ts';
import { SECRET } from './tokens.ts';

export interface Reply {
  status: number;
  headers: Headers;
  body: unknown;
}

export interface Ask {
  token: string;
  body?: object;
  headers?: Record<string, string>;
  /** How long the answer may take, in milliseconds; default: 10 s. */
  withinMs?: number;
}

/** One of several `padron serve` with the same stores. */
export interface Instance {
  url: string;
  /** Rejects if there is no answer in time. */
  send(method: string, path: string, ask: Ask): Promise<Reply>;
  /** Whether it maintains a view, according to its log lines. */
  runs(view: string): boolean;
  /** Whether its process has ended, for whatever reason. */
  hasEnded(): boolean;
  signal(name: 'SIGSTOP' | 'SIGCONT' | 'SIGTERM'): void;
  /** Kills it (kill -9) unless it has ended; settles when it is gone. */
  kill(): Promise<CliRun>;
}

const TIMEOUT_MS = 10_000;

/** Starts an instance and waits until it is ready. */
export async function startInstance(environment: Record<string, string>): Promise<Instance> {
  const {
    process: child,
    output,
    ended,
  } = startCli(['serve'], {
    PORT: '0',
    JWT_SECRET: SECRET,
    RATE_LIMIT: 'off',
    // These tests read the log without the instances, and have no folder for a key.
    SEALING: 'off',
    ...environment,
  });
  const url = await eventually(
    'the instance is ready',
    () => {
      if (child.exitCode !== null) throw new Error(`ended: ${output.stdout}${output.stderr}`);
      return output.stdout.includes('"msg":"ready"') && /"url":"([^"]+)"/.exec(output.stdout)?.[1];
    },
    20_000,
  ).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw new Error(`${String(error)}; it has printed: ${output.stdout}${output.stderr}`);
  });
  return {
    url,
    async send(method, path, { token, body, headers = {}, withinMs = TIMEOUT_MS }) {
      const answer = await fetch(url + path, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body ? { 'content-type': 'application/json' } : {}),
          ...headers,
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
        signal: AbortSignal.timeout(withinMs),
      });
      return { status: answer.status, headers: answer.headers, body: await answer.json() };
    },
    runs(view) {
      const lines = output.stdout.split('\n').filter((line) => line.includes(`"view":"${view}","fence":`));
      return lines.at(-1)?.includes('"msg":"maintains the projection"') ?? false;
    },
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    signal: (name) => child.kill(name),
    kill() {
      child.kill('SIGKILL');
      return ended;
    },
  };
}
