import type { Config } from '../../config/config.ts';
import { areDemoPeopleThere, DEMO_ACCOUNT } from '../../service/demo.ts';
import type { EventStore } from '../../events/eventStore.ts';
import { claimsOf, signToken } from './signedTokens.ts';

/**
 * The banner of development mode: the address, and requests to paste if the demo people exist.
 * Rejects with EventStoreError if the store is unreachable.
 */
export async function developmentBanner(
  store: Pick<EventStore, 'readStream'>,
  { url, config, secret, code }: { url: string; config: Config; secret: string; code: string },
): Promise<string> {
  const examples = (await areDemoPeopleThere(store)) ? examplesOf(url, config, secret) : NO_EXAMPLES;
  return bannerOf(url, config, { examples, code });
}

const bannerOf = (
  url: string,
  { dataDir }: Config,
  { examples, code }: { examples: string; code: string },
): string => `
padron ${url}   (development mode: secret and data in ${dataDir})

Open the console (this link signs one browser in, as an administrator, within the hour):
  ${url}/console#code=${code}

${examples}
Stop with Ctrl-C. What is stored stays.

`;

const NO_EXAMPLES = `A token to try it with:
  npx padron token --sub ACCOUNT --role admin
`;

/** The documented requests, ready to paste. */
function examplesOf(url: string, config: Config, secret: string): string {
  const token = (sub: string, role: string): string =>
    signToken({ sub, role, secret, ttl: '12h', ...claimsOf(config) });
  return `Update a profile:
  curl -X PUT ${url}/api/personas/me \\
    -H 'Authorization: Bearer ${token(DEMO_ACCOUNT, 'asistente')}' \\
    -H 'Content-Type: application/json' \\
    -d '{"telefono":"+9876543210","foto_url":"https://example.com/new-photo.jpg"}'

Edit a user:
  curl -X POST ${url}/users/edit \\
    -H 'Authorization: Bearer ${token('monitor', 'monitor')}' \\
    -H 'Content-Type: application/json' \\
    -d '{"dni":"45678912C","nombre":"María","apellidos":"Rodríguez García","direccion":"Calle Sol 89","CP":"46002","provincia":"Valencia","poblacion":"Valencia","pais":"España","email":"maria@example.com","telefono":"633456789","fechaalta":"2024-03-15","fechabaja":null,"formadepago":"Tarjeta","cuota":30.00,"categoria":"socio","socio":"Socio"}'
`;
}
