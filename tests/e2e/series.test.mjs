// A series of visits: planned on one screen, booked all or none, seen on the panel and the card, the rest moved and cancelled.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertClean, openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic } from './lib/demo.mjs';
import { inspect } from './lib/look.mjs';

let clinic;
let browser;
before(async () => { [clinic, browser] = [await demoClinic(), await openBrowser()]; });
after(async () => { await browser?.close(); await clinic?.stop(); });

/** Opens the page of a series for the first patient of some day whose visit may begin one; gives the visit's address. */
async function begin(page, day, kind = 'repeat') {
  await page.goto(`/schedule?day=${day}`);
  const visits = await page.locator('a.ev').evaluateAll((links) => links.map((link) => link.pathname.split('/').pop()));
  for (const visit of new Set(visits)) {
    await page.goto(`/appointments/${visit}`);
    const link = page.locator(`a[href="/appointments/${visit}/${kind}"]`);
    if (await link.count() === 0) continue;
    await link.focus();
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.pathname.endsWith(`/${kind}`));
    return visit;
  }
  throw new Error(`no visit of ${day} may begin a series`);
}

/** Asks for the dates. */
async function ask(page, count, every) {
  await page.locator('#count').fill(count);
  await page.locator('#every').fill(every);
  await page.locator('button[value=show]').click();
  await page.waitForLoadState();
}

/** For each date that has nothing chosen: the first time instead, or leaves it out. */
async function decide(page) {
  const groups = page.locator('fieldset[id^=row-]');
  for (let at = 0; at < await groups.count(); at += 1) {
    const group = groups.nth(at);
    if (await group.locator('input:checked').count() === 0) await group.locator('input').first().check({ force: true });
  }
}

for (const lang of ['ru', 'kk']) {
  test(`twelve visits every week over the holidays are planned, booked, moved and cancelled (${lang})`, async () => {
    const desk = await person(browser, clinic, { lang });
    const page = await signIn(desk, 'reception');
    await begin(page, '2026-11-25'); // a Wednesday, and so is the holiday of 16 December
    await inspect(page, 'series-new', { sizes: ['wide', 'phone'] });

    await ask(page, '99', '1');
    await page.locator('#count[aria-invalid=true]').waitFor();
    assert.equal(await page.locator('#count').inputValue(), '99');
    await inspect(page, 'series-refused', { sizes: ['wide', 'phone'] });

    await ask(page, '12', '1');
    assert.equal(await page.locator('fieldset[id^=row-]').count(), 11);
    await inspect(page, 'series-dates');
    // a date that nobody decided on is asked for, and nothing is booked
    await page.locator('button[value=book]').click();
    await page.locator('.al-bad').first().waitFor();
    await inspect(page, 'series-undecided');
    await decide(page);
    await page.locator('button[value=book]').click();
    await page.waitForURL(/\/series\/[0-9a-f-]{36}$/);
    assert.equal(await page.locator('[aria-labelledby=series-h] tbody tr').count(), 12);
    await inspect(page, 'series');
    const series = page.url();

    // the visit's panel beside the grid says which one it is
    await page.locator('[aria-labelledby=series-h] tbody a').nth(2).click();
    await page.locator('#bk a[href^="/series/"]').waitFor();
    await inspect(page, 'series-panel');
    const patient = await page.locator('#bk a[href^="/patients/"]').first().getAttribute('href');
    await page.goto(patient);
    await page.locator('#s-appointments a[href^="/series/"]').first().waitFor();
    await inspect(page, 'series-card', { sizes: ['wide', 'phone'] });

    // the rest goes an hour later
    await page.goto(series);
    await page.locator('[aria-labelledby=series-h] tbody a').nth(2).click();
    await page.locator('#bk a[href$="/rest"]').click();
    await page.waitForURL(/\/rest$/);
    await inspect(page, 'series-rest', { sizes: ['wide', 'phone'] });
    await page.locator('#time').fill('25:00');
    await page.locator('button[value=show]').click();
    await page.locator('#time[aria-invalid=true]').waitFor();
    await page.locator('#time').fill('1620');
    await page.locator('button[value=show]').click();
    await page.locator('fieldset[id^=row-]').first().waitFor();
    await inspect(page, 'series-rest-dates');
    await decide(page);
    await page.locator('button[value=move]').click();
    await page.waitForURL(/\/series\/[0-9a-f-]{36}$/);
    assert.ok(await page.locator('[aria-labelledby=series-h] tbody tr', { hasText: '16:20' }).count() > 3);

    // and is called off, from the keyboard
    await page.locator('[aria-labelledby=series-h] tbody a').nth(4).click();
    await page.locator('#bk form[action$="/cancel"]').waitFor({ state: 'attached' });
    await page.locator('#bk summary:has(+ form[action$="/cancel"])').focus();
    await page.keyboard.press('Enter');
    await page.locator('#scope-cancel').selectOption('after');
    await inspect(page, 'series-cancel', { sizes: ['wide', 'phone'] });
    await page.locator('#bk form[action$="/cancel"] button').press('Enter');
    await page.locator('#bk .st-cancel').waitFor();
    await page.goto(series);
    assert.ok(await page.locator('[aria-labelledby=series-h] .st-cancel').count() >= 7);
    await inspect(page, 'series-cancelled', { sizes: ['wide', 'phone'] });
    assertClean(desk);
    await desk.close();
  });
}

test('without scripts a series is booked the same way', async () => {
  const desk = await person(browser, clinic);
  await signIn(desk, 'reception');
  const bare = await person(browser, clinic, { javaScriptEnabled: false });
  const page = await signIn(bare, 'reception');
  await begin(page, '2026-11-26');
  await ask(page, '4', '2');
  await decide(page);
  await page.locator('button[value=book]').click();
  await page.waitForURL(/\/series\/[0-9a-f-]{36}$/);
  assert.equal(await page.locator('[aria-labelledby=series-h] tbody tr').count(), 4);
  for (const context of [desk, bare]) {
    assertClean(context);
    await context.close();
  }
});

for (const lang of ['ru', 'kk']) {
  test(`a route through rooms and a relative at the same time are booked at once (${lang})`, async () => {
    const desk = await person(browser, clinic, { lang });
    const page = await signIn(desk, 'reception');
    await begin(page, lang === 'ru' ? '2026-11-26' : '2026-11-27', 'together');
    await inspect(page, 'together-new', { sizes: ['wide', 'phone'] });
    await page.locator('button[value=show]').click();
    await page.locator('.al-bad').waitFor(); // nothing is asked for
    await page.locator('#query').fill('701');
    await page.locator('#query').press('Enter');
    await page.waitForFunction(() => document.querySelectorAll('#who-2 option').length > 2);
    await page.locator('#service-2').selectOption({ index: 1 });
    await page.locator('#service-3').selectOption({ index: 2 });
    await page.locator('#who-3').selectOption({ index: 2 });
    await page.locator('#placing-3').selectOption('beside');
    await page.locator('button[value=show]').click();
    await page.locator('fieldset[id^=row-]').first().waitFor();
    assert.equal(await page.locator('#who-4').count(), 1); // one line more to fill in
    await inspect(page, 'together-times');
    await decide(page);
    await page.locator('button[value=book]').click();
    await page.waitForURL(/\/series\/[0-9a-f-]{36}$/);
    assert.equal(await page.locator('[aria-labelledby=series-h] tbody tr').count(), 3);
    await inspect(page, 'together');
    await page.locator('[aria-labelledby=series-h] tbody a').first().click();
    await page.locator('#bk a[href^="/series/"]').waitFor();
    await inspect(page, 'together-panel', { sizes: ['wide', 'phone'] });
    assertClean(desk);
    await desk.close();
  });
}
