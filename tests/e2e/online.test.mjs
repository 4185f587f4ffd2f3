// Online booking on a patient's phone: four taps to the code, in three languages, with and without scripts; the desk; the widget.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertClean, openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic } from './lib/demo.mjs';
import { inspect, picture } from './lib/look.mjs';

// A made-up site of the clinic's is not on this machine, and the demo is: Chromium would ask before it lets one reach the other.
const LOCAL = ['--disable-features=LocalNetworkAccessChecks'];

let clinic;
let browser;
before(async () => { [clinic, browser] = [await demoClinic(), await openBrowser(LOCAL)]; });
after(async () => { await browser?.close(); await clinic?.stop(); });

const PHONE = { sizes: ['phone'] };
let last = 1000;
/** A mobile number nobody has used yet. */
const number = () => `8 701 555 ${last += 1}`;

/** What landed in the demo's inbox, newest first. */
const sent = async () => (await fetch(`${clinic.sms_url}?format=json`)).json();

/** The code sent to a number. */
async function codeFor(phone) {
  const to = '+7' + phone.replace(/\D/g, '').slice(1);
  for (let tries = 0; tries < 150; tries += 1) {
    const sms = (await sent()).find((one) => one.to === to);
    const code = sms && /\b\d{6}\b/.exec(sms.text)?.[0];
    if (code) return code;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`no code came to ${to}`);
}

async function patient(lang, more = {}) {
  const someone = await person(browser, clinic, { size: 'phone', lang, ...more });
  await someone.addCookies([{ name: 'lang', value: lang, url: clinic.public_url, secure: true }]);
  return someone;
}

/** Chooses what, with whom and when, counting taps; `look` is called with each page's name. */
async function choose(page, { look = async () => {}, service = '.picks a.pick:not(.hot)', time = '.times a' } = {}) {
  let taps = 0;
  const tap = async (what) => { taps += 1; await what.click(); };
  await page.goto(`${clinic.public_url}/book`);
  await look('online-1-service');
  await tap(page.locator(service).first());
  await page.locator('a.pick.hot').waitFor();
  await look('online-2-doctor');
  await tap(page.locator('a.pick.hot'));
  await page.locator(time).first().waitFor();
  await look('online-3-time');
  await tap(page.locator(time).last());
  await page.locator('#phone').waitFor();
  return taps;
}

async function fill(page, phone, name = 'Ахметова Дана') {
  await page.locator('#name').fill(name);
  await page.locator('#phone').fill(phone);
  await page.locator('#consent').check();
}

const book = (page) => page.locator('form[action*="/code"] button').click();

for (const lang of ['ru', 'kk', 'en']) {
  test(`a patient books in ${lang} with four taps to the code`, async () => {
    const someone = await patient(lang);
    const page = await someone.newPage();
    const look = (name) => inspect(page, name, PHONE);
    let taps = await choose(page, { look });
    await look('online-4-contact');
    const phone = number();
    await fill(page, phone);
    taps += 1;
    await page.locator('.stick button').click();
    await page.locator('#code').waitFor();
    assert.ok(taps <= 4, `${taps} taps`);
    await look('online-5-code');
    assert.equal(await page.locator('html').getAttribute('lang'), lang);
    await page.locator('#code').fill(await codeFor(phone));
    await book(page);
    await page.locator('.tick-h').waitFor();
    await look('online-6-done');
    const file = await page.request.get(new URL(await page.locator('a[href$="visit.ics"]').getAttribute('href'), page.url()).href);
    assert.match(await file.text(), /BEGIN:VEVENT/);
    await page.locator('a[href$="/move"]').click();
    await page.locator('.times button').first().waitFor();
    assertClean(someone);
    await someone.close();
  });
}

for (const lang of ['ru', 'kk']) {
  test(`who asks to be called back in ${lang} waits in the inbox`, async () => {
    const someone = await patient(lang);
    const page = await someone.newPage();
    await page.goto(`${clinic.public_url}/ask?src=2gis`);
    await page.locator('#name').fill('Б');
    await page.locator('.stick button').click();
    await page.locator('#phone[aria-invalid]').waitFor();
    await inspect(page, 'ask-refused', PHONE);
    await page.locator('#name').fill(lang === 'ru' ? 'Бибигуль' : 'Бибігүл');
    await page.locator('#phone').fill(number());
    await page.locator('#about').fill('Чистка');
    await page.locator('#consent').check();
    await page.locator('.stick button').click();
    await page.waitForURL(/\/ask\/done/);
    await inspect(page, 'ask-done', PHONE);
    assertClean(someone);
    await someone.close();
    const desk = await person(browser, clinic, { lang });
    const inbox = await signIn(desk, 'reception');
    await inbox.goto('/inbox');
    await inbox.locator('a.inbox-row', { hasText: lang === 'ru' ? 'Бибигуль' : 'Бибігүл' }).click();
    await inbox.locator('.inbox-e.theirs .bubble', { hasText: 'Чистка' }).waitFor();
    await inspect(inbox, 'ask-inbox', { sizes: ['wide', 'phone'], themes: ['light'] });
    assertClean(desk);
    await desk.close();
  });
}

test('the same works without scripts, and what is wrong is said beside its field', async () => {
  const someone = await patient('kk', { javaScriptEnabled: false });
  const page = await someone.newPage();
  await choose(page);
  await page.locator('#name').fill('А');
  await page.locator('#phone').fill('+1 202 555 0100');
  await page.locator('.stick button').click();
  await page.locator('#phone[aria-invalid=true]').waitFor();
  assert.equal(await page.locator('#name').inputValue(), 'А');
  await picture(page, 'online-4-refused-kk-390');
  const phone = number();
  await fill(page, phone);
  await page.locator('.stick button').click();
  await page.locator('#code').fill('000000');
  await book(page);
  await page.locator('#code[aria-invalid=true]').waitFor();
  await page.locator('#code').fill(await codeFor(phone));
  await book(page);
  await page.locator('.tick-h').waitFor();
  assertClean(someone);
  await someone.close();
});

test('a page that is refused, a time that is gone and a link that is dead are looked at, too', async () => {
  const someone = await patient('ru');
  const page = await someone.newPage();
  await choose(page);
  await page.locator('.stick button').click();
  await page.locator('#name[aria-invalid=true]').waitFor();
  await inspect(page, 'online-4-refused', PHONE);
  const slot = page.url();
  await page.goto(slot.replace(/T\d\d:\d\d/, 'T03:00'));
  await page.locator('[role=alert]').waitFor();
  await inspect(page, 'online-3-taken', PHONE);
  await page.goto(`${clinic.public_url}/visit/${'A'.repeat(22)}`);
  await page.locator('.tick').waitFor();
  await inspect(page, 'online-off', PHONE);
  assertClean(someone);
  await someone.close();
});

test('what the desk confirms waits there, and the patient is told', async () => {
  const someone = await patient('ru');
  const page = await someone.newPage();
  await choose(page, { service: '.picks a.pick:has-text("с подтверждением")' });
  const phone = number();
  await fill(page, phone, 'Ли Сергей');
  await page.locator('.stick button').click();
  await page.locator('#code').fill(await codeFor(phone));
  await book(page);
  await page.locator('.tick-h.off').waitFor();
  await inspect(page, 'online-6-held', PHONE);
  for (const lang of ['ru', 'kk']) {
    const desk = await person(browser, clinic, { lang });
    const staff = await signIn(desk, 'reception');
    await staff.goto('/online');
    await staff.locator('text=Ли Сергей').first().waitFor();
    await inspect(staff, 'online-desk');
    if (lang === 'kk') {
      await staff.locator('form[action$="/approve"] button').first().click();
      await staff.locator('form[action$="/approve"]').waitFor({ state: 'detached' });
    }
    assertClean(desk);
    await desk.close();
  }
  await someone.close();
});

test('the owner sets it up, and the widget shows on the clinic’s own site and on no other', async () => {
  const owner = await person(browser, clinic);
  const page = await signIn(owner, 'owner');
  await page.goto('/settings/online');
  await inspect(page, 'online-settings');
  await page.locator('#sites').fill('nonsense');
  await page.locator('form[action="/settings/online"] button[type=submit]').click();
  await page.locator('#sites[aria-invalid=true]').waitFor();
  await page.locator('#sites').fill('https://arai-dent.kz');
  await page.locator('form[action="/settings/online"] button[type=submit]').click();
  await page.locator('.al-ok').waitFor();
  assertClean(owner);
  await owner.close();

  const visitor = await patient('ru');
  const html = `<!doctype html><title>Сайт</title><div data-tirkeu data-src="site" data-lang="kk"></div><script src="${clinic.public_url}/widget.js" async></script>`;
  for (const site of ['https://arai-dent.kz', 'https://evil.example']) {
    await visitor.route(`${site}/**`, (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body: html }));
  }
  const site = await visitor.newPage();
  await site.goto('https://arai-dent.kz/');
  const frame = site.frameLocator('iframe');
  await frame.locator('html[lang=kk] .pick').first().waitFor();
  await site.waitForFunction(() => parseInt(document.querySelector('iframe').style.height, 10) > 700);
  await picture(site, 'online-widget-kk-390');
  await frame.locator('.pick.hot').first().click();
  await frame.locator('.times a').first().waitFor();
  await site.goto('https://evil.example/');
  await site.locator('iframe').waitFor();
  await site.waitForFunction(() => document.readyState === 'complete');
  assert.equal(await frame.locator('.pick').count(), 0);
  await visitor.close();
});
