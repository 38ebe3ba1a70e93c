import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** The client address of a request. */
export type ClientAddress = (request: IncomingMessage) => string;

/**
 * Trusts X-Forwarded-For only as far as proxies in `trusted` wrote it: takes the first address from
 * the right that is not one of them. Anything further left may be forged.
 */
export const createClientAddress =
  (trusted: BlockList): ClientAddress =>
  ({ socket, headers }) => {
    const forwarded = headers['x-forwarded-for'];
    const hops = typeof forwarded === 'string' ? forwarded.split(',') : [];
    let address = addressIn(socket.remoteAddress ?? '') ?? 'unknown';
    while (hops.length > 0 && isIn(trusted, address)) {
      const next = addressIn(hops.pop() ?? '');
      if (next === null) break;
      address = next;
    }
    return address;
  };

/** The address of the connection's peer. */
export const peerAddress: ClientAddress = createClientAddress(new BlockList());

/** Whether the set contains this address. */
export function isIn(set: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && set.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/**
 * An IP address without port, brackets and the IPv4 prefix of dual-stack sockets; null for anything
 * else.
 */
export function addressIn(text: string): string | null {
  const bare = text
    .trim()
    .replace(/^\[([^\]]*)\](:\d+)?$/, '$1')
    .replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1')
    .replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')
    .toLowerCase();
  return isIP(bare) === 0 ? null : bare;
}
