import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { NO_REVISION } from '../../../eventStore.ts';
import { SETTINGS_STREAM } from '../../../streams.ts';
import type { Connection } from './connection.ts';
import { isAccessDenied } from '../failures.ts';
import { readStream } from '../reading/read.ts';

const PROBE_MS = 1000;
const DEFAULT_PORT = 2113;

/** What OpenSSL and Node say of a certificate that they do not accept. */
const CERTIFICATE_FAULT = /CERT|SIGNATURE|SELF_SIGNED|ISSUER|ALTNAME/;
/** The other side does not speak TLS. */
const NO_TLS = /WRONG_VERSION_NUMBER|PACKET_LENGTH|EPROTO/;

interface Host {
  host: string;
  port: number;
}

interface Target {
  hosts: readonly Host[];
  tls: boolean;
  caFile: string | null;
}

/**
 * Why the server refuses for good what failed with `cause`, and what to do about it; null where it may just not be there yet.
 * Asks the server again for that: what a failed call says is the same for several causes.
 */
export async function refusalOf(connection: Connection, url: string, cause: unknown): Promise<string | null> {
  const target = targetOf(url);
  if (isAccessDenied(cause)) return refusedAccount(connection, target);
  const ca = target.caFile === null ? undefined : await readFile(target.caFile).catch(() => undefined);
  const found = await Promise.all(target.hosts.map((host) => refusedConnection(host, target, ca)));
  return found.find((refusal) => refusal !== null) ?? null;
}

/** A wrong password and a missing right are refused alike. Everybody may read a stream, as long as nothing else was set up. */
async function refusedAccount(connection: Connection, { tls }: Target): Promise<string> {
  const short = { ...connection, deadlineMs: PROBE_MS };
  const standing = await readStream(short, SETTINGS_STREAM, { backwards: true, limit: 1 }).then(
    (events) => events[0]?.revision ?? NO_REVISION,
    () => null,
  );
  if (standing !== null) {
    return 'EventStoreDB does not let the account of EVENTSTORE_URL read $all: add it to acl.readRoles of the stream $all, or to a group that has this right';
  }
  const hint = tls ? '' : ' (with tls=false no account is sent at all)';
  return `EventStoreDB refuses the account of EVENTSTORE_URL: its name or password is wrong, or it may not read padron's streams${hint}`;
}

/** What a TLS handshake of our own says. */
async function refusedConnection(
  { host, port }: Host,
  { tls }: Target,
  ca: Buffer | undefined,
): Promise<string | null> {
  const failure = await handshake({
    host,
    port,
    ALPNProtocols: ['h2'],
    rejectUnauthorized: tls,
    ...(ca ? { ca } : {}),
    ...(isIP(host) ? {} : { servername: host }),
  });
  const where = `EventStoreDB at ${host}:${port}`;
  if (!tls) {
    return failure === null ? `${where} speaks TLS, and EVENTSTORE_URL says tls=false: leave that out` : null;
  }
  if (failure === null) return null;
  const { code = '', message } = failure;
  if (NO_TLS.test(code)) {
    return `${where} does not speak TLS: give it certificates, or add tls=false to EVENTSTORE_URL on a network that nobody else can reach`;
  }
  return CERTIFICATE_FAULT.test(code)
    ? `the certificate of ${where} is not accepted (${message}): name the file of its authority as tlsCAFile in EVENTSTORE_URL, or in NODE_EXTRA_CA_CERTS`
    : null;
}

/** Null when the handshake is done, else what ended it. */
async function handshake(options: ConnectionOptions): Promise<NodeJS.ErrnoException | null> {
  return new Promise((resolve) => {
    const socket = connect(options);
    const end = (failure: NodeJS.ErrnoException | null): void => {
      socket.destroy();
      resolve(failure);
    };
    socket.setTimeout(PROBE_MS, () => {
      end(new Error('no answer'));
    });
    socket.on('secureConnect', () => {
      end(null);
    });
    socket.on('error', end);
  });
}

/** The hosts and TLS options of a connection string that the client has accepted. */
function targetOf(url: string): Target {
  const [, hosts = ''] = /^[a-z+]+:\/\/(?:[^@/?]*@)?([^/?]*)/.exec(url.trim()) ?? [];
  const options = new URLSearchParams(url.split('?')[1] ?? '');
  const option = (name: string): string | null => {
    for (const [key, value] of options) if (key.replace(/[_-]/g, '').toLowerCase() === name) return value;
    return null;
  };
  return {
    hosts: hosts.split(',').map((one) => {
      const [host = '', port] = one.split(':');
      return { host, port: Number(port ?? DEFAULT_PORT) };
    }),
    tls: option('tls') !== 'false',
    caFile: option('tlscafile'),
  };
}
