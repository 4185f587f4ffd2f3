// The README's pictures, from the demo clinic: run by scripts/screenshots.
import fs from 'node:fs';
import path from 'node:path';
import { openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic, top } from './lib/demo.mjs';

const SHOTS = [
  ['today', 'reception', '/', {}],
  ['schedule', 'reception', '/schedule', {}],
  ['schedule-dark-kk', 'reception', '/schedule', { lang: 'kk', theme: 'dark' }],
  ['patients', 'reception', '/patients', {}],
  ['audit', 'compliance', '/audit', {}],
  ['backup', 'owner', '/backups', {}],
];
const folder = path.join(top, 'docs/img');
fs.mkdirSync(folder, { recursive: true });

const [clinic, browser] = await Promise.all([demoClinic(), openBrowser()]);
for (const [name, role, address, how] of SHOTS) {
  const context = await person(browser, clinic, how);
  const page = await signIn(context, role);
  const answer = await page.goto(address);
  if (answer.status() !== 200) throw new Error(`${address}: ${answer.status()}`);
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: path.join(folder, `${name}.png`), animations: 'disabled' });
  await context.close();
}
await browser.close();
await clinic.stop();
