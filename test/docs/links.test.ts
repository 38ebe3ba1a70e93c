import { expect } from 'chai';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const ROOT = new URL('../../', import.meta.url);

/** All pages in Markdown, by their path. */
const pages = [
  ...readdirSync(ROOT, { encoding: 'utf8' }),
  ...readdirSync(new URL('docs/', ROOT), { recursive: true, encoding: 'utf8' }).map((one) => `docs/${one}`),
].filter((one) => one.endsWith('.md'));

/** A heading as the anchor that GitHub gives it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

const anchorsIn = (text: string): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));

describe('Links between the pages', () => {
  for (const page of pages) {
    it(`point to existing targets (${page})`, () => {
      const url = new URL(page, ROOT);
      const links = [...readFileSync(url, 'utf8').matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
      for (const link of links.filter((one) => !/^[a-z]+:/.test(one))) {
        const [file = '', anchor] = link.split('#');
        const target = file === '' ? url : new URL(file, url);
        expect(existsSync(target), link).to.equal(true);
        if (anchor !== undefined) expect(anchorsIn(readFileSync(target, 'utf8')), link).to.include(anchor);
      }
    });
  }

  it('reach every page from the index of docs', () => {
    const index = readFileSync(new URL('docs/README.md', ROOT), 'utf8');
    const missing = pages.filter(
      (page) => /^docs\/(how-to|reference|explanation)\//.test(page) && !index.includes(`(${page.slice(5)})`),
    );
    expect(missing).to.deep.equal([]);
  });
});
