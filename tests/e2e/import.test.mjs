// The clinic's spreadsheets, from the upload to the undo: looked at, corrected, stopped, gone on with, reported.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { assertClean, openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic, top } from './lib/demo.mjs';
import { inspect } from './lib/look.mjs';

const FILES = path.join(top, 'tests/data/clinic-small');
const LONG = 180_000; // four thousand visits, in a debug build

let browser;
let clinic;
before(async () => { [clinic, browser] = await Promise.all([demoClinic(), openBrowser()]); });
after(async () => { await browser?.close(); await clinic?.stop(); });

const state = (page, text) => page.locator('main .card-h .b', { hasText: text });
const button = (page, name) => page.locator('main').getByRole('button', { name });

/** Brings the shipped files as reception does. */
async function bring(page) {
  await page.goto('/import');
  await page.locator('#journal').setInputFiles(path.join(FILES, 'journal.xlsx'));
  await page.locator('#people').setInputFiles(path.join(FILES, 'patients.csv'));
  await page.locator('#prices').setInputFiles(path.join(FILES, 'price-list.xlsx'));
  await page.locator('form[enctype] button[type=submit]').click();
  await page.waitForURL(/import\/[0-9a-f-]{36}$/);
}

test('an import is looked at, corrected, stopped, gone on with, reported and undone', { timeout: 600_000 }, async () => {
  const context = await person(browser, clinic);
  const page = await signIn(context, 'owner');
  page.setDefaultTimeout(LONG);

  // The demo came with the same files: what it brought is taken back first.
  await page.goto('/import');
  await inspect(page, 'import-index', { sizes: ['wide', 'phone'] });
  await page.locator('main tbody a').first().click();
  await button(page, 'Отменить всю загрузку').click({ timeout: LONG });
  await state(page, 'отменена').waitFor({ timeout: LONG });

  await page.goto('/import');
  await page.locator('#journal').setInputFiles({ name: 'scan.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7 scan') });
  await page.locator('form[enctype] button[type=submit]').click();
  await page.getByRole('alert').getByText('PDF').waitFor();
  await inspect(page, 'import-refused', { sizes: ['wide', 'phone'], themes: ['light'] });

  await bring(page);
  await inspect(page, 'import-preview', { themes: ['light'] });
  // The last sheet is the price list's: its last column is of no use.
  const column = () => page.locator('form[action$="/layout"]').last().locator('tbody select').last();
  const guessed = await column().inputValue();
  for (const meaning of ['ignored', guessed]) {
    await column().selectOption(meaning);
    const posted = page.waitForResponse((response) => response.request().method() === 'GET' && /import\/[0-9a-f-]{36}$/.test(response.url()));
    await page.locator('form[action$="/layout"] button[type=submit]').last().click();
    await posted;
    await page.waitForLoadState('load');
    assert.equal(await column().inputValue(), meaning, 'the corrected guess stays');
  }

  await button(page, 'Загрузить').first().click();
  await page.locator('#im-bar progress').waitFor();
  await button(page, 'Остановить').click();
  await state(page, 'остановлена').waitFor({ timeout: LONG });
  await inspect(page, 'import-stopped', { sizes: ['wide'], themes: ['light'] });
  const goesOn = page.waitForEvent('load');
  await button(page, 'Продолжить').click();
  await goesOn;
  await page.locator('#im-bar progress').waitFor();
  await inspect(page, 'import-running', { sizes: ['phone'], themes: ['light'] });
  await state(page, 'готово').waitFor({ timeout: LONG });
  await inspect(page, 'import-report', { sizes: ['wide', 'phone'] });

  await page.locator('.seg a', { hasText: 'отклонена' }).click();
  assert.ok(await page.locator('main tbody tr').count() > 10);
  assert.equal(await page.locator('main tbody .b', { hasText: 'принята' }).count(), 0, 'only the refused are shown');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Скачать отчёт XLSX' }).click()]);
  const bytes = fs.readFileSync(await download.path());
  assert.equal(bytes.subarray(0, 2).toString(), 'PK');

  await page.getByRole('link', { name: 'Сравнить и объединить' }).click();
  await page.waitForURL(/duplicates/);

  await page.goto('/import');
  await page.locator('main tbody a').first().click();
  await button(page, 'Отменить всю загрузку').click({ timeout: LONG });
  await state(page, 'отменена').waitFor({ timeout: LONG });
  await inspect(page, 'import-undone', { sizes: ['wide'], themes: ['light'] });
  assertClean(context);
  await context.close();
});

test('the import is sound in Kazakh', { timeout: 120_000 }, async () => {
  const context = await person(browser, clinic, { lang: 'kk' });
  const page = await signIn(context, 'reception');
  page.setDefaultTimeout(LONG);
  await page.goto('/import');
  await inspect(page, 'import-index', { sizes: ['wide', 'phone'], themes: ['light'] });
  await page.locator('main tbody a').first().click();
  await inspect(page, 'import-undone', { sizes: ['phone'], themes: ['dark'] });
  assertClean(context);
  await context.close();
});
