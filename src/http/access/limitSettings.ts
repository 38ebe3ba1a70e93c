import { BlockList, isIP } from 'node:net';

/** The limits of one caller (docs/reference/limits.md). */
export interface RequestLimits {
  /** Writes per minute of an account; the same number at once after a minute without any. */
  writesPerMinute: number;
  /** Searches (`q`), exports and event streams that an account may begin per minute. */
  searchesPerMinute: number;
  /** Refused tokens per minute from one address that are still answered with 401. */
  refusedTokensPerMinute: number;
  /** Concurrent exports and event streams of an account. */
  streamsPerAccount: number;
}

/** The number of connections, and how long they may stay idle. */
export interface ConnectionLimits {
  max: number;
  maxPerAddress: number;
  /** For the headers of a request. */
  headerSeconds: number;
  /** For a whole request, including its body. */
  requestSeconds: number;
  /**
   * How long a connection without a request stays open; longer than the proxy in front keeps it.
   */
  keepAliveSeconds: number;
  /** How long the peer may read nothing of an answer. */
  stalledSeconds: number;
}

export interface LimitSettings {
  /** Null if RATE_LIMIT is off. */
  requests: RequestLimits | null;
  connections: ConnectionLimits;
  /** Addresses and networks whose X-Forwarded-For is trusted. */
  trustedProxies: readonly string[];
  /** Origins whose pages may read answers. */
  corsOrigins: readonly string[];
}

export const DEFAULT_REQUEST_LIMITS: RequestLimits = {
  writesPerMinute: 600,
  searchesPerMinute: 300,
  refusedTokensPerMinute: 300,
  streamsPerAccount: 6,
};

export const DEFAULT_CONNECTION_LIMITS: ConnectionLimits = {
  max: 2_000,
  maxPerAddress: 500,
  headerSeconds: 15,
  requestSeconds: 30,
  keepAliveSeconds: 75,
  stalledSeconds: 120,
};

const MAX_SECONDS = 3_600;
const MAX_COUNT = 1_000_000;

/** Reads single settings from the environment and collects their errors. */
export interface SettingReader {
  text(name: string): string | null;
  integer(name: string, otherwise: number, most: number, least?: number): number;
  fault(text: string): void;
}

/** The limits from the environment; errors are reported by the variable's name. */
export function readLimits({ text, integer, fault }: SettingReader, isOn: boolean): LimitSettings {
  const count = (name: string, otherwise: number): number => integer(name, otherwise, MAX_COUNT, 1);
  const seconds = (name: string, otherwise: number): number => integer(name, otherwise, MAX_SECONDS, 1);

  function list(name: string, isRight: (item: string) => boolean, wanted: string): string[] {
    const items = (text(name) ?? '').split(/[\s,]+/).filter((item) => item !== '');
    if (!items.every(isRight)) fault(`${name} must be a list of ${wanted}`);
    return items;
  }

  const requests = DEFAULT_REQUEST_LIMITS;
  const connections = DEFAULT_CONNECTION_LIMITS;
  const limits: RequestLimits = {
    writesPerMinute: count('WRITES_PER_MINUTE', requests.writesPerMinute),
    searchesPerMinute: count('SEARCHES_PER_MINUTE', requests.searchesPerMinute),
    refusedTokensPerMinute: count('REFUSED_TOKENS_PER_MINUTE', requests.refusedTokensPerMinute),
    streamsPerAccount: count('STREAMS_PER_ACCOUNT', requests.streamsPerAccount),
  };
  return {
    requests: isOn ? limits : null,
    connections: {
      max: count('MAX_CONNECTIONS', connections.max),
      maxPerAddress: count('MAX_CONNECTIONS_PER_ADDRESS', connections.maxPerAddress),
      headerSeconds: seconds('HEADER_TIMEOUT_SECONDS', connections.headerSeconds),
      requestSeconds: seconds('REQUEST_TIMEOUT_SECONDS', connections.requestSeconds),
      keepAliveSeconds: seconds('KEEP_ALIVE_SECONDS', connections.keepAliveSeconds),
      stalledSeconds: seconds('STALLED_TIMEOUT_SECONDS', connections.stalledSeconds),
    },
    trustedProxies: list('TRUSTED_PROXIES', isNetwork, 'IP addresses or networks such as 10.0.0.0/8'),
    corsOrigins: list('CORS_ORIGINS', isOrigin, 'origins such as https://console.example.org'),
  };
}

/** The default settings, without limits on requests. */
export const NO_REQUEST_LIMITS: LimitSettings = {
  requests: null,
  connections: DEFAULT_CONNECTION_LIMITS,
  trustedProxies: [],
  corsOrigins: [],
};

/** A set of addresses and networks, each accepted by `isNetwork`. */
export function networksOf(networks: readonly string[]): BlockList {
  const set = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) set.addAddress(address, family);
    else set.addSubnet(address, Number(bits), family);
  }
  return set;
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32));
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { origin, protocol } = new URL(text);
  return origin === text && /^https?:$/.test(protocol);
}
