import { expect } from 'chai';
import { describeInBrowser } from '../support/console/inBrowser.ts';
import { developmentServerForTests } from '../support/console/developmentServer.ts';

/** What somebody who has just started padron does in the first minute. */
describeInBrowser("A newcomer's first minute in the console", (open) => {
  const server = developmentServerForTests();

  it('finds a person, who changed the fee, the roll of last month, and rebuilds a view', async () => {
    const began = Date.now();
    const { page } = await open(server().url, server().link, { role: null });

    // A person.
    await page.getByLabel('Search').fill('rodr');
    await page.getByRole('link', { name: 'Rodríguez García, María' }).click();
    await page.getByText('Revision 4, the present one').waitFor();

    // Who changed the fee, from what to what, and why.
    await page.getByRole('link', { name: 'Fee', exact: true }).click();
    await page.getByRole('heading', { name: 'History of: Fee' }).waitFor();
    const entries = page.locator('.entry');
    const shown = await entries.allInnerTexts();
    expect(shown).to.have.length(3);
    expect(shown[0]).to.match(/presidencia.*Cuota reducida.*30 €.*25 €/s);
    expect(shown[1]).to.match(/tesoreria.*Acuerdo de la asamblea.*20 €.*30 €/s);

    // The roll of last month, in which the fee was another.
    await page.getByRole('link', { name: 'Roll', exact: true }).click();
    await page.getByRole('button', { name: 'End of last month' }).click();
    await page.locator('table.roll').getByText('30 €').waitFor();
    await page.getByRole('link', { name: 'Rodríguez García, María' }).click();
    await page.getByRole('heading', { name: 'Revision 3', exact: true }).waitFor();

    // A rebuild.
    await page.getByRole('link', { name: 'Views' }).click();
    await page.getByRole('button', { name: 'Rebuild: users' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Rebuild' }).click();
    await page.getByRole('link', { name: 'Jobs' }).click();
    // The newest: the first build of a new server may be in the list, too.
    await page.getByRole('heading', { name: 'Rebuild: users Done' }).first().waitFor();
    expect(Date.now() - began).to.be.lessThan(60_000);
  });
});
