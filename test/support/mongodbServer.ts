import { spawn, type ChildProcess } from 'node:child_process';
import { connect } from 'node:net';
import { MongoClient } from 'mongodb';
import { eventually } from './eventually.ts';
import { freePort } from './port.ts';

/** A MongoDB server of one test, which can be killed and started again on the same data. */
export interface MongoDbServer {
  /** Without a database's name. */
  url: string;
  /** Settles when it answers. */
  start(): Promise<void>;
  /** kill -9 of all its processes; settles when they are gone. */
  kill(): Promise<void>;
}

const ROOT = new URL('../../', import.meta.url).pathname;

/** Starts the program that TEST_MONGOD names (a `mongod`) or, without it, the server of `.ci/mongodb.sh`. */
export async function startMongoDb(folder: string): Promise<MongoDbServer> {
  const port = await freePort();
  const url = `mongodb://127.0.0.1:${port}/`;
  const mongod = process.env['TEST_MONGOD'];
  const [program, ...args] = mongod
    ? [mongod, '--dbpath', folder, '--port', String(port), '--bind_ip', '127.0.0.1']
    : ['bash', '.ci/mongodb.sh', String(process.pid), folder, String(port)];
  let child: ChildProcess;

  async function start(): Promise<void> {
    // In a group of its own, so that kill() also reaches what a script has started.
    child = spawn(program, args, { cwd: ROOT, stdio: 'ignore', detached: true });
    const client = new MongoClient(url, { serverSelectionTimeoutMS: 60_000 });
    await client
      .db()
      .command({ ping: 1 })
      .finally(() => client.close());
  }

  async function kill(): Promise<void> {
    if (child.pid) process.kill(-child.pid, 'SIGKILL');
    await eventually('nobody listens on its port', () => isRefused(port));
  }

  await start();
  return { url, start, kill };
}

const isRefused = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(false);
    });
    socket.on('error', () => {
      resolve(true);
    });
  });
