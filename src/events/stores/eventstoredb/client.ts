import { EventStoreDBClient } from '@eventstore/db-client';
import { EventStoreError } from '../../eventStore.ts';
import { within } from './failures.ts';

/** Members of the client that are protected in its types, and as they are in 6.2.1, the last release. */
interface Internals {
  supports: () => Promise<boolean>;
  handleError: (grpcClient: unknown, error: Error) => Promise<void>;
  getChannel: () => Promise<{ close(): void }>;
}

const CLOSE_MS = 1000;

/**
 * A client for a connection string, which is passed on as it is: hosts, TLS, certificates, credentials. Nothing connects
 * yet. Two things differ from the client as it comes (docs/adr/0010):
 * - appends take the unary call, not the shared batch stream, and no call asks for the server's features;
 * - the client's own repair of its channel, which nobody awaits, cannot end the process when discovery fails meanwhile.
 *
 * Throws EventStoreError for a malformed string, without the string: it may hold a password.
 */
export function createClient(url: string): EventStoreDBClient {
  const client = parse(url);
  const internals = client as unknown as Internals;
  const repair = internals.handleError;
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

/** Cancels what still runs and closes the connection, which the client's own dispose() leaves open. */
export async function closeClient(client: EventStoreDBClient): Promise<void> {
  await client.dispose();
  const { getChannel } = client as unknown as Internals;
  const closed = getChannel().then((channel) => {
    channel.close();
  });
  // Without a server there is none to close, and a cluster is searched for one.
  await within(CLOSE_MS, closed).catch(() => undefined);
}

function parse(url: string): EventStoreDBClient {
  try {
    return EventStoreDBClient.connectionString(url);
  } catch {
    throw new EventStoreError(
      'EventStoreDB: the connection string is malformed, or a file that it names is missing',
      {
        outcomeUnknown: false,
      },
    );
  }
}
