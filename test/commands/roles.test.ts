import { expect } from 'chai';
import { roleName } from '../../src/domain/roles.ts';

describe('The name of a role', () => {
  it('is compared trimmed and in lower case', () => {
    expect(roleName(' Monitor\n')).to.equal('monitor');
  });

  it('means admin if it is administrador', () => {
    expect(roleName('Administrador ')).to.equal('admin');
  });

  it('does not match a different role that looks similar', () => {
    for (const role of ['administrator', 'admin2', 'sub admin', '']) expect(roleName(role)).to.equal(role);
  });
});
