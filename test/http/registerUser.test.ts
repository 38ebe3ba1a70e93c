import { compare } from 'bcrypt';
import { expect } from 'chai';
import { aUser, userBody } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

const MEMBERS = [
  ...[
    'IdUsuario',
    'nombre',
    'apellidos',
    'password',
    'dni',
    'direccion',
    'CP',
    'provincia',
    'poblacion',
    'pais',
  ],
  ...[
    'email',
    'telefono',
    'fechaalta',
    'fechabaja',
    'formadepago',
    'cuota',
    'categoria',
    'socio',
    'isVerified',
  ],
  ...['verificationCode', 'verificationExpires'],
];

describe('POST /users', () => {
  const running = serviceForTests();
  const token = tokenOf('monitor');
  const post = (body: unknown) => running().storedBy(() => running().send('POST', '/users', { token, body }));

  it('answers 201 with the location and the whole user', async () => {
    const sent = userBody({ dni: '7 / Ñ', socio: 1 });
    const { answer } = await post(sent);
    expect(answer.status).to.equal(201);
    expect(answer.headers['location']).to.equal('/users/7%20%2F%20%C3%91');
    expect(Object.keys(answer.body as object)).to.deep.equal(MEMBERS);
    expect(answer.body).to.include({
      ...sent,
      password: (answer.body as { password: string }).password,
      socio: 'Socio',
      isVerified: true,
      verificationCode: null,
      verificationExpires: null,
    });
    const read = await running().send('GET', answer.headers['location'] ?? '', { token });
    expect(read.body).to.include({ dni: '7 / Ñ', email: sent.email });
  });

  it('stores a bcrypt hash of cost 12, and the clear text nowhere', async () => {
    const password = 'contraseña única';
    const { answer, stored } = await post(userBody({ password }));
    const hash = (answer.body as { password: string }).password;
    expect(hash).to.match(/^\$2b\$12\$/);
    expect(await compare(password, hash)).to.equal(true);
    expect(JSON.stringify(stored, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)))
      .to.contain(hash)
      .and.not.contain(password);
  });

  it('refuses a DNI of another user (409), and registers no user', async () => {
    const { dni } = await aUser(running().service);
    const { answer, stored } = await post(userBody({ dni: ` ${dni.toLowerCase()}.` }));
    expect({ status: answer.status, body: answer.body }).to.deep.equal({
      status: 409,
      body: { message: 'dni is already in use', error: 'Conflict', statusCode: 409 },
    });
    expect(stored.filter(({ type }) => type !== 'IdAllocated')).to.deep.equal([]);
  });

  it('refuses to let a monitor register an administrator (403), and registers no user', async () => {
    const { answer, stored } = await post(userBody({ categoria: 'Administrador' }));
    expect({ status: answer.status, body: answer.body }).to.deep.equal({
      status: 403,
      body: { message: 'Forbidden resource', error: 'Forbidden', statusCode: 403 },
    });
    expect(stored.filter(({ type }) => type !== 'IdAllocated')).to.deep.equal([]);
  });

  it('refuses an invalid body with all its errors (400), and stores nothing', async () => {
    const { email: _, ...body } = userBody({ password: 'short', fechabaja: '2020-01-01' });
    const { answer, stored } = await post(body);
    expect(answer.status).to.equal(400);
    expect((answer.body as { message: string[] }).message.sort()).to.deep.equal([
      'email is required',
      'fechabaja must not be before fechaalta',
      'password must be longer than or equal to 8 bytes',
    ]);
    expect(stored).to.deep.equal([]);
  });
});
