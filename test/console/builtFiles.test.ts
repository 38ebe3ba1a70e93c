import { expect } from 'chai';
import { request, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { developmentServerForTests } from '../support/console/developmentServer.ts';

/** With its body as it was sent: fetch would decompress it. */
const sentBy = async (url: string, encoding: string): Promise<{ encoding?: string; body: Buffer }> => {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { headers: { 'accept-encoding': encoding } }, resolve)
      .on('error', reject)
      .end();
  });
  const sent = answer.headers['content-encoding'];
  return { body: await buffer(answer), ...(sent === undefined ? {} : { encoding: sent }) };
};

describe('A built console', () => {
  const server = developmentServerForTests();

  it('is the same in each encoding, its page and all its files', async () => {
    const { url } = server();
    const page = (await sentBy(`${url}/console`, 'identity')).body.toString();
    const files = [...page.matchAll(/(?:href|src)="(\/console\/files\/[^"]+)"/g)].map(([, path]) => path!);
    expect(files).to.have.length.greaterThan(5);
    const charts = new URL('libraries/uplot.js', url + files.find((path) => path.endsWith('/start.js'))!);
    for (const path of ['/console', ...files, charts.pathname]) {
      const plain = await sentBy(url + path, 'identity');
      const br = await sentBy(url + path, 'br');
      const gzip = await sentBy(url + path, 'gzip');
      expect([plain.encoding, br.encoding, gzip.encoding], path).to.deep.equal([undefined, 'br', 'gzip']);
      expect(brotliDecompressSync(br.body).equals(plain.body), path).to.equal(true);
      expect(gunzipSync(gzip.body).equals(plain.body), path).to.equal(true);
    }
  });
});
