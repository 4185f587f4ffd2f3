// The README's pictures, from the demo clinic: run by scripts/screenshots.
import fs from 'node:fs';
import path from 'node:path';
import { openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic, top } from './lib/demo.mjs';

/** Name, role, address (or how to get to it) and how the browser is set. */
const SHOTS = [
  ['today', 'reception', '/', {}],
  ['schedule', 'reception', '/schedule', {}],
  ['schedule-dark-kk', 'reception', '/schedule', { lang: 'kk', theme: 'dark' }],
  ['today-phone', 'reception', '/', { size: 'phone' }],
  ['patient', 'reception', busyCard, {}],
  ['audit', 'compliance', '/audit', {}],
  ['backup', 'owner', '/backups', {}],
];

/** The card of whoever comes today and has been here before. */
async function busyCard(page) {
  await page.goto('/schedule');
  await page.locator('.ev').first().click();
  return page.locator('.bk a[href^="/patients/"]').first().getAttribute('href');
}

const folder = path.join(top, 'docs/img');
fs.mkdirSync(folder, { recursive: true });

const [clinic, browser] = await Promise.all([demoClinic(), openBrowser()]);
for (const [name, role, address, how] of SHOTS) {
  const context = await person(browser, clinic, how);
  const page = await signIn(context, role);
  const answer = await page.goto(typeof address === 'string' ? address : await address(page));
  if (answer.status() !== 200) throw new Error(`${name}: ${answer.status()}`);
  await page.waitForLoadState('networkidle');
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: path.join(folder, `${name}.png`), animations: 'disabled' });
  await context.close();
}
await browser.close();
await clinic.stop();
