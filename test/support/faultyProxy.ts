import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

/** Stands between a driver and a MongoDB server, and misbehaves on command. */
export interface FaultyProxy {
  /** The URL given to startFaultyProxy, with the proxy's address. */
  url: string;
  /** Lets the next command of this name through to the server and, when it has answered, cuts the connection instead. */
  loseNextAnswerTo(command: string): void;
  /** The commands whose answers were lost. */
  lost: string[];
  /** From now on nothing passes, while connections stay open. */
  silence(): void;
  /** Cuts every connection; new ones work. */
  cut(): void;
  close(): Promise<void>;
}

export async function startFaultyProxy(url: string): Promise<FaultyProxy> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  const toLose: string[] = [];
  const lost: string[] = [];
  let silent = false;

  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    let losing: string | undefined;
    const end = (): void => {
      for (const socket of [client, upstream]) {
        socket.destroy();
        sockets.delete(socket);
      }
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', end).on('close', end);
    }
    client.on('data', (chunk: Buffer) => {
      if (silent) return;
      const name = commandIn(chunk);
      if (name !== undefined && toLose[0] === name) losing = toLose.shift();
      upstream.write(chunk);
    });
    upstream.on('data', (chunk: Buffer) => {
      if (silent) return;
      if (losing === undefined) {
        client.write(chunk);
        return;
      }
      lost.push(losing);
      end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const own = new URL(url);
  own.port = String((server.address() as AddressInfo).port);
  own.hostname = '127.0.0.1';
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: own.href,
    loseNextAnswerTo: (command) => {
      toLose.push(command);
    },
    lost,
    silence: () => {
      silent = true;
    },
    cut,
    close: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The command of an OP_MSG: header (16 bytes), flags (4), kind of section (1), document length (4), type (1), name. */
function commandIn(chunk: Buffer): string | undefined {
  if (chunk.length < 27 || chunk.readInt32LE(12) !== 2013) return undefined;
  return chunk.toString('latin1', 26, chunk.indexOf(0, 26));
}
