// The chain of reminders: its settings, a step with its live preview, and what became of each step of a visit.
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
  test(`the chain is edited with a live preview, in ${lang}`, async () => {
    const owner = await person(browser, clinic, { lang });
    const page = await signIn(owner, 'owner');
    await page.goto('/messages/reminders');
    await page.locator('ol.msgs > li').first().waitFor();
    await inspect(page, 'reminders-chain');
    await page.locator('a[href^="/messages/reminders/steps/"]').nth(2).click();
    const source = page.locator('#source_kk');
    await source.waitFor();
    await inspect(page, 'reminders-step');
    await source.fill('Бүйірдегі есік. {{ date }}, {{ weekday }}, {{ time }} {{ link }}');
    await page.waitForFunction(() => document.querySelector('#preview-kk')?.textContent.includes('Бүйірдегі есік. 2026'));
    await source.fill('{{ diagnosis }}');
    await page.waitForFunction(() => document.querySelector('#preview-kk')?.textContent.includes('diagnosis'));
    await page.locator('#step button[type=submit]').last().click();
    await page.locator('#source_kk[aria-invalid=true]').waitFor();
    assert.equal(await page.locator('#source_kk').inputValue(), '{{ diagnosis }}');
    await inspect(page, 'reminders-step-refused', { sizes: ['wide', 'phone'] });

    // A channel for this step: its words abroad are shown at once, and the list says what it lacks.
    await page.locator('#source_kk').fill('{{ service }}: {{ date }}, {{ time }} {{ link }}');
    await page.locator('#channel').selectOption('telegram');
    await page.waitForFunction(() => document.querySelectorAll('#preview-kk .bubble').length === 2);
    await page.locator('#step button[type=submit]').last().click();
    await page.locator('#source_kk[aria-invalid=true]').waitFor();
    assert.equal(await page.locator('#channel').inputValue(), 'telegram', 'what was chosen stays');
    await page.locator('#source_kk').fill('');
    await page.locator('#step button[type=submit]').last().click();
    await page.locator('ol.msgs > li .b', { hasText: 'Telegram' }).first().waitFor();
    await inspect(page, 'reminders-chain-channel');
    await page.locator('a[href^="/messages/reminders/steps/"]').nth(2).click();
    await page.locator('#channel').selectOption('');
    await page.locator('#step button[type=submit]').last().click();
    await page.locator('ol.msgs > li').first().waitFor();
    assertClean(owner);
    await owner.close();
  });

  test(`what became of each step stands two clicks from the schedule, in ${lang}`, async () => {
    const desk = await person(browser, clinic, { lang });
    const page = await signIn(desk, 'reception');
    await page.goto('/schedule');
    const visit = page.locator('a.ev').first();
    await visit.waitFor();
    await visit.click();
    const link = page.locator('#bk a[href$="/reminders"]');
    await link.waitFor();
    await link.click();
    await page.locator('ol.msgs > li').first().waitFor();
    await inspect(page, 'reminders-touches');
    assertClean(desk);
    await desk.close();
  });
}
