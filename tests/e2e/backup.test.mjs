// The backup page: a recovery kit on paper first, then a backup that public tools open.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { assertClean, openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic } from './lib/demo.mjs';
import { inspect } from './lib/look.mjs';

let browser;
let clinic;
let context;
let page;

before(async () => {
  [clinic, browser] = await Promise.all([demoClinic(), openBrowser()]);
  context = await person(browser, clinic);
  page = await signIn(context, 'owner');
});
after(async () => {
  await browser?.close();
  await clinic?.stop();
});

const kit = path.join('recovery-kit-B.txt');

test('the owner makes a recovery kit and proves it was printed', async () => {
  await page.goto('/backups/kit');
  await inspect(page, 'backup-kit-why', { sizes: ['wide', 'phone'] });
  await page.locator('form[action="/backups/kit"] button').click();
  await page.locator('.kit-k').waitFor();
  await inspect(page, 'backup-kit', { sizes: ['wide', 'phone'] });
  const key = (await page.locator('.kit-k').textContent()).replace(/\s/g, '');
  assert.match(key, /^AGE-SECRET-KEY-1[A-Z0-9]+$/);
  await page.locator('input[name=ending]').fill('AAAAAAAA');
  await page.locator('input[name=ending]').press('Enter');
  await page.locator('[aria-invalid=true]').waitFor();
  const shown = (await page.locator('.kit-k').textContent()).replace(/\s/g, '');
  assert.equal(shown, key, 'a slip in typing keeps the same key');
  await page.locator('input[name=ending]').fill(key.slice(-8));
  await page.locator('input[name=ending]').press('Enter');
  await page.waitForURL(/\/backups$/);
  fs.writeFileSync(path.join(clinic.folder, kit), `${key}\n`, { mode: 0o600 });
});

test('a backup runs, is proven and opens with age and unzip alone', async () => {
  const to = path.join(clinic.folder, 'usb');
  fs.mkdirSync(to, { recursive: true });
  await page.goto('/backups');
  await page.locator('input[name=folder]').fill(to);
  await page.locator('input[name=folder]').press('Enter');
  await page.waitForLoadState();
  await page.goto('/backups');
  await page.locator('form[action="/backups"] button').click();
  await page.locator('table tbody tr .badge, table tbody tr .b-ok, table tbody td').first().waitFor();
  const archives = () => fs.readdirSync(to).filter((name) => name.endsWith('.zip.age'));
  for (let waited = 0; archives().length === 0; waited += 200) {
    assert.ok(waited < 60_000, 'no archive after a minute');
    await new Promise((done) => setTimeout(done, 200));
  }
  await page.waitForFunction(() => !document.getElementById('backup-progress'), null, { timeout: 60_000 });
  await inspect(page, 'backup-done');
  const [archive] = archives();
  const zip = path.join(clinic.folder, 'opened.zip');
  execFileSync('age', ['-d', '-i', path.join(clinic.folder, kit), '-o', zip, path.join(to, archive)]);
  const names = execFileSync('unzip', ['-Z1', zip], { encoding: 'utf8' });
  assert.match(names, /SHA256SUMS/);
  const opened = path.join(clinic.folder, 'opened');
  execFileSync('unzip', ['-q', zip, '-d', opened]);
  execFileSync('sha256sum', ['-c', '--quiet', 'SHA256SUMS'], { cwd: opened });
  const staff = execFileSync('sqlite3', ['-readonly', 'db/clinic.sqlite', 'SELECT count(*) FROM staff'], { cwd: opened, encoding: 'utf8' });
  assert.equal(Number(staff), 7);
  assertClean(context);
});

test('those who may not run backups are not offered to', async () => {
  const other = await person(browser, clinic);
  const view = await signIn(other, 'compliance');
  await view.goto('/backups');
  assert.equal(await view.locator('form[action="/backups"]').count(), 0);
  await other.close();
});
