import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/** A relay in front of the server, which can cut, refuse or silence connections. */
export class Front {
  readonly #sockets = new Set<Socket>();
  readonly #backPort: number;
  #server: Server | null = null;
  #port = 0;
  #silent = false;

  constructor(backPort: number) {
    this.#backPort = backPort;
  }

  get port(): number {
    return this.#port;
  }

  /** Accepts connections; after `close`, on the same port as before. */
  async open(port = this.#port): Promise<void> {
    if (this.#server) return;
    this.#server = createServer((client) => {
      this.#relay(client, connect(this.#backPort, '127.0.0.1'));
    });
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Refuses new connections and cuts the existing ones. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    const closed = server && once(server.close(), 'close');
    this.drop();
    await closed;
  }

  /** Cuts every connection; data that was not sent yet is lost. */
  drop(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Withholds every byte in both directions for `ms`. */
  silence(ms: number): void {
    this.hold();
    setTimeout(() => {
      this.release();
    }, ms);
  }

  /** Withholds every byte in both directions until `release`. */
  hold(): void {
    this.#silent = true;
    for (const socket of this.#sockets) socket.pause();
  }

  release(): void {
    this.#silent = false;
    for (const socket of this.#sockets) socket.resume();
  }

  #relay(client: Socket, back: Socket): void {
    for (const [from, to] of [
      [client, back],
      [back, client],
    ] as const) {
      this.#sockets.add(from);
      from.setNoDelay(true);
      from.on('data', (bytes) => {
        if (to.writable && !to.write(bytes)) from.pause();
      });
      from.on('drain', () => {
        if (!this.#silent) to.resume();
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      if (this.#silent) from.pause();
    }
  }
}
