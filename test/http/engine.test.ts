import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Among the HTTP tests because these run on every supported version of Node.js. */
describe('The setting of V8 that padron starts with', () => {
  it('is known to this version of Node.js: V8 prints an error for one that it does not know', async () => {
    const file = fileURLToPath(new URL('../../bin/engine.js', import.meta.url));
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [file]);
    expect(stdout + stderr).to.equal('');
  });
});
