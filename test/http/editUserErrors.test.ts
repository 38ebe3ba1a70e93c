import { expect } from 'chai';
import type { Call } from '../support/client.ts';
import type { UserRecord } from '../../src/events/types.ts';
import { aUser, editBody, editOf } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

/** The shape of every error under /users but the documented «User not found». */
const failure = (statusCode: number, error: string, message: string | string[]) => ({
  status: statusCode,
  body: { message, error, statusCode },
});

describe('POST /users/edit refuses, and stores nothing:', () => {
  const running = serviceForTests();
  const token = tokenOf('monitor');
  let user: UserRecord;

  before(async () => {
    user = await aUser(running().service);
  });

  /** Sends a request that has to store nothing, not even bookkeeping. */
  async function refused(call: Call): Promise<{ status: number; body: unknown }> {
    const post = () => running().send('POST', '/users/edit', { token, ...call });
    const { answer, stored } = await running().storedBy(post);
    expect(stored).to.deep.equal([]);
    return { status: answer.status, body: answer.body };
  }

  const change = () => editOf(user, { cuota: user.cuota + 1 });

  it('a missing or invalid token (401)', async () => {
    const expected = failure(401, 'Unauthorized', 'Invalid or expired token');
    expect(await refused({ token: undefined, body: change() })).to.deep.equal(expected);
    expect(await refused({ token: 'x.y.z', body: change() })).to.deep.equal(expected);
  });

  it('another role (403)', async () => {
    const expected = failure(403, 'Forbidden', 'Forbidden resource');
    expect(await refused({ token: tokenOf('asistente'), body: change() })).to.deep.equal(expected);
  });

  it('a promotion by a monitor (403)', async () => {
    const expected = failure(403, 'Forbidden', 'Forbidden resource');
    const body = editOf(user, { categoria: ' Administrador ' });
    expect(await refused({ body })).to.deep.equal(expected);
  });

  it('an unknown DNI (500), an expected outcome that is logged at info', async () => {
    const logged = running().logLines.length;
    const body = editBody();
    const expected = { status: 500, body: { statusCode: 500, message: 'User not found' } };
    expect(await refused({ body })).to.deep.equal(expected);
    const lines = running()
      .logLines.slice(logged)
      .map((line) => JSON.parse(line) as { level: number });
    expect(lines.map(({ level }) => level)).to.deep.equal([30]);
  });

  it('an invalid body, with all its errors (400)', async () => {
    const { nombre: _, ...rest } = change();
    const body = {
      ...rest,
      email: 'maria',
      fechaalta: '2024-02-30',
      cuota: -1,
      socio: 'Si',
      password: 'x',
      CP: 46001,
    };
    const answer = (await refused({ body })).body as { message: string[] };
    expect({ ...answer, message: answer.message.sort() }).to.deep.equal({
      message: [
        'CP must be a string',
        'cuota must not be less than 0',
        'email must be an email',
        'fechaalta must be a date in the form YYYY-MM-DD',
        'nombre is required',
        'property password should not exist',
        'socio must be one of the following values: Socio, NoSocio, 1, 0',
      ],
      error: 'Bad Request',
      statusCode: 400,
    });
  });

  it('a member with an empty name, which is not the body (400)', async () => {
    const answer = await refused({ body: { ...change(), '': 1 } });
    expect(answer).to.deep.equal(failure(400, 'Bad Request', ['property "" should not exist']));
  });

  it('a fechabaja before fechaalta, next to the other errors (400)', async () => {
    const body = editOf(user, { fechaalta: '2024-03-15', fechabaja: '2024-03-14', email: 'maria' });
    const answer = await refused({ body });
    const message = ['email must be an email', 'fechabaja must not be before fechaalta'];
    expect(answer).to.deep.equal(failure(400, 'Bad Request', message));
  });

  it('malformed JSON (400)', async () => {
    const expected = failure(400, 'Bad Request', ['Request body is not valid JSON']);
    for (const body of ['{', '']) expect(await refused({ body })).to.deep.equal(expected);
  });

  it('a body of more than 64 KiB (413)', async () => {
    const body = { ...change(), direccion: 'x'.repeat(64 * 1024) };
    const expected = failure(413, 'Payload Too Large', 'Request body is too large');
    expect(await refused({ body })).to.deep.equal(expected);
  });

  it('another content type (415)', async () => {
    const expected = failure(415, 'Unsupported Media Type', 'Content-Type must be application/json');
    const headers = { 'content-type': 'text/json' };
    expect(await refused({ headers, body: change() })).to.deep.equal(expected);
  });

  it('a stale If-Match (412)', async () => {
    const { status, body } = await refused({ headers: { 'if-match': '"1.7", W/"2.0"' }, body: change() });
    expect(status).to.equal(412);
    expect(body).to.include({ error: 'Precondition Failed', statusCode: 412 });
    expect(body).to.have.property('message').that.is.a('string');
  });

  it('an Idempotency-Key that was used with another body (422)', async () => {
    const headers = { 'idempotency-key': 'edit-1' };
    await running().send('POST', '/users/edit', { token, headers, body: editOf(user, { telefono: '1' }) });
    const { status, body } = await refused({ headers, body: editOf(user, { telefono: '2' }) });
    expect(status).to.equal(422);
    expect(body).to.include({ error: 'Unprocessable Entity', statusCode: 422 });
  });
});
