import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A gate in front of a server. To the client, the server seems killed, stopped, and back again. */
export interface TcpGate {
  port: number;
  /** Cuts every connection, and each new one at once. */
  kill(): void;
  /** Lets nothing through in either direction; connections stay open, as with SIGSTOP. */
  pause(): void;
  /** Lets everything through again, beginning with the data withheld meanwhile. */
  open(): void;
  close(): Promise<void>;
}

export async function startTcpGate(target: { port: number; host?: string }): Promise<TcpGate> {
  let state: 'open' | 'paused' | 'killed' = 'open';
  const sockets = new Set<Socket>();

  const server = createServer((client) => {
    if (state === 'killed') {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(target.port, target.host ?? '127.0.0.1');
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('data', (bytes) => to.write(bytes));
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      if (state === 'paused') from.pause();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    kill() {
      state = 'killed';
      for (const socket of sockets) socket.resetAndDestroy();
    },
    pause() {
      state = 'paused';
      for (const socket of sockets) socket.pause();
    },
    open() {
      state = 'open';
      for (const socket of sockets) socket.resume();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
