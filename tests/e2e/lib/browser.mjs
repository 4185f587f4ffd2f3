// One Chromium (Debian's) for a test file; every context is watched for script errors and CSP violations.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { chromium } from 'playwright-core';
import { freshCode } from './totp.mjs';

const CHROMIUM = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
  .find((file) => file && fs.existsSync(file));

/** The sizes of UI.md: reception's screen, the tablet, a phone. */
export const SIZES = { wide: { width: 1440, height: 900 }, tablet: { width: 1024, height: 768 }, phone: { width: 390, height: 844 } };

/** `more` are switches for one file's browser. */
export async function openBrowser(more = []) {
  assert.ok(CHROMIUM, 'no Chromium: apt-get install chromium');
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--font-render-hinting=none', ...more],
  });
}

/**
 * A browser of its own (cookies, cache) for one person. `watched.problems` collects what no page may do: script
 * errors, CSP violations, failed requests for our files, requests to any other host.
 */
export async function person(browser, clinic, { size = 'wide', lang = 'ru', theme = 'light', ...more } = {}) {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true, viewport: SIZES[size], locale: lang === 'kk' ? 'kk-KZ' : 'ru-RU',
    timezoneId: 'Asia/Almaty', colorScheme: theme, baseURL: clinic.staff_url, reducedMotion: 'reduce', ...more,
  });
  const problems = [];
  const own = new Set([clinic.staff_url, clinic.public_url, clinic.sms_url].filter(Boolean).map((url) => new URL(url).host));
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`CSP ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile ?? ''}`);
    });
  });
  context.on('console', (message) => {
    // Chromium reports every answer of 4xx as an error; pages answer 409 and 422 on purpose.
    if (message.type() !== 'error' || /status of (401|403|404|409|410|422|429)/.test(message.text())) return;
    problems.push(`console on ${message.page()?.url()}: ${message.text().slice(0, 300)}`);
  });
  context.on('weberror', (error) => problems.push(`script: ${error.error().stack?.slice(0, 400)}`));
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (/^https?:$/.test(url.protocol) && !own.has(url.host)) problems.push(`left the clinic: ${url.origin}`);
  });
  context.on('response', (response) => {
    const url = new URL(response.url());
    if (response.status() >= 500 || (response.status() >= 400 && url.pathname.startsWith('/static/'))) {
      problems.push(`${response.status()} ${url.pathname}`);
    }
  });
  await context.addCookies(['lang', 'theme'].map((name) => ({ name, value: name === 'lang' ? lang : theme, url: clinic.staff_url, secure: true })));
  context.setDefaultTimeout(10_000);
  return Object.assign(context, { problems, clinic });
}

/** Fails when the pages seen so far did what no page may do. */
export function assertClean(context) {
  assert.deepEqual(context.problems, []);
}

const sessions = new Map(); // cookies of people who are signed in, by server and role: a code works only once

/** Signs a role of the demo clinic in through the page, once per server; later contexts get its cookies. */
export async function signIn(context, role) {
  const { clinic } = context;
  const key = `${clinic.staff_url} ${role}`;
  const page = await context.newPage();
  if (sessions.has(key)) {
    await context.addCookies(sessions.get(key));
    await page.goto('/');
    return page;
  }
  const user = clinic.users.find((user) => user.role === role);
  assert.ok(user, `the demo has no ${role}`);
  await page.goto('/sign-in');
  await enter(page, user);
  const kept = (await context.cookies()).filter((cookie) => !['lang', 'theme'].includes(cookie.name));
  sessions.set(key, kept);
  return page;
}

/** Fills in the sign-in pages as a person does: name and password, then the code of the authenticator app. */
export async function enter(page, user) {
  await enterPassword(page, user);
  if (user.totp_secret) await enterCode(page, await freshCode(user));
  await page.waitForURL((url) => !/sign-?in|login/.test(url.pathname));
}

export async function enterPassword(page, user) {
  await page.locator('input[autocomplete=username]').fill(user.login);
  const password = page.locator('input[autocomplete=current-password]');
  await password.fill(user.password);
  await password.press('Enter');
}

/** The page may send the form itself at the sixth digit. */
export async function enterCode(page, code) {
  const field = page.locator('input[autocomplete=one-time-code]');
  await field.fill(code);
  await field.press('Enter', { timeout: 1000 }).catch(() => {});
}
