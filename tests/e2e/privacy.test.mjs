// What may go where: classes in the editor, a gateway abroad, the log of transfers, and what a patient wants to be written.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
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

for (const lang of ['ru', 'kk']) {
  test(`a gateway abroad gets neutral words, and what tells of health cannot be saved for it (${lang})`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tirkeu-modem-'));
    for (const place of ['outbox', 'sent', 'error']) await mkdir(join(folder, place));
    const owner = await person(browser, clinic, { lang });
    const page = await signIn(owner, 'owner');
    await page.goto('/personal-data/transfers');
    await inspect(page, `privacy-transfers-none-${lang}`, { sizes: ['wide', 'phone'] });
    await page.goto('/messages/gateway/new/modem');
    await page.locator('#endpoint').fill(folder);
    await page.locator('#country').selectOption('de');
    await page.locator('form[action="/messages/gateway"] button').click();
    await page.waitForURL(/done=saved/);
    const gateway = new URL(page.url()).pathname;
    await inspect(page, `privacy-gateway-abroad-${lang}`, { sizes: ['wide', 'phone'] });
    await page.locator('#phone').fill('77012345670');
    await page.locator('form[action$=trial] button').click();
    await page.locator('#trial').waitFor();

    await page.goto('/messages/texts/booking_made/ru');
    const source = page.locator('#source');
    await source.fill('{{ clinic }}: {{ date }}, {{ time }}, {{ doctor }}, {{ service }} {{ link }}');
    await page.locator('#preview .al-warn').waitFor();
    assert.equal(await page.locator('#preview .sms').count(), 2, 'both wordings are shown');
    await inspect(page, `privacy-text-${lang}`);
    await page.locator('main button[type=submit]').first().click();
    await page.locator('#source[aria-invalid=true]').waitFor();
    await inspect(page, `privacy-text-refused-${lang}`, { sizes: ['wide', 'phone'] });

    await page.goto('/personal-data/transfers');
    await page.locator('tbody tr').first().waitFor();
    await inspect(page, `privacy-transfers-${lang}`);
    await page.locator('#party').selectOption('kannel');
    await page.locator('form[role=search] button[type=submit]').click();
    await page.locator('.empty').waitFor();
    await page.goto(gateway);
    await page.locator('details.data summary').click();
    await page.locator(`form[action="${gateway}/remove"] button`).click();
    await page.waitForURL(/done=removed/);
    assertClean(owner);
    await owner.close();
    await rm(folder, { recursive: true });
  });

  test(`a patient chooses what is written to them, by the link and at the desk (${lang})`, async () => {
    const patient = await person(browser, clinic, { size: 'phone', lang, javaScriptEnabled: false });
    const phone = await patient.newPage();
    const sent = await (await fetch(`${clinic.sms_url}?format=json`)).json();
    const link = sent.map((sms) => /https:\S+\/m\/\S+/.exec(sms.text)?.[0]).find(Boolean);
    assert.ok(link, 'a message of the demo has a link');
    await phone.goto(`${link}/writing`);
    await phone.locator('#service-sms').setChecked(lang === 'kk');
    await phone.locator('button[type=submit]').click();
    await phone.locator('.al-ok').waitFor();
    assert.equal(await phone.locator('#service-sms').isChecked(), lang === 'kk');
    await patient.close();
    const watcher = await person(browser, clinic, { lang });
    const shown = await watcher.newPage();
    await shown.goto(`${link}/writing`);
    await inspect(shown, `privacy-writing-${lang}`);
    assertClean(watcher);
    await watcher.close();

    const desk = await person(browser, clinic, { lang });
    const page = await signIn(desk, 'reception');
    await page.goto('/patients');
    await page.locator('main a[href^="/patients/0"]').first().click();
    await page.waitForURL(/\/patients\/0/);
    const card = new URL(page.url()).pathname;
    await page.goto(`${card}/messages`);
    await page.locator('form[action$="/wanted"]').evaluate((form) => { form.closest('details').open = true; });
    await page.locator('#marketing-sms').setChecked(lang === 'ru');
    await page.locator('form[action$="/wanted"] button').click();
    await page.locator('#wanted-reason[aria-invalid=true]').waitFor();
    await inspect(page, `privacy-card-refused-${lang}`, { sizes: ['wide', 'phone'] });
    await page.locator('#wanted-reason').fill('—');
    await page.locator('form[action$="/wanted"] button').click();
    await page.waitForURL(`**${card}/messages`);
    await inspect(page, `privacy-card-${lang}`);
    assertClean(desk);
    await desk.close();
  });
}
