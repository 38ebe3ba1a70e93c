import { EventStoreDBClient } from '@eventstore/db-client';
import { EventStoreRefusedError } from '../../../eventErrors.ts';
import { isSilence, within } from '../calls/failures.ts';

/** Client members that its types declare protected, as they are in 6.2.1, the last release. */
interface Internals {
  supports: () => Promise<boolean>;
  handleError: (grpcClient: { getChannel(): Channel }, error: Error) => Promise<void>;
  createChannel: () => Promise<Channel>;
  getChannel: () => Promise<Channel>;
}

interface Channel {
  close(): void;
  /** gRPC 1.14 reads these options when it connects. */
  internalChannel?: { options?: Record<string, unknown> };
}

const FLOW_CONTROL_WINDOW = 'grpc-node.flow_control_window';
/**
 * How much the server may send before this process has read it. With HTTP/2's default, 64 KiB, the
 * server would wait while a batch of events is processed, and then the client for the server.
 */
const MAX_UNREAD_BYTES = 1024 * 1024;

const MAX_CLOSE_MS = 1000;
/** How long to wait for the current channel, which may not exist yet. */
const MAX_CHANNEL_MS = 20;
/** The client's own default of 5 s is half of a request's deadline. */
const GOSSIP_TIMEOUT_S = 1;
/** gRPC's code for a node that cannot be reached. */
const UNAVAILABLE = 14;

/** When each channel was created, in milliseconds on the monotonic clock. */
const madeAt = new WeakMap<Channel, number>();

/**
 * Creates a client for a connection string, which is passed on unchanged: hosts, TLS, certificates,
 * credentials. It does not connect yet. kurrentdb:// is accepted as esdb://. Three things differ from
 * the client's defaults (docs/adr/0028):
 * - its own appends use the unary call, and no call asks for the server's features; most appends
 * take the shared call of `appendStream.ts`;
 * - the server may send MAX_UNREAD_BYTES before they are read;
 * - the client's own channel repair, which nothing awaits, cannot end the process when discovery
 * fails.
 * Throws EventStoreRefusedError for a malformed string, without quoting it: it may hold a password.
 */
export function createClient(url: string): EventStoreDBClient {
  const client = parse(url);
  const internals = client as unknown as Internals;
  const repair = internals.handleError;
  const createChannel = internals.createChannel;
  internals.createChannel = async () => {
    const channel = await createChannel();
    madeAt.set(channel, performance.now());
    const options = channel.internalChannel?.options;
    if (options) options[FLOW_CONTROL_WINDOW] = MAX_UNREAD_BYTES;
    return channel;
  };
  internals.supports = async () => false;
  internals.handleError = async (grpcClient, error) => {
    try {
      await repair(grpcClient, error);
    } catch {
      // The call that waits for the same discovery reports this error.
    }
  };
  return client;
}

/**
 * Leaves a node that has not answered a call since `begun`. The client itself only leaves an
 * unavailable node and would wait for a paused one until its keepalive fails. Returns false if
 * `error` is not a timeout, or if another call has left the node already.
 */
export async function leaveSilentNode(
  client: EventStoreDBClient,
  error: unknown,
  begun: number,
): Promise<boolean> {
  return isSilence(error) && leaveNode(client, begun);
}

/**
 * Closes the connection unless it was made after `begun`. The next call reconnects, in a cluster to
 * the node that discovery finds. Calls in flight on it fail and are retried. Returns whether there
 * was a connection to close.
 */
export async function leaveNode(client: EventStoreDBClient, begun: number): Promise<boolean> {
  const { getChannel, handleError } = client as unknown as Internals;
  // While discovery is still looking for a node, there is no connection to close.
  const channel = await within(MAX_CHANNEL_MS, getChannel()).catch(() => null);
  if (!channel || (madeAt.get(channel) ?? 0) > begun) return false;
  const unavailable = Object.assign(new Error('no answer'), { code: UNAVAILABLE, details: 'no answer' });
  await handleError({ getChannel: () => channel }, unavailable);
  return true;
}

/**
 * Cancels running calls and closes the connection, which the client's dispose() leaves open. Each
 * step has a time limit, so a call that never ends does not block shutdown.
 */
export async function closeClient(client: EventStoreDBClient): Promise<void> {
  await within(MAX_CLOSE_MS, client.dispose()).catch(() => undefined);
  const { getChannel } = client as unknown as Internals;
  const closed = getChannel().then((channel) => {
    channel.close();
  });
  // Without a server there is no channel, and a cluster client would start discovery.
  await within(MAX_CLOSE_MS, closed).catch(() => undefined);
}

/** The options of a connection string, in lower case. */
const OPTIONS = new Set(
  (
    'userCertFile userKeyFile maxDiscoverAttempts connectionName defaultDeadline discoveryInterval gossipTimeout ' +
    'nodePreference tls tlsCAFile throwOnAppendFailure keepAliveInterval keepAliveTimeout'
  )
    .toLowerCase()
    .split(' '),
);

/** Of any other option the client only warns, and prints the whole string with its password. */
function refuseOtherOptions(url: string): void {
  const [, ...options] = url.replace(/^[^:]+:\/\/(?:[^:]+:[^@]+@)?/, '').split('?');
  const isSupported = ([name, value]: [string, string]): boolean => {
    const option = name.replace(/[_-]/g, '').trim().toLowerCase();
    return OPTIONS.has(option) || (option === 'tlsverifycert' && value.trim() === 'true');
  };
  if ([...new URLSearchParams(options.join('?'))].every(isSupported)) return;
  throw new EventStoreRefusedError('EVENTSTORE_URL has an option that is not supported', {
    outcomeUnknown: false,
  });
}

function parse(url: string): EventStoreDBClient {
  refuseOtherOptions(url);
  try {
    return EventStoreDBClient.connectionString(withDefaults(url.trim()));
  } catch {
    // Not passed on: the client's message quotes the string with its password.
    throw new EventStoreRefusedError(
      'EVENTSTORE_URL is not a valid connection string, or names a file that is missing',
      { outcomeUnknown: false },
    );
  }
}

/** Replaces the kurrentdb scheme and adds a short gossip timeout for silent nodes. */
function withDefaults(url: string): string {
  const own = url.replace(/^kurrentdb(?=[+:])/, 'esdb');
  if (/[?&]gossip[_-]?timeout=/i.test(own)) return own;
  return `${own}${own.includes('?') ? '&' : '?'}gossipTimeout=${GOSSIP_TIMEOUT_S}`;
}

/** Whether a connection string names a cluster: several hosts, or a DNS name for discovery. */
export const namesCluster = (url: string): boolean => /^[a-z]+\+discover:|^[^?]*,/.test(url.trim());
