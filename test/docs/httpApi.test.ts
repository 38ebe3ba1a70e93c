import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { errorAnswer } from '../../src/http/errors/errorAnswer.ts';
import { REQUEST_ERRORS, RequestError, type RequestErrorCode } from '../../src/http/errors/errors.ts';
import type { Route } from '../../src/http/route/route.ts';
import { allRoutes, type RouteParts } from '../../src/http/allRoutes.ts';

const page = readFileSync(new URL('../../docs/reference/http-api.md', import.meta.url), 'utf8');
// What routes say of themselves needs none of the parts that they are served with.
const routes = allRoutes({ operations: {} } as RouteParts);

/** The cells of the table below a heading, without its head. */
function tableOf(heading: string): string[][] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('| '));
  return lines.slice(1).map((line) => line.slice(2, -2).split(' | '));
}

const nameOf = ({ method, path }: Route): string => `\`${method} ${path.replace(/:(\w+)/g, '{$1}')}\``;
const rolesOf = ({ roles }: Route): string => (roles ? [...roles].sort().join(', ') : 'open');

describe('docs/reference/http-api.md', () => {
  it('lists every route with its roles, and no others', () => {
    const shown = tableOf('Routes').map(([name, roles]) => [name, roles?.split(', ').sort().join(', ')]);
    const declared = routes.map((route) => [nameOf(route), rolesOf(route)]);
    expect(shown.sort()).to.deep.equal(declared.sort());
  });

  it('lists every problem code with its status, and no others', () => {
    const shown = tableOf('Errors').map(([code, status]) => [code?.replaceAll('`', ''), Number(status)]);
    expect(Object.fromEntries(shown)).to.deep.equal(REQUEST_ERRORS);
    expect(shown).to.have.length(Object.keys(REQUEST_ERRORS).length);
  });

  it('says what to do for every problem code', () => {
    for (const row of tableOf('Errors')) expect(row, row[0]).to.have.length(4).and.not.include('');
  });

  it('names the codes whose answers say when to retry', () => {
    const style = { dialect: 'problem', failureMessage: '', unknownUser: 404 } as const;
    for (const [code = '', , , advice] of tableOf('Errors')) {
      const refusal = new RequestError(code.replaceAll('`', '') as RequestErrorCode);
      expect(advice?.includes('`Retry-After`'), code).to.equal(
        'retry-after' in errorAnswer(refusal, style).headers,
      );
    }
  });
});
