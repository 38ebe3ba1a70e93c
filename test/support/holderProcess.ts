import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface HolderProcess {
  fence: number;
  /** The next line that it prints. */
  says(): Promise<string>;
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  kill(): Promise<void>;
}

/** Starts leaseHolder.ts; resolves when it holds the lease. */
export async function startHolder(
  kind: 'mongodb' | 'sqlite',
  place: string,
  name: string,
): Promise<HolderProcess> {
  const program = new URL('leaseHolder.ts', import.meta.url).pathname;
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', program, kind, place, name], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const says = async (): Promise<string> => {
    const line = await lines.next();
    if (line.done === true) throw new Error('the holder has ended');
    return line.value;
  };
  const [, fence] = (await says()).split(' ');
  return {
    fence: Number(fence),
    says,
    signal: (which) => child.kill(which),
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
