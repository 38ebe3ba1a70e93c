import { expect } from 'chai';
import { createConsoleFiles, missingConsole } from '../../src/http/pages/consoleFiles.ts';
import { withLibraryPaths } from '../../src/http/pages/libraries.ts';
import { createSignInCode } from '../../src/http/pages/signInCode.ts';
import { serviceForTests } from '../support/service.ts';

/** What the whole console may weigh, compressed. */
const MAX_BYTES = 150 * 1_024;

describe('The pages of the console', () => {
  const running = serviceForTests();
  const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(running().service.url + path, { headers, redirect: 'manual' });
  const filesOf = (page: string): string[] =>
    [...page.matchAll(/(?:href|src)="(\/console\/files\/[^"]+)"/g)].map(([, path]) => path!);

  it('are where / redirects a browser', async () => {
    const answer = await get('/', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' });
    expect(answer.status).to.equal(302);
    expect(answer.headers.get('location')).to.equal('/console');
  });

  it('are not returned to a program that requests /, nor for an Accept that is too long to read', async () => {
    for (const accept of ['*/*', 'application/json', 'text/html,'.repeat(101)])
      expect((await get('/', { accept })).status).to.equal(404);
  });

  it('are one page for every address, whatever its query', async () => {
    const page = await (await get('/console')).text();
    for (const path of [
      '/console/',
      '/console/users?q=x&at=2026-01-01',
      '/console/users/1%2F2',
      '/docs?operation=x',
    ]) {
      const answer = await get(path);
      expect(answer.status, path).to.equal(200);
      expect(await answer.text(), path).to.equal(page);
    }
  });

  it('allow nothing inline and nothing from other hosts', async () => {
    const answer = await get('/console');
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy.split('; ')).to.include.members([
      "default-src 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ]);
    expect(policy).not.to.contain('unsafe');
    const page = await answer.text();
    expect(page).not.to.match(/<style|style=|<script(?![^>]*src=)|https?:\/\//);
  });

  it('are revalidated by the browser, which gets 304', async () => {
    const answer = await get('/console');
    expect(answer.headers.get('cache-control')).to.equal('no-cache');
    const again = await get('/console', {
      'if-none-match': answer.headers.get('etag') ?? '',
      'cache-control': 'max-age=0',
    });
    expect(again.status).to.equal(304);
  });

  it('refer to files that may be cached permanently, each with its type', async () => {
    const files = filesOf(await (await get('/console')).text());
    expect(files.length).to.be.greaterThan(5);
    for (const path of files) {
      const answer = await get(path);
      expect(answer.status, path).to.equal(200);
      expect(answer.headers.get('cache-control'), path).to.equal('public, max-age=31536000, immutable');
      const type = path.endsWith('.js')
        ? 'text/javascript'
        : path.endsWith('.css')
          ? 'text/css'
          : 'image/svg+xml';
      expect(answer.headers.get('content-type'), path).to.contain(type);
    }
  });

  it('refer to modules that import only modules which are served', async () => {
    const modules = filesOf(await (await get('/console')).text()).filter((path) => path.endsWith('.js'));
    for (const path of modules) {
      const source = await (await get(path)).text();
      const imports = [
        ...source.matchAll(/(?:[\s}]from|^import)\s*["']([^"']+)["']|import\(["']([^"']+)["']\)/gm),
      ];
      for (const [, now, later] of imports) {
        const specifier = (now ?? later)!;
        const url = new URL(specifier, `http://localhost${path}`);
        expect((await get(url.pathname)).status, `${path} imports ${specifier}`).to.equal(200);
      }
    }
  });

  it('weigh less than 150 kB compressed, the chart included', async () => {
    const page = await (await get('/console')).text();
    const [, base] = /"(\/console\/files\/[^/]+\/)/.exec(page)!;
    const files = [...filesOf(page), `${base!}libraries/uplot.js`, `${base!}libraries/uplot.css`];
    let bytes = 0;
    for (const path of new Set(files)) {
      const answer = await get(path, { 'accept-encoding': 'gzip' });
      expect(answer.headers.get('content-encoding')).to.equal('gzip');
      bytes += Number(answer.headers.get('content-length'));
    }
    expect(bytes).to.be.greaterThan(20_000).and.lessThan(MAX_BYTES);
  });

  it('are compressed only for clients that accept it', async () => {
    const plain = await get('/console', { 'accept-encoding': 'identity' });
    expect(plain.headers.get('content-encoding')).to.equal(null);
    expect(plain.headers.get('vary')).to.contain('Accept-Encoding'.toLowerCase());
  });

  it('do not let an outdated address be cached', async () => {
    const answer = await get('/console/files/of-an-older-version/main.js');
    expect(answer.status).to.equal(200);
    expect(answer.headers.get('cache-control')).to.equal('no-store');
  });

  it('refuse unknown files', async () => {
    for (const path of ['nothing.js', '..%2f..%2fpackage.json', 'index.html', 'tsconfig.json']) {
      expect((await get(`/console/files/x/${path}`)).status, path).not.to.equal(200);
    }
  });

  it('refuse other methods', async () => {
    const answer = await fetch(`${running().service.url}/console`, { method: 'POST' });
    expect(answer.status).to.equal(405);
    expect(answer.headers.get('allow')).to.equal('GET, HEAD');
  });

  it('are not part of the description of the API', async () => {
    const { body } = await running().send('GET', '/openapi.json');
    expect(
      Object.keys((body as { paths: object }).paths).filter((path) => /^.(console|docs)/.test(path)),
    ).to.deep.equal([]);
  });

  it('carry the roles and parameters of all operations that need a role, as the description has them', async () => {
    const { body } = await running().send('GET', '/openapi.json');
    const { paths } = body as {
      paths: Record<string, Record<string, { description: string; parameters: { name?: string }[] }>>;
    };
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, { description, parameters }]) => {
        const roles = /^Roles: ([\w, ]+)\./.exec(description)?.[1]?.split(', ');
        const names = parameters.flatMap(({ name }) => name ?? []);
        return roles ? [[`${method.toUpperCase()} ${path}`, { roles, parameters: names }] as const] : [];
      }),
    );
    const [, carried = ''] =
      /<meta name="operations" content="([^"]*)"/.exec(await (await get('/console')).text()) ?? [];
    expect(JSON.parse(carried.replaceAll('&quot;', '"'))).to.deep.equal(Object.fromEntries(described));
  });

  it('accept no sign-in code if there are no sign-in links', async () => {
    const answer = await fetch(`${running().service.url}/console/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code: 'x' }),
    });
    expect(answer.status).to.equal(404);
  });
});

describe('The code of a sign-in link', () => {
  it('can be exchanged once', () => {
    const { code, exchange } = createSignInCode(
      () => 'a token',
      () => 0,
    );
    expect([exchange('another code'), exchange(code), exchange(code)]).to.deep.equal([null, 'a token', null]);
  });

  it('can be exchanged only within an hour', () => {
    let now = 0;
    const { code, exchange } = createSignInCode(
      () => 'a token',
      () => now,
    );
    now = 3_600_001;
    expect(exchange(code)).to.equal(null);
  });

  it('differs from link to link', () => {
    const codes = [1, 2].map(
      () =>
        createSignInCode(
          () => '',
          () => 0,
        ).code,
    );
    expect(codes[0]).not.to.equal(codes[1]);
  });
});

describe('A console that is not built', () => {
  const NOWHERE = '/does/not/exist/';

  it('is an unknown path with the remedy, and does not end the server', async () => {
    const load = createConsoleFiles({ timeZone: 'UTC', operations: {} }, NOWHERE);
    const error = await load().catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: 'no-such-path', detail: missingConsole(NOWHERE) });
  });

  it('is reported with the remedy at the start, unlike one that is there', () => {
    expect(missingConsole(NOWHERE)).to.contain('npm run build');
    expect(missingConsole()).to.equal(null);
  });
});

describe('The imports of libraries', () => {
  it('become paths that a browser resolves, from any depth', () => {
    expect(withLibraryPaths('import { h } from "preact";', 'main.js')).to.equal(
      'import { h } from "./libraries/preact.js";',
    );
    expect(withLibraryPaths("import { useState } from 'preact/hooks';", 'a/b/c.js')).to.equal(
      "import { useState } from '../../libraries/preact-hooks.js';",
    );
    expect(withLibraryPaths('const { default: Chart } = await import("uplot");', 'a/b.js')).to.contain(
      'import("../libraries/uplot.js")',
    );
  });

  it('stay unchanged if they are relative already', () => {
    const source = 'import { x } from "./preact.js";';
    expect(withLibraryPaths(source, 'main.js')).to.equal(source);
  });
});
