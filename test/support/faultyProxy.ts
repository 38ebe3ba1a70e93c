import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import type { Document } from 'mongodb';
import { BSON } from 'mongodb';

/** A proxy between a driver and a MongoDB server that misbehaves on command. */
export interface FaultyProxy {
  /** The URL given to startFaultyProxy, with the proxy's address. */
  url: string;
  /** Passes the next command of this name to the server, and cuts the connection instead of passing on the answer. */
  loseNextAnswerTo(command: string): void;
  /** Passes the next command of this name to the server and withholds its answer; the connection stays open. */
  keepNextAnswerTo(command: string): void;
  /** Withholds the next command that contains this text until the returned function is called. */
  holdBack(text: string): () => void;
  /** Cuts the connection instead of passing on a command that contains this text, as often as said. */
  cutAt(text: string, times: number): void;
  /** Whether a command is being withheld. */
  isHolding(): boolean;
  /** The commands whose answers were lost or withheld. */
  lost: string[];
  /** The write concerns that commands carried, in order. */
  writeConcerns: unknown[];
  /** From now on nothing passes; connections stay open. */
  silence(): void;
  /** Cuts every connection; new ones work. */
  cut(): void;
  close(): Promise<void>;
}

/** With `asRouter` the server appears as the router of a sharded cluster of replica sets. */
export async function startFaultyProxy(url: string, { asRouter = false } = {}): Promise<FaultyProxy> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  const toLose: string[] = [];
  const toKeep: string[] = [];
  let toHold: string | undefined;
  let toCut = { text: '', left: 0 };
  let held: (() => void) | undefined;
  const lost: string[] = [];
  const writeConcerns: unknown[] = [];
  let silent = false;

  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    let losing: string | undefined;
    let keeping: string | undefined;
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
      if (name !== undefined && toKeep[0] === name) keeping = toKeep.shift();
      const concern: unknown = name === undefined ? undefined : documentIn(chunk, 21)['writeConcern'];
      if (concern !== undefined) writeConcerns.push(concern);
      if (toCut.left > 0 && chunk.includes(toCut.text)) {
        toCut.left -= 1;
        end();
        return;
      }
      if (toHold !== undefined && chunk.includes(toHold)) {
        toHold = undefined;
        held = () => upstream.write(chunk);
        return;
      }
      upstream.write(chunk);
    });
    upstream.on('data', (chunk: Buffer) => {
      if (silent) return;
      if (keeping !== undefined) {
        lost.push(keeping);
        keeping = undefined;
        return;
      }
      if (losing === undefined) {
        client.write(asRouter ? withRouter(chunk) : chunk);
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
    keepNextAnswerTo: (command) => {
      toKeep.push(command);
    },
    holdBack: (text) => {
      toHold = text;
      return () => {
        held?.();
        held = undefined;
      };
    },
    cutAt: (text, times) => {
      toCut = { text, left: times };
    },
    isHolding: () => held !== undefined,
    lost,
    writeConcerns,
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

const documentIn = (chunk: Buffer, at: number): Document =>
  BSON.deserialize(chunk.subarray(at), { allowObjectSmallerThanBufferSize: true });

/** Marks the answer to hello, an OP_REPLY or an OP_MSG, as a router's. */
function withRouter(chunk: Buffer): Buffer {
  const at = chunk.readInt32LE(12) === 1 ? 36 : 21;
  if (!chunk.includes('maxWriteBatchSize')) return chunk;
  const hello = BSON.serialize({ ...documentIn(chunk, at), msg: 'isdbgrid' });
  const marked = Buffer.concat([chunk.subarray(0, at), hello]);
  marked.writeInt32LE(marked.length, 0);
  return marked;
}
