import { expect } from 'chai';
import { request, type IncomingHttpHeaders } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { serviceForTests } from '../support/service.ts';

/** What the description of the API may weigh, compressed. */
const MAX_BYTES = 40 * 1_024;

describe('The description of the API as a file', () => {
  const running = serviceForTests();
  /** fetch would decompress the answer and hide how it was sent. */
  const get = (
    headers: Record<string, string>,
  ): Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }> =>
    new Promise((resolve, reject) => {
      request(`${running().service.url}/openapi.json`, { headers }, (response) => {
        const chunks: Buffer[] = [];
        response
          .on('data', (chunk: Buffer) => chunks.push(chunk))
          .on('end', () => {
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: Buffer.concat(chunks),
            });
          });
      })
        .on('error', reject)
        .end();
    });

  it('is sent in the smallest encoding that the caller accepts, and is the same text in each', async () => {
    const plain = await get({});
    const zipped = await get({ 'accept-encoding': 'gzip' });
    const br = await get({ 'accept-encoding': 'gzip, deflate, br;q=0.5' });
    expect([plain, zipped, br].map(({ headers }) => headers['content-encoding'])).to.deep.equal([
      undefined,
      'gzip',
      'br',
    ]);
    expect(gunzipSync(zipped.body).equals(plain.body)).to.equal(true);
    expect(brotliDecompressSync(br.body).equals(plain.body)).to.equal(true);
    for (const { body, headers } of [zipped, br]) {
      expect(body.length).to.be.lessThan(MAX_BYTES);
      expect(headers['vary']).to.contain('accept-encoding');
    }
  });

  it('is not compressed for a caller that refuses it', async () => {
    const { headers } = await get({ 'accept-encoding': 'br;q=0, gzip;q=0, identity' });
    expect(headers['content-encoding']).to.equal(undefined);
  });

  it('is not compressed for a caller whose Accept-Encoding is too long to read', async () => {
    for (const [encodings, sent] of [
      [`${'x,'.repeat(490)}gzip`, 'gzip'],
      [`${'x,'.repeat(500)}gzip`, undefined],
    ] as const) {
      const { headers } = await get({ 'accept-encoding': encodings });
      expect(headers['content-encoding']).to.equal(sent);
    }
  });

  it('is not sent again to a caller that has it in that encoding', async () => {
    const first = await get({ 'accept-encoding': 'gzip' });
    expect(first.headers['cache-control']).to.equal('no-cache');
    const etag = first.headers.etag ?? '';
    const again = await get({ 'accept-encoding': 'gzip', 'if-none-match': etag });
    expect(again).to.include({ status: 304 });
    expect(again.body.length).to.equal(0);
    expect(again.headers.etag).to.equal(etag);
    expect((await get({ 'accept-encoding': 'br', 'if-none-match': etag })).status).to.equal(200);
  });
});
