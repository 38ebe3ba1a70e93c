import { expect } from 'chai';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startCli, type RunningCli } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { howTo } from '../support/howTo.ts';
import { describeLong } from '../support/long.ts';
import { userBody } from '../support/people.ts';
import { SECRET, tokenOf } from '../support/tokens.ts';

const page = howTo('trace-requests');

/** A span as OTLP has it in JSON, as far as it is read here. */
interface ExportedSpan {
  name: string;
  attributes: { key: string; value: object }[];
}

/** A collector that keeps what it is sent. */
async function startCollector(): Promise<{ server: Server; url: string; spans: ExportedSpan[] }> {
  const spans: ExportedSpan[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on('end', () => {
      const { resourceSpans } = JSON.parse(text) as {
        resourceSpans: { scopeSpans: { spans: ExportedSpan[] }[] }[];
      };
      spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((one) => one.spans)));
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans };
}

describeLong('docs/how-to/trace-requests.md', function () {
  this.timeout(120_000);
  let folder: string;
  let collector: Awaited<ReturnType<typeof startCollector>>;
  let padron: RunningCli;
  let url: string;

  before(async () => {
    folder = newFolder();
    collector = await startCollector();
    const setUp = /^```js\n(.*?)^```/ms.exec(page.text)?.[1] ?? '';
    writeFileSync(join(folder, 'tracing.mjs'), setUp);
    symlinkSync(new URL('../../node_modules', import.meta.url).pathname, join(folder, 'node_modules'));
    const [, option = ''] = /NODE_OPTIONS="(\S+)" npx padron serve/.exec(page.text) ?? [];
    padron = startCli(['serve'], {
      DATA_DIR: join(folder, 'data'),
      PORT: '0',
      JWT_SECRET: SECRET,
      NODE_OPTIONS: option.replace('$PWD', folder),
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_BSP_SCHEDULE_DELAY: '100',
    });
    url = await eventually(
      'the server is ready',
      () =>
        padron.output.stdout.includes('"msg":"ready"') && /"url":"([^"]+)"/.exec(padron.output.stdout)?.[1],
      60_000,
    );
  });
  after(async () => {
    padron.process.kill('SIGTERM');
    await padron.ended;
    collector.server.close();
    collector.server.closeAllConnections();
    removeFolder(folder);
  });

  it('sends the spans of a request to the collector, including those of the views’ thread', async () => {
    const answer = await fetch(`${url}/users`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${tokenOf('admin')}`,
        'content-type': 'application/json',
        'x-correlation-id': 'visit-1',
      },
      body: JSON.stringify(userBody()),
    });
    expect(answer.status).to.equal(201);
    const linked = (): string[] =>
      collector.spans
        .filter(({ attributes }) => JSON.stringify(attributes).includes('"visit-1"'))
        .map(({ name }) => name);
    const wanted = ['POST /users', 'command RegisterUser', 'append', 'project users', 'project history'];
    await eventually(
      'every span of the request has arrived',
      async () => wanted.every((name) => linked().includes(name)),
      60_000,
    );
  });
});
