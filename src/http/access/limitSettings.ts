import { BlockList, isIP } from 'node:net';

/** How much one caller may ask for (docs/reference/limits.md). */
export interface RequestLimits {
  /** Writes a minute by one account; as many at once after a minute without any. */
  writesPerMinute: number;
  /** Searches (`q`), exports and event streams that one account may begin in a minute. */
  searchesPerMinute: number;
  /** Refused tokens from one address in a minute that are still answered with 401. */
  refusedTokensPerMinute: number;
  /** Exports and event streams of one account at the same time. */
  streamsPerAccount: number;
}

/** How many connections the server takes, and how long they may keep it waiting. */
export interface ConnectionLimits {
  max: number;
  maxPerAddress: number;
  /** For the headers of a request. */
  headerSeconds: number;
  /** For a whole request, its body included. */
  requestSeconds: number;
  /** How long a connection without a request stays open; longer than the proxy in front keeps it. */
  keepAliveSeconds: number;
  /** How long the peer may take nothing of an answer. */
  stalledSeconds: number;
}

export interface LimitSettings {
  /** Null: RATE_LIMIT is off. */
  requests: RequestLimits | null;
  connections: ConnectionLimits;
  /** Addresses and networks whose X-Forwarded-For is believed. */
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

/** Reads single settings from the environment; each notes its own fault. */
export interface SettingReader {
  text(name: string): string | null;
  integer(name: string, otherwise: number, most: number, least?: number): number;
  fault(text: string): void;
}

/** The limits that the environment sets; faults are noted by the variable's name. */
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

/** What holds without any setting, and without limits on requests. */
export const NO_REQUEST_LIMITS: LimitSettings = {
  requests: null,
  connections: DEFAULT_CONNECTION_LIMITS,
  trustedProxies: [],
  corsOrigins: [],
};

/** A set of addresses and networks. Each is one that `isNetwork` accepts. */
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
