import { expect } from 'chai';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';
import ts from 'typescript';
import { newFolder, removeFolder } from '../support/folder.ts';
import { describeLong } from '../support/long.ts';
import { personaBody } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

/** What an integrator writes against the generated types. Each `@ts-expect-error` is a mistake that they find. */
const PROGRAM = `
import type { components, operations } from './api.ts';

type Persona = components['schemas']['Persona'];
type Registration = components['schemas']['RegisterPersona'];
type HistoryPage = components['schemas']['HistoryPage'];
type Code = components['schemas']['ProblemCode'];
type Filters = NonNullable<operations['getAudit']['parameters']['query']>;

export function client(url: string, token: string) {
  // The position of the last write: what is read afterwards shows it.
  let position: string | null = null;
  async function call<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    const answer = await fetch(url + path, {
      method,
      headers: {
        authorization: 'Bearer ' + token,
        'content-type': 'application/json',
        ...(position === null ? {} : { 'x-padron-position': position }),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    position = answer.headers.get('x-padron-position') ?? position;
    if (!answer.ok) throw new Error(answer.headers.get('problem-code') ?? '');
    return (await answer.json()) as Answer;
  }
  return {
    register: (body: Registration) => call<Persona>('POST', '/api/personas', body),
    update: (body: components['schemas']['UpdateProfile']) => call<Persona>('PUT', '/api/personas/me', body),
    audit: (filters: Filters) =>
      call<HistoryPage>('GET', '/audit?' + new URLSearchParams(filters as Record<string, string>).toString()),
  };
}

const isRetried = (code: Code): boolean => code === 'unavailable' || code === 'too-many-requests';

export async function use(url: string, token: string, body: Registration) {
  const { register, update, audit } = client(url, token);
  const persona = await register(body);
  const dni: string = persona.dni;
  const telefono: string | null = (await update({ telefono: '600' })).telefono;
  const { entries, next } = await audit({ subject: 'persona-' + persona.id, order: 'asc', limit: 10 });
  const types: string[] = entries.map(({ type }) => type);
  const cursor: string | null = next;
  const refused = await update({ nombres: '' }).catch((error: Error) => error.message);
  return { id: persona.id, dni, telefono, types, cursor, refused, isRetried: isRetried('busy') };
}

export async function misuse(url: string, token: string) {
  const { register, update, audit } = client(url, token);
  // @ts-expect-error dni and cuenta are missing
  await register({ nombres: 'a', apellidos: 'b' });
  // @ts-expect-error there is no such member
  await update({ telefon: '600' });
  // @ts-expect-error there is no such order
  await audit({ order: 'up' });
  // @ts-expect-error there is no such code
  isRetried('perhaps');
  // @ts-expect-error an id is a number
  (await update({})).id.trim();
}
`;

describeLong('A typed client generated from /openapi.json', () => {
  const running = serviceForTests();
  let folder = '';
  before(() => {
    folder = newFolder();
  });
  after(() => {
    removeFolder(folder);
  });

  it('compiles in strict mode and works', async () => {
    const { body } = await running().send('GET', '/openapi.json');
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    writeFileSync(join(folder, 'api.ts'), astToString(await openapiTS(JSON.stringify(body))));
    const file = join(folder, 'program.ts');
    writeFileSync(file, PROGRAM);
    const program = ts.createProgram([file], {
      strict: true,
      exactOptionalPropertyTypes: true,
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.NodeNext,
      rewriteRelativeImportExtensions: true,
      lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
      types: [],
    });
    const found = ts.getPreEmitDiagnostics(program);
    expect(found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))).to.deep.equal(
      [],
    );
    program.emit();

    const { use } = (await import(pathToFileURL(join(folder, 'program.js')).href)) as {
      use(url: string, token: string, body: object): Promise<{ id: number }>;
    };
    const registration = personaBody({ cuenta: 'typed' });
    const seen = await use(running().service.url, tokenOf('admin', 'typed'), registration);
    expect(seen).to.deep.include({
      dni: registration.dni,
      telefono: '600',
      types: ['PersonaRegistered', 'PersonaProfileUpdated'],
      cursor: null,
      refused: 'invalid',
      isRetried: false,
    });
    expect(seen.id).to.be.a('number');
  }).timeout(60_000);
});
