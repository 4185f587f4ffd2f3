// Two people at two desks with the same appointment, or the same patient's booking form, open: each is told who the other is.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertClean, openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic } from './lib/demo.mjs';
import { inspect } from './lib/look.mjs';

let clinic;
let browser;
before(async () => { [clinic, browser] = [await demoClinic(), await openBrowser()]; });
after(async () => { await browser?.close(); await clinic?.stop(); });

const DAY = '2026-11-25';
const NAMES = { reception: 'Айгуль Бекова', owner: 'Сәуле Ерғалиқызы' };

for (const lang of ['ru', 'kk']) {
  test(`who has an appointment or a patient's form open besides is said quietly, and goes away with them (${lang})`, async () => {
    const [here, there] = [await person(browser, clinic, { lang }), await person(browser, clinic, { lang })];
    const [page, other] = [await signIn(here, 'reception'), await signIn(there, 'owner')];
    await page.goto(`/schedule?day=${DAY}`);
    const href = await page.locator('a.ev').nth(1).getAttribute('href');
    await page.locator(`a.ev[href="${href}"]`).first().click();
    await page.locator('#bk #beside').waitFor({ state: 'attached' });
    assert.equal(await page.locator('#beside p').count(), 0); // alone

    // what is being typed is left alone by the other's arrival
    await page.locator('#bk summary:has(+ form[action$="/comment"])').click();
    await page.locator('#note-edit').fill('46 зуб');
    await other.goto(`/schedule?day=${DAY}`);
    await other.locator('#bk h2').first().waitFor();
    await other.locator(`a.ev[href="${href}"]`).first().click();
    await other.locator('#beside', { hasText: NAMES.reception }).waitFor();
    await page.locator('#beside', { hasText: NAMES.owner }).waitFor({ timeout: 4_000 }); // by the event: the clock would take up to eight seconds
    assert.equal(await page.locator('#note-edit').inputValue(), '46 зуб');
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'note-edit');
    await inspect(page, 'beside');

    // the same patient's form
    const patient = (await page.locator('#bk a[href^="/patients/"]').first().getAttribute('href')).split('/').pop();
    for (const each of [other, page]) {
      await each.goto(`/schedule?day=${DAY}&new=1&patient=${patient}`);
      await each.locator('#bk-f [name=patient]').waitFor({ state: 'attached' });
    }
    await other.locator('#beside', { hasText: NAMES.reception }).waitFor({ timeout: 4_000 });
    await page.locator('#beside', { hasText: NAMES.owner }).waitFor();
    await inspect(page, 'beside-form', { sizes: ['wide', 'phone'] });

    // whoever leaves is gone with the next signs
    await other.goto('/');
    await page.locator('#beside p').waitFor({ state: 'detached', timeout: 40_000 });
    for (const context of [here, there]) {
      assertClean(context);
      await context.close();
    }
  });
}
