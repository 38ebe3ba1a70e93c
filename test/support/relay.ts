import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP relay in front of a server, which can cut a client off from it. */
export interface Relay {
  port: number;
  /** Ends all connections and refuses new ones, until `heal`. */
  cutOff(): void;
  /** Lets connections through again, to the same server or to one on another port. */
  heal(port?: number): void;
  close(): Promise<void>;
}

/** Starts a relay on a free port to a server on this machine. */
export async function startRelay(targetPort: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  let isCut = false;
  let target = targetPort;
  const server = createServer((client) => {
    if (isCut) {
      client.destroy();
      return;
    }
    const upstream = connect(target, '127.0.0.1');
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
    client.pipe(upstream).pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cutOff() {
      isCut = true;
      cut();
    },
    heal(port = target) {
      target = port;
      isCut = false;
    },
    async close() {
      isCut = true;
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
