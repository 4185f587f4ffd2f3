// Signing in to the demo clinic, and that the connection to it can be trusted.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import https from 'node:https';
import tls from 'node:tls';
import { after, before, test } from 'node:test';
import { assertClean, enter, enterCode, enterPassword, openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic } from './lib/demo.mjs';
import { inspect } from './lib/look.mjs';
import { freshCode } from './lib/totp.mjs';

let browser;
let clinic;

before(async () => {
  [clinic, browser] = await Promise.all([demoClinic(), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await clinic?.stop();
});

test('the certificate chains to the authority the clinic made, and to no other', async () => {
  const { hostname, port } = new URL(clinic.staff_url);
  const connect = (ca) => new Promise((done, failed) => {
    const socket = tls.connect({ host: hostname, port, ca, servername: 'localhost' }, () => { socket.end(); done(socket.getProtocol()); });
    socket.on('error', failed);
  });
  assert.equal(await connect(fs.readFileSync(clinic.ca_file)), 'TLSv1.3');
  await assert.rejects(connect(undefined), /self-signed|unable to (get|verify)/);
});

test('every answer carries the headers that keep a page closed', async () => {
  const headers = await new Promise((done, failed) => {
    https.get(clinic.staff_url, { ca: fs.readFileSync(clinic.ca_file) }, (answer) => { answer.resume(); done(answer.headers); }).on('error', failed);
  });
  assert.match(headers['content-security-policy'], /script-src 'self'/);
  assert.doesNotMatch(headers['content-security-policy'], /unsafe|\*|data:/);
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.match(headers['strict-transport-security'], /max-age=\d{7,}/);
  assert.match(headers['cache-control'], /no-store/);
  assert.equal(headers.server, undefined);
});

for (const lang of ['ru', 'kk']) {
  test(`the sign-in page is sound in ${lang}, light and dark, on every screen`, async () => {
    const context = await person(browser, clinic, { lang });
    const page = await context.newPage();
    await page.goto('/sign-in');
    assert.equal(await page.locator('html').getAttribute('lang'), lang);
    await inspect(page, 'sign-in');
    assertClean(context);
    await context.close();
  });
}

test('a wrong password says so and keeps the name that was typed', async () => {
  const context = await person(browser, clinic);
  const page = await context.newPage();
  await page.goto('/sign-in');
  await page.locator('input[autocomplete=username]').fill('aigul.b');
  await page.locator('input[autocomplete=current-password]').fill('not the password');
  await page.locator('input[autocomplete=current-password]').press('Enter');
  await page.getByRole('alert').first().waitFor();
  assert.equal(await page.locator('input[autocomplete=username]').inputValue(), 'aigul.b');
  await inspect(page, 'sign-in-wrong');
  assertClean(context);
  await context.close();
});

test('every role of the demo signs in with its password and code', async () => {
  assert.deepEqual(clinic.users.map((user) => user.role).sort(),
    ['cashier', 'compliance', 'doctor', 'marketer', 'owner', 'reception', 'sysadmin']);
  for (const user of clinic.users) {
    const context = await person(browser, clinic);
    const page = await signIn(context, user.role);
    await page.locator('main').waitFor();
    assertClean(context);
    await context.close();
  }
});

test('whoever steps away locks the screen from the menu and comes back to where they were', async () => {
  const user = clinic.users.find((user) => user.role === 'doctor');
  const context = await person(browser, clinic);
  const page = await context.newPage();
  await page.goto('/sign-in');
  await enter(page, user);
  await page.locator('.me > summary').click();
  await page.locator('.me a[href="/account"]').click();
  await page.locator('#present').waitFor();
  await page.locator('.me > summary').click();
  await page.locator('.me form[action="/lock"] button').click();
  await page.waitForURL(/unlock/);
  await inspect(page, 'unlock', { sizes: ['wide', 'phone'] });
  await page.goto('/patients');
  await page.waitForURL(/unlock/);
  await page.locator('#password').fill('not the password');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').first().waitFor();
  await page.locator('#password').fill(user.password);
  await page.keyboard.press('Enter');
  await page.waitForURL(/patients$/);
  assertClean(context);
  await context.close();
});

test('a code that was used once does not sign in a second time', async () => {
  const user = clinic.users.find((user) => user.role === 'cashier');
  const code = await freshCode(user);
  const [first, second] = [await person(browser, clinic), await person(browser, clinic)];
  const [page, thief] = [await first.newPage(), await second.newPage()];
  for (const each of [page, thief]) {
    await each.goto('/sign-in');
    await enterPassword(each, user);
  }
  await enterCode(page, code);
  await page.waitForURL((url) => !/sign-?in|login/.test(url.pathname));
  await enterCode(thief, code);
  await thief.getByRole('alert').first().waitFor();
  const cookies = (await first.cookies()).filter((cookie) => cookie.httpOnly);
  assert.ok(cookies.some((cookie) => cookie.secure && cookie.sameSite === 'Strict'), 'the session cookie is closed to scripts and other sites');
  await Promise.all([first.close(), second.close()]);
});
