// The likely duplicates that the demo's import left: compared, merged, told apart; and a card's own.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertClean, openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic } from './lib/demo.mjs';
import { inspect } from './lib/look.mjs';

let browser;
let clinic;
before(async () => { [clinic, browser] = await Promise.all([demoClinic(), openBrowser()]); });
after(async () => { await browser?.close(); await clinic?.stop(); });

const button = (page, name) => page.locator('main').getByRole('button', { name });
const waiting = async (page) => Number((await page.locator('h1 .count').innerText()).replace(/\D/g, ''));

test('two cards are compared and merged, and two people are told apart', { timeout: 180_000 }, async () => {
  const context = await person(browser, clinic);
  const page = await signIn(context, 'reception');
  await page.goto('/duplicates');
  await inspect(page, 'duplicates');
  const before = await waiting(page);
  assert.ok(before > 0, 'the demo has likely duplicates');

  await page.locator('main a', { hasText: 'Объединить…' }).first().click();
  await page.waitForURL(/duplicates\/[0-9a-f-]{36}\//);
  await inspect(page, 'duplicates-pair');
  await button(page, 'Объединить карты').click();
  await page.waitForURL(/patients\/.*merged=/);
  await page.getByText('объединена с этой').waitFor();
  await inspect(page, 'duplicates-merged', { sizes: ['wide', 'phone'], themes: ['light'] });

  await page.goto('/duplicates');
  const after = await waiting(page);
  assert.ok(after < before);
  await button(page, 'Это разные люди').first().click();
  await page.waitForFunction((count) => Number(document.querySelector('h1 .count').textContent.replace(/\D/g, '')) < count, after);
  assertClean(context);
  await context.close();
});

test('duplicates are sound in Kazakh, also those of one card', { timeout: 120_000 }, async () => {
  const context = await person(browser, clinic, { lang: 'kk' });
  const page = await signIn(context, 'reception');
  await page.goto('/duplicates');
  await inspect(page, 'duplicates', { sizes: ['wide', 'phone'], themes: ['light'] });
  const card = await page.locator('main thead a').first().getAttribute('href');
  await page.goto(card);
  await page.locator('a[href$="/duplicates"]', { hasText: 'Салыстыру' }).waitFor();
  await inspect(page, 'duplicates-on-card', { sizes: ['wide'], themes: ['light'] });
  await page.goto(`${card}/duplicates?q=Ахмет`);
  await inspect(page, 'duplicates-of-card', { sizes: ['wide', 'phone'] });
  assertClean(context);
  await context.close();
});
