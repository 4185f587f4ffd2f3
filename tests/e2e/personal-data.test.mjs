// The personal-data desk: a request taken in at reception and answered, data blocked and freed, a breach and its papers, the calendar.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertClean, openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic } from './lib/demo.mjs';
import { inspect } from './lib/look.mjs';
import { freshCode } from './lib/totp.mjs';

let browser;
let clinic;
before(async () => { [clinic, browser] = await Promise.all([demoClinic(), openBrowser()]); });
after(async () => { await browser?.close(); await clinic?.stop(); });

const submit = (page, action) => page.locator(`form[action$="${action}"] button[type=submit]`).last();

/** Password and code again, as the papers with names want. */
async function prove(page) {
  const user = clinic.users.find(({ role }) => role === 'compliance');
  await page.locator('#password').fill(user.password);
  if (user.totp_secret) await page.locator('#code').fill(await freshCode(user));
}

/** Clicks, and gives the name of the file that comes. */
async function download(page, button) {
  const [file] = await Promise.all([page.waitForEvent('download'), button.click()]);
  return file.suggestedFilename();
}

for (const lang of ['ru', 'kk']) {
  test(`a request goes from reception to its answer, and data is blocked and freed (${lang})`, { timeout: 240_000 }, async () => {
    const desk = await person(browser, clinic, { lang });
    const front = await signIn(desk, 'reception');
    await front.goto('/patients');
    await front.locator('main tbody a').first().click();
    await front.waitForURL(/patients\/[0-9a-f-]{36}/);
    const card = front.url();
    await front.goto(await front.locator('main a[href^="/personal-data/requests/new?card="]').getAttribute('href'));
    await front.locator('#kind').selectOption('destruction');
    await front.locator('#document').selectOption('id_card');
    await inspect(front, `pd-take-${lang}`);
    await submit(front, '/personal-data/requests').click();
    await front.waitForURL(/taken=/);
    await front.locator('[role=status] .al-ok').waitFor();

    const office = await person(browser, clinic, { lang });
    const page = await signIn(office, 'compliance');
    await page.goto('/personal-data');
    await inspect(page, `pd-requests-${lang}`);
    await page.locator('main tbody a').first().click();
    await page.locator('#state').selectOption('in_work');
    await submit(page, '/steps').click();
    await page.locator('#state option[value=answered]').waitFor({ state: 'attached' });
    await inspect(page, `pd-request-${lang}`);
    await submit(page, '/block').click();
    await page.locator('main .al-warn').waitFor();

    const closed = await front.goto(card);
    assert.equal(closed.status(), 409, 'reception does not open what is blocked');
    await page.locator('#state').selectOption('answered');
    await submit(page, '/steps').click();
    await page.locator('#lang').selectOption(lang);
    await prove(page);
    await inspect(page, `pd-answered-${lang}`, { sizes: ['wide'] });
    assert.match(await download(page, submit(page, '/answer')), new RegExp(`^answer-\\d+-${lang}\\.pdf$`));

    await page.goto('/personal-data/blocked');
    await inspect(page, `pd-blocked-${lang}`);
    await page.locator('main details summary').first().click();
    await page.locator('main details input').first().fill('A decision');
    await page.locator('main details button').first().click();
    await page.locator('main .empty').waitFor();
    assert.equal((await front.goto(card)).status(), 200);
    for (const context of [desk, office]) { assertClean(context); await context.close(); }
  });

  test(`a breach is opened from the ledger, told of and written out (${lang})`, { timeout: 240_000 }, async () => {
    const office = await person(browser, clinic, { lang });
    const page = await signIn(office, 'compliance');
    await page.goto('/personal-data/incidents');
    await inspect(page, `pd-incidents-${lang}`, { sizes: ['wide', 'phone'] });
    await page.goto('/personal-data/incidents/new');
    await page.locator('#until').fill('');
    await page.locator('button[value=look]').click();
    await page.locator('#until[aria-invalid=true]').waitFor();
    await page.locator('#until').fill('26.11.2026 00:00');
    await page.locator('button[value=look]').click();
    await page.locator('button[value=open]').waitFor();
    await inspect(page, `pd-look-${lang}`);
    await page.locator('button[value=open]').click();
    await page.waitForURL(/incidents\/[0-9a-f-]{36}$/);
    await inspect(page, `pd-incident-${lang}`);
    const text = await page.locator('main').innerText();
    assert.ok(!/\+7/.test(text), 'no telephones on the desk');
    await page.locator('#note').fill('Account closed');
    await submit(page, '/events').click();
    await page.getByText('Account closed').waitFor();
    assert.match(await download(page, page.locator(`a[href$="authority.pdf?lang=${lang}"]`)), /^notice-\d+-/);
    await page.locator('#paper').selectOption('list');
    await page.locator('#lang').selectOption(lang);
    await prove(page);
    assert.match(await download(page, submit(page, '/papers')), /^list-\d+-/);
    await page.goto('/personal-data/incidents');
    await inspect(page, `pd-register-${lang}`);
    await page.goto('/personal-data/workdays');
    await inspect(page, `pd-workdays-${lang}`);
    await page.goto('/personal-data/terms');
    await inspect(page, `pd-terms-${lang}`);
    await page.goto('/personal-data/terms/access');
    await inspect(page, `pd-term-${lang}`, { sizes: ['wide', 'phone'] });
    assertClean(office);
    await office.close();
  });
}
