import { expect } from 'chai';
import type { Call } from '../support/client.ts';
import { aPersona, newDni } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

const UPDATE_FAILED = { message: 'Error al actualizar perfil' };

describe('PUT /api/personas/me refuses, and stores nothing:', () => {
  const running = serviceForTests();
  let cuenta: string;
  let token: string;

  before(async () => {
    ({ cuenta } = await aPersona(running().service));
    token = tokenOf('asistente', cuenta);
  });

  /** Sends a request that has to store nothing, not even bookkeeping. */
  async function refused(call: Call): Promise<{ status: number; body: unknown }> {
    const put = () => running().send('PUT', '/api/personas/me', { token, ...call });
    const { answer, stored } = await running().storedBy(put);
    expect(stored).to.deep.equal([]);
    return { status: answer.status, body: answer.body };
  }

  it('a missing token (401)', async () => {
    const expected = { status: 401, body: { message: 'Token inválido o expirado' } };
    expect(await refused({ token: undefined, body: { telefono: '1' } })).to.deep.equal(expected);
  });

  it('an invalid token (401)', async () => {
    const expected = { status: 401, body: { message: 'Token inválido o expirado' } };
    expect(await refused({ token: `${token}x`, body: { telefono: '1' } })).to.deep.equal(expected);
  });

  it('another role (403)', async () => {
    const monitor = { token: tokenOf('monitor', cuenta), body: { telefono: '1' } };
    expect(await refused(monitor)).to.deep.equal({ status: 403, body: { message: 'No autorizado' } });
  });

  it('an account without a person (404)', async () => {
    const nobody = { token: tokenOf('admin', 'nobody'), body: { telefono: '1' } };
    expect(await refused(nobody)).to.deep.equal({ status: 404, body: { message: 'Persona no encontrada' } });
  });

  it('the DNI of another person, in any spelling (409)', async () => {
    const { dni } = await aPersona(running().service, { dni: `${newDni()}Ñ` });
    const expected = {
      status: 409,
      body: { ...UPDATE_FAILED, errors: [{ path: '/dni', message: 'ya está en uso' }] },
    };
    expect(await refused({ body: { dni } })).to.deep.equal(expected);
    expect(await refused({ body: { dni: ` ${dni.toLowerCase()}-.` } })).to.deep.equal(expected);
  });

  it('an invalid body, with all its errors (400)', async () => {
    const body = { nombres: ' ', apellidos: null, telefono: 7, foto_url: 'ftp://x', id: 6 };
    const { status, body: answer } = await refused({ body });
    const { message, errors } = answer as { message: string; errors: { path: string; message: string }[] };
    expect({ status, message }).to.deep.equal({ status: 400, ...UPDATE_FAILED });
    expect(errors.sort((a, b) => (a.path < b.path ? -1 : 1))).to.deep.equal([
      { path: '/apellidos', message: 'debe ser un texto' },
      { path: '/foto_url', message: 'debe ser una URL http o https' },
      { path: '/id', message: 'no está permitido' },
      { path: '/nombres', message: 'no puede estar vacío' },
      { path: '/telefono', message: 'debe ser un texto o null' },
    ]);
  });

  it('malformed JSON and an empty body (400)', async () => {
    for (const body of ['{"telefono":', '', 'null,', Buffer.from('{"telefono":"\xff"}', 'latin1')]) {
      expect(await refused({ body })).to.deep.equal({ status: 400, body: UPDATE_FAILED });
    }
  });

  it('a body of more than 64 KiB, however it is sent (413)', async () => {
    const body = `{"telefono":"${'1'.repeat(64 * 1024)}"}`;
    expect(await refused({ body })).to.deep.equal({ status: 413, body: UPDATE_FAILED });
    expect(await refused({ body, chunked: true })).to.deep.equal({ status: 413, body: UPDATE_FAILED });
  });

  it('another content type (415)', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/merge-patch+json',
      '',
    ]) {
      const call = { headers: { 'content-type': type }, body: '{"telefono":"1"}' };
      expect(await refused(call)).to.deep.equal({ status: 415, body: UPDATE_FAILED });
    }
  });

  it('a stale If-Match (412)', async () => {
    const call = { headers: { 'if-match': '"1.99"' }, body: { telefono: '1' } };
    expect(await refused(call)).to.deep.equal({ status: 412, body: UPDATE_FAILED });
  });

  it('an Idempotency-Key that was used with another body (422)', async () => {
    const headers = { 'idempotency-key': 'the-same' };
    await running().send('PUT', '/api/personas/me', { token, headers, body: { telefono: '2' } });
    const expected = { status: 422, body: UPDATE_FAILED };
    expect(await refused({ headers, body: { telefono: '3' } })).to.deep.equal(expected);
  });

  it('an invalid Idempotency-Key (400)', async () => {
    for (const key of ['with space', 'x'.repeat(256)]) {
      const { status, body } = await refused({
        headers: { 'idempotency-key': key },
        body: { telefono: '3' },
      });
      expect(status).to.equal(400);
      expect(body).to.deep.equal({
        ...UPDATE_FAILED,
        errors: [{ path: '/Idempotency-Key', message: 'debe tener de 1 a 255 caracteres ASCII visibles' }],
      });
    }
  });
});
