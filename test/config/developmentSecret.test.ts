import { expect } from 'chai';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DamagedSecretError } from '../../src/platform/files/keptSecret.ts';
import { developmentSecret, existingDevelopmentSecret } from '../../src/config/developmentSecret.ts';
import { newFolder, removeFolder } from '../support/folder.ts';

describe('The secret of development mode', () => {
  let folder: string;
  beforeEach(() => {
    folder = newFolder();
  });
  afterEach(() => {
    removeFolder(folder);
  });

  it('is created once with at least 32 bytes, readable only by its user', () => {
    const secret = developmentSecret(folder);
    expect(Buffer.byteLength(secret)).to.be.at.least(32);
    expect(developmentSecret(folder)).to.equal(secret);
    expect(existingDevelopmentSecret(folder)).to.equal(secret);
    expect(readdirSync(folder)).to.deep.equal(['jwt-secret']);
    expect(statSync(join(folder, 'jwt-secret')).mode & 0o777).to.equal(0o600);
  });

  it('is not created by a lookup', () => {
    expect(existingDevelopmentSecret(folder)).to.equal(null);
    expect(readdirSync(folder)).to.deep.equal([]);
  });

  it('is refused if its file is empty or truncated, and the file stays unchanged', () => {
    const whole = developmentSecret(folder);
    for (const left of ['', '\n', whole.slice(0, 31)]) {
      writeFileSync(join(folder, 'jwt-secret'), left);
      expect(() => developmentSecret(folder), left).to.throw(DamagedSecretError, 'jwt-secret');
      expect(() => existingDevelopmentSecret(folder), left).to.throw(DamagedSecretError);
      expect(readFileSync(join(folder, 'jwt-secret'), 'utf8')).to.equal(left);
    }
  });
});
