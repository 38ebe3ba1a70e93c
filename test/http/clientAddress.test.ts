import { expect } from 'chai';
import type { IncomingMessage } from 'node:http';
import { createClientAddress } from '../../src/http/access/clientAddress.ts';
import { networksOf } from '../../src/http/access/limitSettings.ts';

function addressOf(trusted: string[], peer: string, forwarded?: string): string {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  const request: unknown = { socket: { remoteAddress: peer }, headers };
  return createClientAddress(networksOf(trusted))(request as IncomingMessage);
}

describe('The address of a client', () => {
  it('is the connection’s peer, whatever X-Forwarded-For says', () => {
    expect(addressOf([], '203.0.113.7', '198.51.100.1')).to.equal('203.0.113.7');
    expect(addressOf(['10.0.0.0/8'], '203.0.113.7', '198.51.100.1')).to.equal('203.0.113.7');
  });

  it('is the last address in X-Forwarded-For that is not a trusted proxy’s', () => {
    const proxies = ['10.0.0.0/8', 'fd00::/8'];
    expect(addressOf(proxies, '10.1.1.1', '198.51.100.1')).to.equal('198.51.100.1');
    expect(addressOf(proxies, '10.1.1.1', '1.1.1.1, 198.51.100.1, 10.2.2.2')).to.equal('198.51.100.1');
    expect(addressOf(proxies, 'fd00::1', '2001:db8::5')).to.equal('2001:db8::5');
    expect(addressOf(proxies, '::ffff:10.1.1.1', '[2001:DB8::5]:4711')).to.equal('2001:db8::5');
    expect(addressOf(proxies, '10.1.1.1', '198.51.100.1:4711')).to.equal('198.51.100.1');
  });

  it('is the proxy’s own address if the header contains no address', () => {
    for (const forwarded of ['', 'unknown', '198.51.100.1, evil"}', ',', '_hidden']) {
      expect(addressOf(['10.0.0.1'], '10.0.0.1', forwarded), forwarded).to.equal('10.0.0.1');
    }
    expect(addressOf(['10.0.0.1'], '10.0.0.1')).to.equal('10.0.0.1');
  });
});
