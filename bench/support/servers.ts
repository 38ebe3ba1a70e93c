import { fork, spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

export const SECRET = 'a secret for benches only, long enough';
const ROOT = new URL('../../', import.meta.url).pathname;

export interface Running {
  url: string;
  process: ChildProcess;
  stop(): Promise<void>;
}

/** What is still there when the bench ends, and has to go. */
const folders: string[] = [];
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is removed when the bench ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'padron-bench-'));
  folders.push(folder);
  return folder;
}

/** Runs the built `padron` to its end, with these flags of node; returns its output. */
export function padron(
  args: readonly string[],
  dataDir: string,
  flags: readonly string[] = nodeFlags(),
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...flags, join(ROOT, 'bin/padron.js'), ...args], {
      env: environmentOf({ DATA_DIR: dataDir, JWT_SECRET: SECRET }),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
    });
    child.on('exit', (code) => {
      if (code === 0) resolve(printed);
      else reject(new Error(`padron ${args[0] ?? ''} ended with ${String(code)}`));
    });
  });
}

/** Writes `count` lines into a file of the folder. */
export function linesFile(folder: string, name: string, count: number, line: (n: number) => string): string {
  const file = join(folder, name);
  const chunks: string[] = [];
  for (let n = 1; n <= count; n += 1) chunks.push(`${line(n)}\n`);
  writeFileSync(file, chunks.join(''));
  return file;
}

export interface ServeOptions {
  /** A module that is loaded before padron; it may exchange messages with this process. */
  probe?: string;
  /** In addition to the variables of every bench; null unsets a variable. */
  environment?: Record<string, string | null>;
}

/** Starts the built server on a folder of its own and waits until it is ready. Its log goes to a file. */
export async function servePadron(
  dataDir: string,
  { probe, environment = {} }: ServeOptions = {},
): Promise<Running> {
  const logFile = join(dataDir, `serve-${randomUUID()}.log`);
  const log = openSync(logFile, 'a');
  const flags = [...nodeFlags(), ...(probe === undefined ? [] : ['--import', probe])];
  const settings = { DATA_DIR: dataDir, JWT_SECRET: SECRET, PORT: '0', RATE_LIMIT: 'off', ...environment };
  const child = spawn(process.execPath, [...flags, join(ROOT, 'bin/padron.js'), 'serve'], {
    env: environmentOf(settings),
    stdio: ['ignore', log, log, ...(probe === undefined ? [] : (['ipc'] as const))],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  for (;;) {
    const printed = readFileSync(logFile, 'utf8');
    if (child.exitCode !== null) throw new Error(printed);
    const url = /"url":"([^"]+)","msg":"listening"/.exec(printed)?.[1];
    const answer = url ? await fetch(`${url}/health/ready`).catch(() => null) : null;
    if (url && answer?.status === 200) return { url, process: child, stop: () => ended(child) };
    await wait(50);
  }
}

/** On the embedded stores: EVENTSTORE_URL and MONGODB_URL are for the parts of benches that measure the adapters. */
const EMBEDDED = { EVENTSTORE_URL: null, MONGODB_URL: null };

/** This process's environment with these settings; null unsets a variable. */
function environmentOf(settings: Record<string, string | null>): Record<string, string> {
  const all: Record<string, string | null | undefined> = { ...process.env, ...EMBEDDED, ...settings };
  return Object.fromEntries(
    Object.entries(all).filter((one): one is [string, string] => typeof one[1] === 'string'),
  );
}

/** BENCH_NODE_FLAGS passes flags to the server's node: --cpu-prof and the like. */
const nodeFlags = (): string[] => process.env['BENCH_NODE_FLAGS']?.split(' ').filter(Boolean) ?? [];

/** Starts the echo baseline in a process of its own. */
export function serveEcho(): Promise<Running> {
  const child = fork(new URL('./echoServer.ts', import.meta.url));
  return new Promise((resolve) => {
    child.once('message', (message) => {
      resolve({ url: (message as { url: string }).url, process: child, stop: () => ended(child) });
    });
  });
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => {
      resolve();
    });
    child.kill('SIGTERM');
  });
}

/** Resident memory of a process in MiB. */
export const residentMiB = (pid: number): number =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024);

/** Clock ticks per second in /proc; 100 on every Linux that Node runs on. */
const TICKS = 100;

/** Processor time that a process has used, in seconds: user and system. */
export function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}
