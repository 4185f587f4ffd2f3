// First or repeated: the owner joins two services, and whoever books for a patient who was here lately is offered the other one.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertClean, openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic } from './lib/demo.mjs';
import { inspect } from './lib/look.mjs';

let clinic;
let browser;
before(async () => { [clinic, browser] = [await demoClinic(), await openBrowser()]; });
after(async () => { await browser?.close(); await clinic?.stop(); });

/** Opens the panel of a visit that took place on one of the last days. */
async function openCompleted(page) {
  await page.goto('/schedule');
  for (let back = 0; back < 10; back += 1) {
    const visit = page.locator('a.ev[aria-describedby="l-completed"]').first();
    if (await visit.count() > 0) {
      await visit.click();
      await page.locator('#bk dl.kv').waitFor();
      return;
    }
    await page.locator('.sched-bar a').first().click();
    await page.locator('#bk h2').first().waitFor();
  }
  assert.fail('nobody was treated in the last days');
}

for (const lang of ['ru', 'kk']) {
  test(`two services are joined, and the one that fits is offered while booking (${lang})`, async () => {
    const [office, desk] = [await person(browser, clinic, { lang }), await person(browser, clinic, { lang })];
    const [owner, page] = [await signIn(office, 'owner'), await signIn(desk, 'reception')];
    await openCompleted(page);
    const again = new URL(await page.locator('#bk a[data-key=r]').getAttribute('href'), page.url());
    const service = again.searchParams.get('service');

    await owner.goto(`/settings/services/${service}`);
    await inspect(owner, 'again-service', { sizes: ['wide', 'phone'] });
    await owner.locator('a[href$="/repeat"]').click();
    await owner.locator('#repeat').waitFor();
    await owner.locator('#repeat').selectOption({ index: 1 });
    await owner.locator('#days').fill('0');
    await owner.locator('main form button[type=submit]').click();
    await owner.locator('#days[aria-invalid=true]').waitFor();
    await inspect(owner, 'again-refused', { sizes: ['wide', 'phone'] });
    await owner.locator('#days').fill('90');
    await owner.locator('main form button[type=submit]').click();
    await owner.waitForURL(/done=saved/);

    // the next visit, by the key in the panel: the repeated one is offered, and chosen from the keyboard
    await page.locator('#bk a[data-key=r]').click();
    const offered = page.locator('#bk #advised a').first();
    await offered.waitFor();
    await inspect(page, 'again-offered');
    const name = (await offered.textContent()).trim().split(' · ')[0];
    await offered.focus();
    await page.keyboard.press('Enter');
    await page.locator('#bk #advised').waitFor({ state: 'detached' });
    assert.match(await page.locator('#bk #service option:checked').textContent(), new RegExp(`^${name.replace(/[()+.]/g, '\\$&')}`));
    for (const context of [office, desk]) {
      assertClean(context);
      await context.close();
    }
  });
}
