import { EventStoreDBClient } from '@eventstore/db-client';
import { EventStoreError } from '../../../eventStore.ts';
import { isSilence, within } from '../failures.ts';

/** Members of the client that are protected in its types, and as they are in 6.2.1, the last release. */
interface Internals {
  supports: () => Promise<boolean>;
  handleError: (grpcClient: { getChannel(): Channel }, error: Error) => Promise<void>;
  createChannel: () => Promise<Channel>;
  getChannel: () => Promise<Channel>;
}

interface Channel {
  close(): void;
}

const CLOSE_MS = 1000;
/** How long a connection that may not be there yet is looked at. */
const LOOK_MS = 20;
/** The client's own 5 s are half of what a request has. */
const GOSSIP_TIMEOUT_S = 1;
/** gRPC's code for a node that cannot be reached. */
const UNAVAILABLE = 14;

/** When each channel was made, in milliseconds on the monotonic clock. */
const madeAt = new WeakMap<Channel, number>();

/**
 * A client for a connection string, which is passed on as it is: hosts, TLS, certificates, credentials. Nothing connects
 * yet. kurrentdb:// is another name for esdb://. Two things differ from the client as it comes (docs/adr/0010):
 * - appends take the unary call, not the shared batch stream, and no call asks for the server's features;
 * - the client's own repair of its channel, which nobody awaits, cannot end the process when discovery fails meanwhile.
 *
 * Throws EventStoreError for a malformed string, without the string: it may hold a password.
 */
export function createClient(url: string): EventStoreDBClient {
  const client = parse(url);
  const internals = client as unknown as Internals;
  const repair = internals.handleError;
  const createChannel = internals.createChannel;
  internals.createChannel = async () => {
    const channel = await createChannel();
    madeAt.set(channel, performance.now());
    return channel;
  };
  internals.supports = async () => false;
  internals.handleError = async (grpcClient, error) => {
    try {
      await repair(grpcClient, error);
    } catch {
      // The call that waits for the same discovery gets this error and reports it.
    }
  };
  return client;
}

/**
 * Leaves the node that did not answer a call since `begun`: the client itself only leaves one that is unavailable, and would
 * wait for a paused node until its keepalive gives up. False where `error` is something other than silence, or another call
 * has left already.
 */
export async function leaveSilentNode(
  client: EventStoreDBClient,
  error: unknown,
  begun: number,
): Promise<boolean> {
  return isSilence(error) && leaveNode(client, begun);
}

/**
 * Gives up the connection, unless it was made after `begun`: the next call connects to the same node again, or to the one
 * that discovery finds in a cluster. Calls under way on it fail and are repeated. Returns whether there was one to give up.
 */
export async function leaveNode(client: EventStoreDBClient, begun: number): Promise<boolean> {
  const { getChannel, handleError } = client as unknown as Internals;
  // A channel that is only being looked for has nothing to leave.
  const channel = await within(LOOK_MS, getChannel()).catch(() => null);
  if (!channel || (madeAt.get(channel) ?? 0) > begun) return false;
  const unavailable = Object.assign(new Error('no answer'), { code: UNAVAILABLE, details: 'no answer' });
  await handleError({ getChannel: () => channel }, unavailable);
  return true;
}

/**
 * Cancels what still runs and closes the connection, which the client's own dispose() leaves open. Each step has a time
 * limit: a call that the client never finishes does not hold up the process.
 */
export async function closeClient(client: EventStoreDBClient): Promise<void> {
  await within(CLOSE_MS, client.dispose()).catch(() => undefined);
  const { getChannel } = client as unknown as Internals;
  const closed = getChannel().then((channel) => {
    channel.close();
  });
  // Without a server there is none to close, and a cluster is searched for one.
  await within(CLOSE_MS, closed).catch(() => undefined);
}

function parse(url: string): EventStoreDBClient {
  try {
    return EventStoreDBClient.connectionString(withDefaults(url.trim()));
  } catch {
    throw new EventStoreError(
      'EventStoreDB: the connection string is malformed, or a file that it names is missing',
      {
        outcomeUnknown: false,
      },
    );
  }
}

/** What the client understands: its own scheme, and a short wait for a node that says nothing when a cluster is searched. */
function withDefaults(url: string): string {
  const own = url.replace(/^kurrentdb(?=[+:])/, 'esdb');
  if (/[?&]gossip[_-]?timeout=/i.test(own)) return own;
  return `${own}${own.includes('?') ? '&' : '?'}gossipTimeout=${GOSSIP_TIMEOUT_S}`;
}

/** Whether a connection string names a cluster: several hosts, or a name to discover them by. */
export const namesCluster = (url: string): boolean => /^[a-z]+\+discover:|^[^?]*,/.test(url.trim());
