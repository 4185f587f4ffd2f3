// What the clinic writes: the wording with its preview, the gateway, and where a demo clinic's messages land.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { assertClean, openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic } from './lib/demo.mjs';
import { inspect } from './lib/look.mjs';

let clinic;
let browser;
before(async () => { [clinic, browser] = [await demoClinic(), await openBrowser()]; });
after(async () => { await browser?.close(); await clinic?.stop(); });

/** What landed in the demo's inbox, newest first. */
const sent = async () => (await fetch(`${clinic.sms_url}?format=json`)).json();

async function until(what, probe) {
  for (let tries = 0; tries < 100; tries += 1) {
    const found = await probe();
    if (found) return found;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`never came: ${what}`);
}

test('a wording shows as it is typed how it would arrive, and is refused when it cannot', async () => {
  for (const lang of ['ru', 'kk']) {
    const owner = await person(browser, clinic, { lang });
    const page = await signIn(owner, 'owner');
    await page.goto('/messages/texts');
    await inspect(page, 'messages-texts');
    await page.goto('/messages/texts/booking_made/kk');
    await inspect(page, 'messages-text');
    const source = page.locator('#source');
    await source.fill('Қабылдау: {{ date }}, {{ time }} {{ link }}');
    await page.waitForFunction(() => document.querySelector('#preview')?.textContent.includes('Қабылдау: 2026'));
    await source.fill('{{ clinic }} {{ diagnosis }}');
    await page.waitForFunction(() => document.querySelector('#preview')?.textContent.includes('diagnosis'));
    await page.locator('main button[type=submit]').first().click();
    await page.locator('#source[aria-invalid=true]').waitFor();
    assert.equal(await page.locator('#source').inputValue(), '{{ clinic }} {{ diagnosis }}');
    await inspect(page, 'messages-text-refused', { sizes: ['wide', 'phone'] });
    assertClean(owner);
    await owner.close();
  }
});

test('the gateways tell how they are, a trial arrives, and another is added, ordered and removed', async () => {
  for (const lang of ['ru', 'kk']) {
    const owner = await person(browser, clinic, { lang });
    const page = await signIn(owner, 'owner');
    await page.goto('/messages/gateway');
    await page.locator('a[href="/messages/gateway/1"]').waitFor();
    await inspect(page, 'messages-gateways');
    await page.locator('a[href="/messages/gateway/1"]').click();
    await page.locator('#phone').fill(lang === 'ru' ? '8 701 234 56 78' : '8 701 234 56 79');
    await page.locator('form[action$=trial] button').click();
    const sms = await until('the trial', async () => (await sent()).find((one) => one.to === (lang === 'ru' ? '+77012345678' : '+77012345679')));
    assert.match(sms.text, lang === 'ru' ? /проверка отправки SMS/ : /SMS жіберуді тексеру/);
    assert.match(sms.at, /^\d{4}-\d\d-\d\dT/);
    await page.locator('#trial .ok').waitFor();
    await page.locator('a[href="/messages/gateway/1/health"]').click();
    await page.locator('#health .b-ok').waitFor();
    await inspect(page, 'messages-gateway');

    await page.goto('/messages/gateway/new/smsc');
    await page.locator('#endpoint').fill('http://smsc.kz/');
    await page.locator('#username').fill('arai');
    await page.locator('#per_minute').fill('many');
    await page.locator('form[action="/messages/gateway"] button').click();
    await page.locator('#endpoint[aria-invalid=true]').waitFor();
    assert.equal(await page.locator('#username').inputValue(), 'arai');
    await inspect(page, 'messages-gateway-refused', { sizes: ['wide', 'phone'] });
    await page.locator('#endpoint').fill('https://smsc.kz/');
    await page.locator('#per_minute').fill('600');
    await page.locator('#password').fill('secret');
    await page.locator('form[action="/messages/gateway"] button').click();
    await page.waitForURL(/done=saved/);
    const path = new URL(page.url()).pathname;
    await page.goto('/messages/gateway');
    await page.locator(`form[action="${path}/raise"] button`).click();
    await page.waitForURL(/done=raised/);
    await inspect(page, 'messages-gateways-two', { sizes: ['wide', 'phone'] });
    await page.goto(path);
    await page.locator('details.data summary').click();
    await page.locator(`form[action="${path}/remove"] button`).click();
    await page.waitForURL(/done=removed/);
    assert.equal(await page.locator(`a[href="${path}"]`).count(), 0);
    assertClean(owner);
    await owner.close();
  }
});

test("an operator's centre and the clinic's own modem are set up on pages of their own", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tirkeu-modem-'));
  for (const place of ['outbox', 'sent', 'error']) await mkdir(join(folder, place));
  for (const lang of ['ru', 'kk']) {
    const owner = await person(browser, clinic, { lang });
    const page = await signIn(owner, 'owner');
    const remove = async (path) => {
      await page.goto(path);
      await page.locator('details.data summary').click();
      await page.locator(`form[action="${path}/remove"] button`).click();
      await page.waitForURL(/done=removed/);
    };
    await page.goto('/messages/gateway/new/smpp');
    await inspect(page, 'messages-gateway-smpp');
    await page.locator('#endpoint').fill('smpp://smpp.example.kz');
    await page.locator('#username').fill('arai');
    await page.locator('form[action="/messages/gateway"] button').click();
    await page.locator('#endpoint[aria-invalid=true]').waitFor();
    assert.equal(await page.locator('#username').inputValue(), 'arai');
    await inspect(page, 'messages-gateway-smpp-refused', { sizes: ['wide', 'phone'] });
    // Nobody listens there: the page says so.
    await page.locator('#endpoint').fill('smpp://127.0.0.1:1');
    await page.locator('#password').fill('secret');
    await page.locator('form[action="/messages/gateway"] button').click();
    await page.waitForURL(/done=saved/);
    let path = new URL(page.url()).pathname;
    await page.locator(`a[href="${path}/health"]`).click();
    await page.locator('#health .b-bad').waitFor();
    await inspect(page, 'messages-gateway-smpp-ill', { sizes: ['wide', 'phone'] });
    await remove(path);

    await page.goto('/messages/gateway/new/modem');
    await inspect(page, 'messages-gateway-modem');
    await page.locator('#endpoint').fill('spool');
    await page.locator('form[action="/messages/gateway"] button').click();
    await page.locator('#endpoint[aria-invalid=true]').waitFor();
    await page.locator('#endpoint').fill(folder);
    await page.locator('form[action="/messages/gateway"] button').click();
    await page.waitForURL(/done=saved/);
    path = new URL(page.url()).pathname;
    await page.locator(`a[href="${path}/health"]`).click();
    await page.locator('#health .b-ok').waitFor();
    const phone = lang === 'ru' ? '77012345670' : '77012345671';
    await page.locator('#phone').fill(phone);
    await page.locator('form[action$=trial] button').click();
    await until('the trial in the folder', async () => (await readdir(join(folder, 'outbox'))).find((name) => name.includes(phone)));
    await page.locator('#trial').waitFor();
    await inspect(page, 'messages-gateway-modem-well', { sizes: ['wide', 'phone'] });
    await remove(path);
    assertClean(owner);
    await owner.close();
  }
  await rm(folder, { recursive: true });
});

test('a booked patient answers on the phone, without scripts and in either language', async () => {
  const patient = await person(browser, clinic, { size: 'phone', lang: 'kk', javaScriptEnabled: false });
  const page = await patient.newPage();
  // In the evening the first of them may be about a visit that is too near to be moved by the patient.
  const far = async (link) => (await page.goto(`${link}/cancel`)).ok() && await page.locator('form[action$="/cancel"]').count() > 0;
  const links = await until('the confirmations', async () => {
    const found = [];
    for (const sms of await sent()) {
      const link = /https:\S+\/m\/\S+/.exec(sms.text)?.[0];
      if (link && await far(link)) found.push(link);
      if (found.length > 1) return found;
    }
    return false;
  });
  await page.goto(links[0]);
  const confirm = page.locator('form[action$="/confirm"] button');
  if (await confirm.count()) await confirm.click();
  assert.equal(page.url(), links[0]);
  assert.equal(await confirm.count(), 0);
  await page.goto(`${links[0]}/move`);
  await page.locator('.times button').first().click();
  assert.equal(page.url(), links[0]);
  await page.goto(`${links[1]}/cancel`);
  await page.locator('form[action$="/cancel"] button').click();
  assert.equal(page.url(), links[1]);
  assert.equal(await page.locator('form').count(), 1, 'only the language switch is left');
  const answer = await page.goto(links[0].replace(/.{22}$/, 'A'.repeat(22)));
  assert.equal(answer.status(), 404);
  assertClean(patient);
  await patient.close();

  const looking = await person(browser, clinic, { size: 'phone', lang: 'ru' });
  const shown = await looking.newPage();
  for (const [path, name] of [['', 'answer'], ['/move', 'move'], ['/cancel', 'cancel']]) {
    await shown.goto(`${links[0]}${path}`);
    await inspect(shown, `public-${name}`, { sizes: ['phone', 'wide'] });
  }
  await shown.goto(`${new URL(links[0]).origin}/m/${'A'.repeat(22)}`);
  await inspect(shown, 'public-closed', { sizes: ['phone'] });
  assertClean(looking);
  await looking.close();
});

test('the demo inbox shows people what was sent', async () => {
  const anybody = await person(browser, clinic);
  const page = await anybody.newPage();
  await page.goto(clinic.sms_url);
  await page.getByText(/\+7\s\(701\)\s234.56.78/).waitFor();
  await inspect(page, 'messages-inbox', { sizes: ['wide', 'phone'] });
  assertClean(anybody);
  await anybody.close();
});
