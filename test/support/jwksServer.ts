import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SigningKey {
  kid: string;
  algorithm: 'RS256' | 'ES256';
  privateKey: KeyObject;
  publicKey: KeyObject;
}

export const rsaKey = (kid: string): SigningKey => ({
  kid,
  algorithm: 'RS256',
  ...generateKeyPairSync('rsa', { modulusLength: 2_048 }),
});

export const ecKey = (kid: string): SigningKey => ({
  kid,
  algorithm: 'ES256',
  ...generateKeyPairSync('ec', { namedCurve: 'P-256' }),
});

export interface JwksServer {
  uri: string;
  /** Whether it answers with its keys or with a 500. */
  isUp: boolean;
  /** Requests so far. */
  requests: number;
  /** If set, sent instead of the keys. */
  answer: string | Buffer | null;
  /** If set, requests are redirected there. */
  redirectTo: string | null;
  /** If set, it never finishes an answer: it sends nothing, a byte now and then, or half an answer before it hangs up. */
  stall: 'silent' | 'dripping' | 'hanging up' | null;
  /** Publishes other keys from now on. */
  publish(keys: readonly SigningKey[]): void;
  stop(): Promise<void>;
}

/** A JWKS endpoint on a free port that publishes the public halves of `keys`. */
export async function startJwksServer(keys: readonly SigningKey[]): Promise<JwksServer> {
  let published = keys;
  const server = createServer((_request, response) => {
    jwksServer.requests += 1;
    response.statusCode = jwksServer.isUp ? 200 : 500;
    if (jwksServer.redirectTo !== null) response.writeHead(302, { location: jwksServer.redirectTo });
    if (jwksServer.stall !== null) {
      stalled(response, jwksServer.stall);
      return;
    }
    response.end(jwksServer.answer ?? JSON.stringify({ keys: published.map(jwkOf) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const jwksServer: JwksServer = {
    uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`,
    isUp: true,
    requests: 0,
    answer: null,
    redirectTo: null,
    stall: null,
    publish(others) {
      published = others;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
  return jwksServer;
}

function stalled(response: ServerResponse, how: NonNullable<JwksServer['stall']>): void {
  if (how === 'silent') return;
  response.write('{"keys":[');
  if (how === 'hanging up') {
    setTimeout(() => response.destroy(), 20);
    return;
  }
  const dripping = setInterval(() => response.write(' '), 20);
  response.once('close', () => {
    clearInterval(dripping);
  });
}

const jwkOf = ({ kid, algorithm, publicKey }: SigningKey): object => ({
  ...publicKey.export({ format: 'jwk' }),
  kid,
  alg: algorithm,
  use: 'sig',
});
