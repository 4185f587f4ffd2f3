// Letters to patients: the way is set up, an address goes into a card, and the letter is read as a mail program shows it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertClean, openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic } from './lib/demo.mjs';
import { axe, inspect, picture } from './lib/look.mjs';
import { peer } from './lib/smtp.mjs';

let clinic;
let browser;
let smtp;
before(async () => { [clinic, browser, smtp] = [await demoClinic(), await openBrowser(), await peer()]; });
after(async () => { await browser?.close(); await clinic?.stop(); smtp?.stop(); });

const submit = (page, action) => page.locator(`form[action="${action}"] button[type=submit]`).click();

test('letters to patients are set up on top of the mail server, and tried', async (t) => {
  if (!smtp) return t.skip('SMTP: python3 with venv, openssl and PyPI (aiosmtpd)');
  const owner = await person(browser, clinic);
  const page = await signIn(owner, 'owner');
  await page.goto('/messages/gateway/new/email');
  await page.locator('.al-warn').waitFor(); // there is no mail server yet
  await inspect(page, 'letters-no-server', { sizes: ['wide', 'phone'] });
  await page.goto('/messages/mail');
  await page.locator('#host').fill('localhost');
  await page.locator('input[name=tls][value=implicit]').check({ force: true });
  await page.locator('#port').fill(smtp.ports[0]);
  await page.locator('#username').fill('clinic');
  await page.locator('#password').fill('mail-secret');
  await page.locator('#sender').fill('crm@arai.example');
  await page.locator('#ca').fill(smtp.ca);
  await submit(page, '/messages/mail');
  await page.waitForURL(/done=saved/);
  await page.goto('/messages/gateway/new/email');
  await submit(page, '/messages/gateway');
  await page.waitForURL(/done=saved/);
  const here = new URL(page.url()).pathname;
  await page.locator('#phone').fill('8 701 000 00 01');
  await submit(page, `${here}/trial`);
  await page.locator('#phone[aria-invalid=true]').waitFor();
  await inspect(page, 'letters-gateway');
  await page.locator('#phone').fill('owner@example.kz');
  await submit(page, `${here}/trial`);
  const letter = await smtp.next();
  assert.deepEqual(letter.to, ['owner@example.kz']);
  await assertClean(owner);
});

for (const lang of ['ru', 'kk']) {
  test(`an address goes into a card, and a booking is told by letter (${lang})`, async (t) => {
    if (!smtp) return t.skip('SMTP: python3 with venv, openssl and PyPI (aiosmtpd)');
    const desk = await person(browser, clinic, { lang });
    const page = await signIn(desk, 'reception');
    await page.goto('/patients/new');
    await page.locator('#surname').fill('Почтова');
    await page.locator('#given').fill(lang);
    await page.locator('#email').fill('pochtova.example');
    await page.locator(`input[name=language][value=${lang}]`).check({ force: true });
    await submit(page, '/patients');
    await page.locator('#email[aria-invalid=true]').waitFor();
    await inspect(page, 'letters-address-refused', { sizes: ['wide', 'phone'] });
    const address = `pochtova.${lang}@example.kz`;
    await page.locator('#email').fill(address);
    await submit(page, '/patients');
    await page.waitForURL(/\/patients\/[0-9a-f-]{36}/);
    await page.getByText(address).waitFor();
    await inspect(page, 'letters-card');

    // Somebody without a telephone is told by letter.
    const patient = new URL(page.url()).pathname.split('/')[2];
    await page.goto(`/appointments/new?day=2026-11-27&patient=${patient}`);
    await page.locator('#service').selectOption({ index: 1 });
    await page.locator('#starts input').first().check({ force: true });
    await page.locator('#bk-f').press('Control+Enter');
    const letter = await smtp.next();
    assert.deepEqual(letter.to, [address]);
    assert.ok(!letter.page.includes('Почтова'), letter.page);
    for (const size of [600, 390]) {
      const mail = await desk.newPage();
      await mail.setViewportSize({ width: size, height: 720 });
      await mail.setContent(letter.page);
      await picture(mail, `letter-${lang}-${size}`);
      assert.deepEqual((await axe(mail)).filter((rule) => !rule.startsWith('landmark') && !rule.startsWith('region')), []);
      await mail.close();
    }
    await page.goto(`/patients/${patient}/messages`);
    await page.getByText('p•••@example.kz').first().waitFor();
    await inspect(page, 'letters-messages');
    await assertClean(desk);
  });
}
