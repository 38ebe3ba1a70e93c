import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parse } from 'yaml';
import { readConfig } from '../src/config/config.ts';

const ROOT = new URL('../', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, ROOT), 'utf8');

interface ComposeService {
  image?: string;
  build?: string;
  profiles?: string[];
  environment?: Record<string, string | number>;
  depends_on?: string[] | Record<string, unknown>;
  volumes?: string[];
  read_only?: boolean;
  mem_limit?: string;
  networks?: string[];
  network_mode?: string;
}

interface Compose {
  services: Record<string, ComposeService>;
  volumes: Record<string, unknown>;
  networks: Record<string, unknown>;
}

/** The files for containers. No engine runs here: what can be held against the code is. */
describe('The deployment files', () => {
  const compose = parse(read('compose.yaml'), { merge: true }) as Compose;
  const services = Object.entries(compose.services);
  const padrons = services.filter(([name]) => name.startsWith('padron'));

  it('give every padron container a valid configuration, with either server', () => {
    expect(padrons.map(([name]) => name)).to.deep.equal(['padron', 'padron1', 'padron2', 'padron3']);
    for (const [name, { environment = {} }] of padrons) {
      const given = Object.fromEntries(
        Object.entries(environment).map(([member, value]) => [
          member,
          String(value).replace(/^\$\{.*\}$/, ''),
        ]),
      );
      const config = readConfig({
        ...given,
        NODE_ENV: 'production',
        JWT_SECRET: 'from the shell, with more than 32 bytes',
        MASTER_KEY: Buffer.alloc(32).toString('base64'),
      });
      expect(config.eventStoreUrl, name).to.be.a('string');
      expect(config.mongoUrl, name).to.be.a('string');
    }
  });

  it('pass SEALING and MASTER_KEY to every padron container', () => {
    for (const [name, { environment = {} }] of padrons) {
      expect(environment, name).to.include.keys('SEALING', 'MASTER_KEY', 'MASTER_KEY_PREVIOUS');
    }
  });

  it('pass every setting that JWKS_URI needs to every padron container', () => {
    for (const [name, { environment = {} }] of padrons) {
      const config = readConfig({
        NODE_ENV: 'production',
        SEALING: 'off',
        ...Object.fromEntries(
          Object.entries(environment)
            .filter(([member]) => ['JWKS_URI', 'JWT_AUDIENCE', 'JWT_ISSUER'].includes(member))
            .map(([member]) => [member, 'https://login.example.org/keys']),
        ),
      });
      expect(config.keys, name).to.have.property('jwksUri');
      expect(config.issuer, name).to.be.a('string');
    }
  });

  it('define a service for each host that a padron connects to', () => {
    for (const [name, { environment = {} }] of padrons) {
      const urls = [environment['EVENTSTORE_URL'], environment['MONGODB_URL']].map(String);
      const hosts = urls.flatMap((url) => /\/\/(?:[^@/]*@)?([^/?]+)/.exec(url)?.[1]?.split(',') ?? []);
      expect(hosts.length, name).to.be.oneOf([2, 6]);
      for (const host of hosts) expect(compose.services, name).to.have.property(host.split(':')[0] ?? '');
    }
  });

  it('depend only on services of the same profile and on declared volumes', () => {
    for (const [name, { depends_on: needs = [], volumes = [], profiles }] of services) {
      for (const needed of Array.isArray(needs) ? needs : Object.keys(needs)) {
        expect(compose.services, `${name} needs ${needed}`).to.have.property(needed);
        expect(compose.services[needed]?.profiles, needed).to.deep.equal(profiles);
      }
      for (const volume of volumes) {
        const [source = ''] = volume.split(':');
        if (source.startsWith('${TLS_DIR')) continue;
        if (source.startsWith('.')) expect(existsSync(new URL(source, ROOT)), source).to.equal(true);
        else expect(compose.volumes, name).to.have.property(source);
      }
    }
  });

  it("have a proxy that closes idle connections before padron does and forwards the client's address", () => {
    const proxy = read('deploy/proxy.conf');
    const seconds = Number(/keepalive_timeout (\d+)s;/.exec(proxy)?.[1]);
    expect(seconds).to.be.within(1, readConfig({}).limits.connections.keepAliveSeconds - 10);
    expect(proxy).to.contain('proxy_set_header X-Forwarded-For $remote_addr;');
    for (const [name, { environment = {} }] of padrons.filter(([, { profiles }]) => profiles)) {
      expect(environment['TRUSTED_PROXIES'], name).to.be.a('string');
    }
  });

  it('have a proxy whose log contains no path, parameters or addresses', () => {
    const proxy = read('deploy/proxy.conf').replace(/#.*/g, '');
    const [, format = ''] = /log_format padron ([^;]+);/.exec(proxy) ?? [];
    expect(format).to.contain('$sent_http_x_request_id');
    expect(format).to.not.match(
      /\$(request|uri|request_uri|args|query_string|remote_\w+|document_uri|http_\w+)\b/,
    );
    expect(proxy.match(/access_log [^;]+;/g)).to.deep.equal(['access_log /var/log/nginx/access.log padron;']);
    expect(proxy).to.match(/location = \/metrics \{\s+return 404;/);
    expect(proxy)
      .to.match(/limit_req zone=\w+/)
      .and.to.match(/limit_conn \w+ \d+;/);
  });

  it('run three nodes of each server in the cluster, each EventStoreDB node seeded with the other two', () => {
    for (const kind of ['eventstore', 'mongo', 'padron']) {
      for (const n of [1, 2, 3]) expect(compose.services).to.have.property(`${kind}${n}`);
    }
    for (const n of [1, 2, 3]) {
      const { environment = {} } = compose.services[`eventstore${n}`] as ComposeService;
      const seeds = [1, 2, 3].filter((other) => other !== n).map((other) => `eventstore${other}:2113`);
      expect(environment['EVENTSTORE_GOSSIP_SEED']).to.equal(seeds.join(','));
      const { volumes = [] } = compose.services[`eventstore${n}`] as ComposeService;
      expect(volumes.filter((one) => one.includes('certificate'))).to.deep.equal([
        `certificate${n}:/certs:ro`,
      ]);
      expect(environment['EVENTSTORE_CLUSTER_SIZE']).to.equal(3);
    }
    const proxy = read('deploy/proxy.conf');
    for (const n of [1, 2, 3]) expect(proxy).to.contain(`server padron${n}:3000`);
  });

  it('contain no password, and refuse to start until each is set', () => {
    expect(read('compose.yaml')).to.not.match(/changeit|password:\s*\w+$/im);
    for (const name of [
      'EVENTSTORE_USER',
      'EVENTSTORE_PASSWORD',
      'EVENTSTORE_ADMIN_PASSWORD',
      'MONGO_PASSWORD',
    ]) {
      const uses = [...read('compose.yaml').matchAll(new RegExp(`\\$\\{${name}(.*?)\\}`, 'g'))];
      expect(uses, name).to.not.have.lengthOf(0);
      for (const [, rest = ''] of uses) expect(rest, name).to.match(/^:\?./);
    }
  });

  it('limit the memory of every server and keep the stores on a network without external access', () => {
    expect(compose.networks['back']).to.deep.equal({ internal: true });
    for (const [name, service] of services) {
      if (service.network_mode === 'none') continue;
      expect(service.mem_limit, name).to.be.a('string');
      if (/^(eventstore|mongo)/.test(name)) expect(service.networks, name).to.deep.equal(['back']);
    }
  });

  it('have a proxy that accepts TLS only and does not publish operator routes', () => {
    const proxy = read('deploy/proxy.conf').replace(/#.*/g, '');
    expect(proxy.match(/listen [^;]+;/g)).to.deep.equal(['listen 8443 ssl;']);
    for (const path of ['= /metrics', '/health/', '/admin/']) {
      expect(proxy).to.contain(`location ${path} {\n    return 404;`);
    }
  });

  it('run padron as a non-root user on a read-only root file system', () => {
    for (const [name, service] of padrons) expect(service.read_only, name).to.equal(true);
    expect(read('Dockerfile')).to.match(/^USER node$/m);
  });

  it('copy only existing files into the image that .dockerignore admits', () => {
    const letIn = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const copied = [...read('Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names = '']) =>
      names.split(' '),
    );
    expect(copied).to.include.members(['package-lock.json', 'src', 'bin']);
    for (const name of copied) {
      expect(existsSync(new URL(name, ROOT)), name).to.equal(true);
      expect(letIn, name).to.include(name);
    }
  });

  it('check readiness with a command that reports it by exit code', async () => {
    const [, json = '[]'] = /HEALTHCHECK[^[]*?CMD (\[.*?\])$/ms.exec(read('Dockerfile')) ?? [];
    const [, ...args] = JSON.parse(json) as string[];
    let status = 503;
    const server = createServer((request, response) => {
      response.statusCode = request.url === '/health/ready' ? status : 404;
      response.end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const PORT = String((server.address() as AddressInfo).port);
    const exitCode = async (): Promise<unknown> => {
      const child = spawn(process.execPath, args, { env: { PORT }, stdio: 'ignore' });
      return ((await once(child, 'exit')) as unknown[])[0];
    };
    expect(await exitCode()).to.equal(1);
    status = 200;
    expect(await exitCode()).to.equal(0);
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    expect(await exitCode(), 'nobody listens').to.equal(1);
  });
});
