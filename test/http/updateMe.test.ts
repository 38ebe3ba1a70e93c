import { expect } from 'chai';
import { aPersona } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

describe('PUT /api/personas/me', () => {
  const running = serviceForTests();
  const put = (cuenta: string, body: object) =>
    running().storedBy(() =>
      running().send('PUT', '/api/personas/me', { token: tokenOf('asistente', cuenta), body }),
    );

  it('answers with the whole person after the change: exactly the documented members in their order', async () => {
    const persona = await aPersona(running().service);
    const { answer, stored } = await put(persona.cuenta, {
      telefono: ' +9876543210 ',
      foto_url: 'https://example.com/new-photo.jpg',
    });
    expect(answer.status).to.equal(200);
    expect(answer.body).to.deep.equal({
      id: persona.id,
      nombres: 'María',
      apellidos: 'González',
      telefono: '+9876543210',
      dni: persona.dni,
      foto_url: 'https://example.com/new-photo.jpg',
      created_at: persona.created_at,
    });
    const members = ['id', 'nombres', 'apellidos', 'telefono', 'dni', 'foto_url', 'created_at'];
    expect(Object.keys(answer.body as object)).to.deep.equal(members);
    expect(stored.map(({ stream, type, data }) => ({ stream, type, data }))).to.deep.equal([
      {
        stream: `persona-${persona.id}`,
        type: 'PersonaProfileUpdated',
        data: {
          changes: {
            telefono: { from: '+1234567890', to: '+9876543210' },
            foto_url: { from: null, to: 'https://example.com/new-photo.jpg' },
          },
        },
      },
    ]);
  });

  it('answers 200 and stores nothing for an empty object or the current values', async () => {
    const persona = await aPersona(running().service);
    for (const body of [{}, { nombres: ' María ', dni: persona.dni, foto_url: null }]) {
      const { answer, stored } = await put(persona.cuenta, body);
      expect(answer.status).to.equal(200);
      expect(answer.body).to.include({ id: persona.id, telefono: '+1234567890' });
      expect(stored).to.deep.equal([]);
    }
  });

  it('clears phone and photo with null', async () => {
    const { cuenta } = await aPersona(running().service, { foto_url: 'https://example.com/a.jpg' });
    const { answer } = await put(cuenta, { telefono: null, foto_url: null });
    expect(answer.body).to.include({ telefono: null, foto_url: null });
  });

  it('stores text as it was sent: decomposed, right to left, outside the first plane', async () => {
    const { cuenta } = await aPersona(running().service);
    const body = { nombres: 'Jose\u0301', apellidos: 'ابن رشد 𝔄 👩‍👩‍👧', telefono: '<script>"\'\\</script>' };
    const { answer } = await put(cuenta, body);
    expect(answer.body).to.include(body);
    const read = await running().send('GET', '/api/personas/me', { token: tokenOf('admin', cuenta) });
    expect(read.body).to.include(body);
  });

  it("accepts another spelling of the person's own DNI without claiming it again", async () => {
    const { cuenta, dni } = await aPersona(running().service);
    const { answer, stored } = await put(cuenta, {
      dni: ` ${dni.toLowerCase().slice(0, 4)}.${dni.slice(4)}- `,
    });
    expect(answer.status).to.equal(200);
    expect(answer.body).to.have.property('dni', `${dni.slice(0, 4)}.${dni.slice(4)}-`);
    expect(stored.map(({ type }) => type)).to.deep.equal(['PersonaProfileUpdated']);
  });

  it('frees the former DNI for anybody', async () => {
    const giver = await aPersona(running().service);
    const taker = await aPersona(running().service);
    await put(giver.cuenta, { dni: `${giver.dni}2` });
    const { answer } = await put(taker.cuenta, { dni: giver.dni });
    expect(answer.body).to.include({ id: taker.id, dni: giver.dni });
    expect((await put(giver.cuenta, { dni: giver.dni })).answer.status).to.equal(409);
  });

  it('accepts a body of exactly 64 KiB and one without a Content-Length', async () => {
    const { cuenta } = await aPersona(running().service);
    const body = `{"telefono":"1"${' '.repeat(64 * 1024 - 16)}}`;
    const token = tokenOf('asistente', cuenta);
    expect((await running().send('PUT', '/api/personas/me', { token, body })).status).to.equal(200);
    const chunked = { token, body: '{"telefono":"2"}', chunked: true };
    expect((await running().send('PUT', '/api/personas/me', chunked)).body).to.include({ telefono: '2' });
  });
});
