// The state of the ledger: checkpoints, where they are kept, the day-close sheet, verifying.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertClean, openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic } from './lib/demo.mjs';
import { inspect } from './lib/look.mjs';

let clinic;
let browser;
before(async () => { [clinic, browser] = [await demoClinic(), await openBrowser()]; });
after(async () => { await browser?.close(); await clinic?.stop(); });

for (const lang of ['ru', 'kk']) {
  test(`the officer prints the day-close sheet, takes the note out and verifies the ledger in ${lang}`, async () => {
    const officer = await person(browser, clinic, { lang });
    const page = await signIn(officer, 'compliance');
    await page.goto('/audit');
    await page.locator('main a[href="/audit/ledger"]').click();
    await inspect(page, `ledger-${lang}`);

    await page.locator('form[action="/audit/ledger/sheet"] button').click();
    await page.locator('article.paper pre').waitFor();
    assert.match(await page.locator('article.paper pre').innerText(), /\.tirkeu\/audit\n\d+\n/);
    await inspect(page, `ledger-sheet-${lang}`);

    await page.goto('/audit/ledger');
    await page.locator('form[action="/audit/ledger/verify"] button').click();
    await page.locator('.i-xl.ok').waitFor();
    await page.locator('#folder').fill('/no/such/stick');
    await page.locator('form[action="/audit/ledger/folder"] button').click();
    await page.locator('#folder[aria-invalid=true]').waitFor();
    assert.equal(await page.locator('#folder').inputValue(), '/no/such/stick');
    await inspect(page, `ledger-refused-${lang}`);

    await page.goto('/audit/ledger');
    const taking = page.waitForEvent('download');
    await page.locator('form[action$="/note"] button').first().click();
    assert.match((await taking).suggestedFilename(), /^tirkeu-checkpoint-\d+\.txt$/);
    assertClean(officer);
    await officer.close();
  });
}

test('the system administrator, who reads no log, still sees whether it is whole', async () => {
  const admin = await person(browser, clinic);
  const page = await signIn(admin, 'sysadmin');
  await page.goto('/audit/ledger');
  assert.equal(await page.locator('main a[href="/audit"]').count(), 0);
  await page.locator('form[action="/audit/ledger/verify"] button').click();
  await page.locator('.i-xl.ok').waitFor();
  assertClean(admin);
  await admin.close();
});

for (const lang of ['ru', 'kk']) {
  test(`the machine looks at itself when it is asked to, and says what it found in ${lang}`, async () => {
    const admin = await person(browser, clinic, { lang });
    const page = await signIn(admin, 'sysadmin');
    await page.locator('a[data-nav="system"]').click();
    await page.waitForURL('**/system');
    await inspect(page, 'system');
    await page.locator('form[action="/system/check"] button').click();
    await page.locator('[hx-get="/system/progress"]').waitFor({ state: 'detached' });
    await page.waitForFunction(() => document.querySelectorAll('main .b-ok').length === 3);
    await inspect(page, 'system-checked');
    assertClean(admin);
    await admin.close();
  });
}
