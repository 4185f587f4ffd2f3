// Retention: every rule with its basis, a new version, the old one kept.
import { after, before, test } from 'node:test';
import { assertClean, openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic } from './lib/demo.mjs';
import { inspect } from './lib/look.mjs';
import { freshCode } from './lib/totp.mjs';

let clinic;
let browser;
before(async () => { [clinic, browser] = [await demoClinic(), await openBrowser()]; });
after(async () => { await browser?.close(); await clinic?.stop(); });


test('retention shows every rule, takes a new version and keeps the old one', async () => {
  for (const lang of ['ru', 'kk']) {
    const compliance = await person(browser, clinic, { lang });
    const page = await signIn(compliance, 'compliance');
    await page.goto('/retention');
    await inspect(page, `retention-${lang}`);
    await page.goto('/retention/rules/dental_card');
    const years = page.locator('#years');
    await years.fill('many');
    await page.locator('form[action^="/retention/rules"] button[type=submit]').click();
    await page.locator('#years[aria-invalid=true]').waitFor();
    await inspect(page, `retention-rule-${lang}`);
    await years.fill('75');
    const officer = clinic.users.find((user) => user.role === 'compliance');
    await page.locator('#password').fill(officer.password);
    await page.locator('#proof').fill(await freshCode(officer));
    const versions = await page.locator('main tbody tr').count();
    await page.locator('form[action^="/retention/rules"] button[type=submit]').click();
    await page.waitForFunction((versions) => document.querySelectorAll('main tbody tr').length > versions, versions);
    assertClean(compliance);
    await compliance.close();
  }
});
