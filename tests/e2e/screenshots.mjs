// The README's pictures, from the demo clinic: run by scripts/screenshots.
import fs from 'node:fs';
import path from 'node:path';
import { openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic, top } from './lib/demo.mjs';

/** A Wednesday morning when the board is busy. */
const CLOCK = '2026-11-25T11:20';

const folder = path.join(top, 'docs/img');
fs.mkdirSync(folder, { recursive: true });
const [clinic, browser] = await Promise.all([demoClinic({ clock: CLOCK }), openBrowser()]);

async function picture(page, name) {
  await page.waitForLoadState('networkidle');
  await page.evaluate(() => document.fonts.ready);
  await page.mouse.move(0, 0);
  await page.screenshot({ path: path.join(folder, `${name}.png`), animations: 'disabled' });
}

/** Opens pages as one role: `shots` are [name, address] or [name, how to get there]. */
async function as(role, how, ...shots) {
  const context = await person(browser, clinic, how);
  const page = await signIn(context, role);
  for (const [name, way] of shots) {
    if (typeof way === 'string') await page.goto(way);
    else await way(page);
    await picture(page, name);
  }
  await context.close();
}

/** The schedule with a free slot opened in the panel and a service chosen. */
async function booking(page) {
  await page.goto('/schedule');
  await page.locator('#bk #query').fill('Ахмет');
  await page.locator('#query-found [role=option]').first().click();
  await page.locator('#bk .pcard').waitFor();
  await page.locator('#bk #service').selectOption({ index: 4 });
  await page.locator('#bk #starts input').first().check({ force: true });
}

/** The card of whoever comes today and has been here before. */
async function busyCard(page) {
  await page.goto('/schedule');
  await page.locator('.ev.st-chair').first().click();
  await page.locator('.bk .pcard a[href^="/patients/"]').first().click();
  await page.waitForURL(/patients/);
}

/** A finished backup. */
async function backup(page) {
  await page.goto('/backups');
  await page.locator('form[action="/backups"] button').click();
  await page.waitForFunction(() => !document.getElementById('backup-progress'), null, { timeout: 120_000 });
  await page.goto('/backups');
}

/** A consent on a paired tablet, signed with a finger. */
async function consent() {
  const [reception, hands] = [await person(browser, clinic), await person(browser, clinic, { size: 'tablet', hasTouch: true })];
  const [desk, tablet] = [await signIn(reception, 'reception'), await hands.newPage()];
  await desk.goto('/tablets');
  await desk.locator('#name').fill('Регистратура-2');
  await desk.locator('form[action="/tablets"] button').click();
  const digits = (await desk.locator('.pair-code').textContent()).replace(/\D/g, '');
  await tablet.goto('/tablet');
  for (const digit of digits) await tablet.locator(`[data-k="${digit}"]`).first().click();
  await tablet.locator('#code-ok').click();
  await busyCard(desk);
  const patient = desk.url().split('/').pop();
  await desk.goto(`/patients/${patient}/consents/new`);
  await desk.locator('#d-dental-treatment').check();
  await desk.locator('#tablet').selectOption({ index: 1 });
  await desk.locator('#service').fill('Лечение кариеса, 46');
  await desk.locator('#price').fill('28 000 ₸');
  await desk.locator('#identity_document').selectOption('id_card');
  await desk.locator('#identity_last4').fill('4411');
  await desk.locator('#face').check();
  await desk.locator('main form button[type=submit]').last().click();
  const text = tablet.locator('#read');
  await text.waitFor();
  for (const box of await tablet.locator('input[name=tick]').all()) await box.check();
  await text.evaluate((box) => box.scrollTo(0, box.scrollHeight));
  await tablet.locator('#read-ok:enabled').click();
  const box = await tablet.locator('#pad').boundingBox();
  const drawn = [[0.22, 0.62], [0.27, 0.3], [0.31, 0.68], [0.36, 0.42], [0.4, 0.6], [0.45, 0.36], [0.5, 0.62], [0.56, 0.45], [0.62, 0.58], [0.78, 0.5]];
  const at = ([x, y]) => [box.x + box.width * x, box.y + box.height * y];
  await tablet.mouse.move(...at(drawn[0]));
  await tablet.mouse.down();
  for (const point of drawn) await tablet.mouse.move(...at(point), { steps: 12 });
  await tablet.mouse.up();
  await picture(tablet, 'consent-tablet');
  await Promise.all([reception.close(), hands.close()]);
}

await as('reception', {}, ['today', '/'], ['schedule', booking], ['patient', busyCard]);
await as('reception', { lang: 'kk', theme: 'dark' }, ['schedule-dark-kk', '/schedule']);
await consent();
await as('owner', {}, ['backup', backup]);
await as('compliance', {}, ['audit', '/audit']);
await browser.close();
await clinic.stop();
