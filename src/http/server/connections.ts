import type { Server } from 'node:http';
import type { BlockList } from 'node:net';
import { addressIn, isIn } from '../access/clientAddress.ts';
import type { ConnectionLimits } from '../access/limitSettings.ts';

/** How often timed-out connections are checked, in milliseconds; Node's default is 30 s. */
const CHECK_MS = 1_000;

/** The limits that Node enforces, as options of its server. */
export const serverOptions = ({ headerSeconds, requestSeconds, keepAliveSeconds }: ConnectionLimits) => ({
  headersTimeout: 1_000 * Math.min(headerSeconds, requestSeconds),
  requestTimeout: 1_000 * requestSeconds,
  keepAliveTimeout: 1_000 * keepAliveSeconds,
  connectionsCheckingInterval: CHECK_MS,
});

/**
 * Closes connections beyond the limits, per address first. Trusted proxies carry many callers, so
 * only the total applies to them.
 */
export function limitConnections(
  server: Server,
  { limits, trusted }: { limits: ConnectionLimits; trusted: BlockList },
  onDropped: (reason: 'connections' | 'connections of an address', address: string | null) => void,
): void {
  const open = new Map<string, number>();
  server.maxConnections = limits.max;
  server.timeout = 1_000 * limits.stalledSeconds;
  server.on('drop', (data?: { remoteAddress?: string }) => {
    onDropped('connections', data?.remoteAddress ?? null);
  });
  server.on('connection', (socket) => {
    const address = addressIn(socket.remoteAddress ?? '');
    if (address === null || isIn(trusted, address)) return;
    const count = (open.get(address) ?? 0) + 1;
    open.set(address, count);
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left > 0) open.set(address, left);
      else open.delete(address);
    });
    if (count <= limits.maxPerAddress) return;
    onDropped('connections of an address', address);
    socket.destroy();
  });
}
