import { expect } from 'chai';
import { aUser, editOf } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

describe('POST /users/edit', () => {
  const running = serviceForTests();
  const token = tokenOf('monitor');
  const post = (body: object) =>
    running().storedBy(() => running().send('POST', '/users/edit', { token, body }));

  it('answers with the whole user after the edit, including the stored hash, and stores what changed', async () => {
    const user = await aUser(running().service);
    const { answer, stored } = await post(editOf(user, { cuota: 30, direccion: ' Calle Sol 89 ', socio: 0 }));
    expect(answer.status).to.equal(200);
    const after = { ...user, cuota: 30, direccion: 'Calle Sol 89', socio: 'NoSocio' };
    expect(answer.body).to.deep.equal(after);
    expect(stored.map(({ stream, type, data }) => ({ stream, type, data }))).to.deep.equal([
      {
        stream: `user-${user.IdUsuario}`,
        type: 'UserEdited',
        data: {
          changes: {
            cuota: { from: 25, to: 30 },
            direccion: { from: 'Calle Luna 12', to: 'Calle Sol 89' },
            socio: { from: 'Socio', to: 'NoSocio' },
          },
        },
      },
    ]);
  });

  it('finds the user by any spelling of the DNI, and keeps the stored spelling', async () => {
    const user = await aUser(running().service);
    const { answer } = await post(editOf(user, { dni: ` ${user.dni.toLowerCase()}-.`, cuota: 31 }));
    expect(answer.body).to.include({ IdUsuario: user.IdUsuario, dni: user.dni, cuota: 31 });
  });

  it('stores nothing when nothing changes', async () => {
    const user = await aUser(running().service);
    const { answer, stored } = await post(editOf(user, { socio: 1 }));
    expect(answer.body).to.deep.equal(user);
    expect(stored).to.deep.equal([]);
  });

  it('leaves fechabaja unchanged when it is omitted, and clears it with null', async () => {
    const user = await aUser(running().service, { fechabaja: '2025-01-31' });
    const { fechabaja: _, ...without } = editOf(user, { cuota: 32 });
    expect((await post(without)).answer.body).to.include({ fechabaja: '2025-01-31', cuota: 32 });
    expect((await post({ ...without, fechabaja: null })).answer.body).to.include({ fechabaja: null });
  });

  it('refuses a fechaalta after the unchanged fechabaja (400), and stores nothing', async () => {
    const user = await aUser(running().service, { fechabaja: '2025-01-31' });
    const { fechabaja: _, ...without } = editOf(user, { fechaalta: '2025-02-01' });
    const { answer, stored } = await post(without);
    expect(answer.body).to.deep.equal({
      message: ['fechabaja must not be before fechaalta'],
      error: 'Bad Request',
      statusCode: 400,
    });
    expect(stored).to.deep.equal([]);
  });
});
