// The waiting list from the desk to the patient's phone and back, and a doctor who is away: what is done on one screen shows on the other.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertClean, openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic } from './lib/demo.mjs';
import { inspect } from './lib/look.mjs';

let clinic;
let browser;
before(async () => { [clinic, browser] = [await demoClinic(), await openBrowser()]; });
after(async () => { await browser?.close(); await clinic?.stop(); });

/** What landed in the demo's inbox. */
const sent = async () => (await fetch(`${clinic.sms_url}?format=json`)).json();

/** The first link to such a page that was sent and not used before. */
async function linkTo(path, known = []) {
  for (let tries = 0; tries < 150; tries += 1) {
    for (const sms of await sent()) {
      const link = sms.text.match(new RegExp(`https://[^\\s]*${path}[\\w-]{22}`))?.[0];
      if (link && !known.includes(link) && (path !== '/m/' || /не сможет принять/.test(sms.text))) return link;
    }
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`no link to ${path} was sent`);
}

/** Puts the found patient on the list; the wish's page is open then. */
async function putOnTheList(page, index) {
  await page.goto('/waitlist/new');
  await page.locator('#wq').fill('701');
  await page.locator('main form[role=search] button').click();
  await page.locator('a[href^="/waitlist/new?patient="]').nth(index).click();
  await page.locator('#service').selectOption({ index: 1 });
  await page.locator('main form[action="/waitlist"] button[type=submit]').click();
  await page.waitForURL(/\/waitlist\/[0-9a-f-]{36}$/);
}

test('somebody waits, is offered a time, and takes it on the phone', async () => {
  const desk = await person(browser, clinic);
  const page = await signIn(desk, 'reception');
  await page.goto('/waitlist');
  await inspect(page, 'waitlist-empty', { sizes: ['wide', 'phone'] });

  // what is typed wrongly is said
  await page.goto('/waitlist/new');
  await inspect(page, 'waitlist-search', { sizes: ['wide', 'phone'] });
  await page.locator('#wq').fill('701');
  await page.locator('main form[role=search] button').click();
  await page.locator('a[href^="/waitlist/new?patient="]').first().click();
  await inspect(page, 'waitlist-new');
  await page.locator('#from').fill('утром');
  await page.locator('main form[action="/waitlist"] button[type=submit]').click();
  await page.locator('#from[aria-invalid=true]').waitFor();
  assert.equal(await page.locator('#from').inputValue(), 'утром');
  await inspect(page, 'waitlist-new-refused', { sizes: ['wide', 'phone'] });

  // the first who is not booked already gets an offer
  let link;
  for (let index = 0; index < 6 && !link; index += 1) {
    await putOnTheList(page, index);
    await page.locator('form[action$="/offer"] button').first().click();
    await page.waitForLoadState();
    if (await page.locator('#refusal').count() === 0) link = await linkTo('/w/');
    else if (index === 0) await inspect(page, 'waitlist-not-offered', { sizes: ['wide', 'phone'] });
  }
  await inspect(page, 'waitlist-wish');
  await page.goto('/waitlist');
  await page.locator('#wl-o').waitFor();
  await inspect(page, 'waitlist');
  await page.locator('#live', { hasText: 'Онлайн' }).waitFor();

  const kazakh = await person(browser, clinic, { size: 'phone', lang: 'kk' });
  const other = await kazakh.newPage();
  await other.context().addCookies([{ name: 'lang', value: 'kk', url: new URL(link).origin, secure: true }]);
  await other.goto(link);
  await inspect(other, 'public-offer', { sizes: ['phone', 'wide'] });

  const patient = await person(browser, clinic, { size: 'phone', javaScriptEnabled: false });
  const phone = await patient.newPage();
  await phone.goto(link);
  await phone.locator('form[action$="/accept"] button').click();
  assert.equal(phone.url(), link);
  assert.match(await phone.locator('h1').innerText(), /Вы записаны|Сіз жазылдыңыз/);
  await page.locator('#wl-o').waitFor({ state: 'detached', timeout: 3_000 }); // the desk sees it

  await other.goto(link);
  await inspect(other, 'public-offer-accepted', { sizes: ['phone'] });
  for (const context of [desk, kazakh, patient]) {
    assertClean(context);
    await context.close();
  }
});

test('an offer that was declined shows other times, and the list speaks Kazakh', async () => {
  const desk = await person(browser, clinic, { lang: 'kk' });
  const page = await signIn(desk, 'reception');
  const before = (await sent()).map((sms) => sms.text.match(/https:\S*\/w\/[\w-]{22}/)?.[0]).filter(Boolean);
  let link;
  for (let index = 6; index < 14 && !link; index += 1) {
    await putOnTheList(page, index);
    await page.locator('form[action$="/offer"] button').first().click();
    await page.waitForLoadState();
    if (await page.locator('#refusal').count() === 0) link = await linkTo('/w/', before);
  }
  const wish = page.url().split('?')[0];
  await inspect(page, 'waitlist-wish');
  await page.goto('/waitlist');
  await page.locator('#wl-o').waitFor();
  await inspect(page, 'waitlist');
  const patient = await person(browser, clinic, { size: 'phone' });
  const phone = await patient.newPage();
  await phone.goto(link);
  await phone.locator('form[action$="/decline"] button').click();
  await phone.locator('.times button').first().waitFor();
  await inspect(phone, 'public-offer-others', { sizes: ['phone', 'wide'] });
  await phone.locator('.times button').first().click();
  await phone.locator('.tick-h:not(.off)').waitFor();

  await page.goto(wish);
  await page.locator('a[href^="/patients/"]').first().click();
  await page.locator('#s-waitlist .list').first().waitFor();
  await inspect(page, 'waitlist-card', { sizes: ['wide', 'phone'] });

  const boss = await person(browser, clinic, { lang: 'kk' });
  const rule = await signIn(boss, 'owner');
  await rule.goto('/waitlist/rule');
  await rule.locator('#at_once').fill('99');
  await rule.locator('main form button[type=submit]').click();
  await rule.locator('#at_once[aria-invalid=true]').waitFor();
  await inspect(rule, 'waitlist-rule');
  for (const context of [desk, patient, boss]) {
    assertClean(context);
    await context.close();
  }
});

test('a doctor falls ill: the patients are written to, one chooses another time, and the desk sees who', async () => {
  const desk = await person(browser, clinic);
  const page = await signIn(desk, 'reception');
  await page.locator('a[href^="/absences/new?doctor="]').first().click();
  await inspect(page, 'absence-new');
  await page.locator('main form button[type=submit]').click();
  await page.waitForURL(/\/absences\/[0-9a-f-]{36}$/);
  await page.locator('input[name=visit]').first().waitFor();
  await inspect(page, 'absence');
  await page.locator('form#tell button').click();
  await page.waitForURL(/told=/);
  await page.locator('#live', { hasText: 'Онлайн' }).waitFor();
  const link = await linkTo('/m/');

  const patient = await person(browser, clinic, { size: 'phone' });
  const phone = await patient.newPage();
  await phone.goto(link);
  await inspect(phone, 'public-away', { sizes: ['phone', 'wide'] });
  await phone.locator('a[href$="/move"]').click();
  await phone.locator('.times button').first().waitFor();
  await inspect(phone, 'public-away-move', { sizes: ['phone', 'wide'] });
  await phone.locator('.times button').first().click();
  await phone.locator('.tick-h:not(.off)').waitFor();
  await page.getByText('Сам выбрал время').first().waitFor({ timeout: 3_000 });
  await inspect(page, 'absence-answered');
  await page.goto('/');
  if (await page.locator('#stranded').count()) await inspect(page, 'today-stranded', { sizes: ['wide', 'phone'] });
  await page.goto('/absences');
  await inspect(page, 'absences');

  const kazakh = await person(browser, clinic, { lang: 'kk' });
  const other = await signIn(kazakh, 'owner');
  await other.goto('/absences');
  await inspect(other, 'absences', { sizes: ['wide', 'phone'] });
  await other.locator('main a[href^="/absences/0"]').first().click();
  await inspect(other, 'absence');
  for (const context of [desk, patient, kazakh]) {
    assertClean(context);
    await context.close();
  }
});

for (const lang of ['ru', 'kk']) {
  test(`one key in the booking panel puts the patient on the list (${lang})`, async () => {
    const context = await person(browser, clinic, { lang });
    const page = await signIn(context, 'reception');
    await page.goto('/waitlist/new');
    await page.locator('#wq').fill('701');
    await page.locator('main form[role=search] button').click();
    const chosen = await page.locator('a[href^="/waitlist/new?patient="]').nth(lang === 'ru' ? 2 : 3).getAttribute('href');
    const patient = chosen.match(/patient=([0-9a-f-]{36})/)[1];
    await page.goto(`/appointments/new?patient=${patient}`);
    await page.locator('#service').selectOption({ index: 2 });
    await page.locator('[data-key=w]').waitFor();
    await inspect(page, 'panel-to-waitlist');
    const service = await page.locator('#service').inputValue();
    await page.evaluate(() => document.activeElement?.blur());
    await page.keyboard.press('w');
    await page.waitForURL(/\/waitlist\/[0-9a-f-]{36}$/);
    await inspect(page, 'waitlist-from-panel', { sizes: ['wide', 'phone'] });
    await page.goto(`/waitlist?service=${service}`);
    assert.ok(await page.locator('#wl-l').isVisible());
    assertClean(context);
    await context.close();
  });
}
