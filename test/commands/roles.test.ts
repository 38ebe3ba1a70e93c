import { expect } from 'chai';
import { roleName } from '../../src/domain/roles.ts';

describe('A role', () => {
  it('is compared trimmed and in lower case', () => {
    expect(roleName(' Monitor\n')).to.equal('monitor');
  });

  it('is admin when it is administrador', () => {
    expect(roleName('Administrador ')).to.equal('admin');
  });

  it('is not taken for another one that it only resembles', () => {
    for (const role of ['administrator', 'admin2', 'sub admin', '']) expect(roleName(role)).to.equal(role);
  });
});
