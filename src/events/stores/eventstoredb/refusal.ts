import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { NO_REVISION } from '../../eventStore.ts';
import { SETTINGS_STREAM } from '../../streams.ts';
import type { Connection } from './connecting/connection.ts';
import { isAccessDenied } from './calls/failures.ts';
import { readStream } from './reading/read.ts';

const MAX_PROBE_MS = 1000;
const DEFAULT_PORT = 2113;

/** Codes of OpenSSL and Node for a certificate that they reject. */
const CERTIFICATE_FAULT = /CERT|SIGNATURE|SELF_SIGNED|ISSUER|ALTNAME/;
/** Codes for a peer that does not speak TLS. */
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
 * Why the server permanently refuses the call that failed with `cause`, and what to do about it;
 * null if it may only be temporarily unavailable. Probes the server, because failed calls report
 * several causes alike.
 */
export async function refusalOf(connection: Connection, url: string, cause: unknown): Promise<string | null> {
  const target = targetOf(url);
  if (isAccessDenied(cause)) return refusedAccount(connection, target);
  const ca = target.caFile === null ? undefined : await readFile(target.caFile).catch(() => undefined);
  const found = await Promise.all(target.hosts.map((host) => refusedConnection(host, target, ca)));
  return found.find((refusal) => refusal !== null) ?? null;
}

/**
 * A wrong password and a missing right fail alike. By default every account may read a stream, so a
 * successful read means a missing right on $all.
 */
async function refusedAccount(connection: Connection, { tls }: Target): Promise<string> {
  const short = { ...connection, deadlineMs: MAX_PROBE_MS };
  const settingsRevision = await readStream(short, SETTINGS_STREAM, { backwards: true, limit: 1 }).then(
    (events) => events[0]?.revision ?? NO_REVISION,
    () => null,
  );
  if (settingsRevision !== null) {
    return 'EventStoreDB does not let the account of EVENTSTORE_URL read $all: add it to acl.readRoles of the stream $all, or to a group that has this right';
  }
  const hint = tls ? '' : ' (with tls=false no account is sent at all)';
  return `EventStoreDB refuses the account of EVENTSTORE_URL: its name or password is wrong, or it has no right to read padron's streams${hint}`;
}

/** Why a TLS handshake with this host fails for good, or null. */
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
    return failure === null
      ? `${where} speaks TLS, but EVENTSTORE_URL has tls=false: remove that option`
      : null;
  }
  if (failure === null) return null;
  const { code = '', message } = failure;
  if (NO_TLS.test(code)) {
    return `${where} does not speak TLS: configure its certificates, or add tls=false to EVENTSTORE_URL if the network is private`;
  }
  return CERTIFICATE_FAULT.test(code)
    ? `the certificate of ${where} is not accepted (${message}): set tlsCAFile in EVENTSTORE_URL, or NODE_EXTRA_CA_CERTS, to the file of its certificate authority`
    : null;
}

/** Null if the handshake succeeds, else the error that ended it. */
async function handshake(options: ConnectionOptions): Promise<NodeJS.ErrnoException | null> {
  return new Promise((resolve) => {
    const socket = connect(options);
    const end = (failure: NodeJS.ErrnoException | null): void => {
      socket.destroy();
      resolve(failure);
    };
    socket.setTimeout(MAX_PROBE_MS, () => {
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
