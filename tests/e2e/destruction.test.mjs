// Destruction on request: proposed by one, carried out by another, printed; and nobody finds the person any more.
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
const NAMES = { ru: 'Уничтожаева', kk: 'Жойылғанқызы' };

/** Password and code of whoever has that role. */
async function prove(page, role, code = '#code') {
  const user = clinic.users.find((one) => one.role === role);
  await page.locator('#password').fill(user.password);
  if (user.totp_secret) await page.locator(code).fill(await freshCode(user));
}

async function download(page, link) {
  const [file] = await Promise.all([page.waitForEvent('download'), link.click()]);
  return file.suggestedFilename();
}

for (const lang of ['ru', 'kk']) {
  test(`two people destroy what a patient asked to be destroyed (${lang})`, { timeout: 300_000 }, async () => {
    const office = await person(browser, clinic, { lang });
    const page = await signIn(office, 'compliance');
    if (lang === 'ru') {
      await page.goto('/personal-data/disposals');
      await page.locator('main .empty').waitFor();
      await inspect(page, 'destruction-none-ru', { sizes: ['wide', 'phone'] });
      // The clinic's lawyer has read the rule for cards of people who were never treated.
      await page.goto('/retention/rules/untreated_card');
      await page.locator('#confirmed').check();
      await prove(page, 'compliance', '#proof');
      await submit(page, '/untreated_card').click();
      await page.waitForFunction(() => document.querySelectorAll('main tbody tr').length === 2);
    }

    const desk = await person(browser, clinic, { lang });
    const front = await signIn(desk, 'reception');
    await front.goto('/patients/new');
    await front.locator('#surname').fill(NAMES[lang]);
    await front.locator('#given').fill('Анна');
    await front.locator('#phone').fill(lang === 'ru' ? '+7 701 555 66 77' : '+7 701 555 66 78');
    await submit(front, '/patients').click();
    await front.waitForURL(/patients\/[0-9a-f-]{36}/);
    const card = front.url();
    await front.goto(await front.locator('main a[href^="/personal-data/requests/new?card="]').getAttribute('href'));
    await front.locator('#kind').selectOption('destruction');
    await front.locator('#document').selectOption('id_card');
    await submit(front, '/personal-data/requests').click();
    await front.waitForURL(/taken=/);

    await page.goto('/personal-data/requests');
    await page.locator('main tbody a').first().click();
    await page.locator('#state').selectOption('in_work');
    await submit(page, '/steps').click();
    await page.locator('#state option[value=answered]').waitFor({ state: 'attached' });
    const request = page.url();
    await page.locator('main a[href$="/destruction"]').click();
    await page.locator('#checked').waitFor();
    await inspect(page, `destruction-preview-${lang}`);
    await submit(page, '/destruction').click();
    await page.locator('[aria-invalid=true]').first().waitFor();
    await inspect(page, `destruction-preview-error-${lang}`, { sizes: ['wide', 'phone'] });
    await page.locator('#checked').check();
    await prove(page, 'compliance');
    await submit(page, '/destruction').click();
    await page.waitForURL(/disposals\/[0-9a-f-]{36}/);
    await inspect(page, `destruction-proposed-${lang}`, { sizes: ['wide', 'phone'] });
    const act = page.url();

    const house = await person(browser, clinic, { lang });
    const owner = await signIn(house, 'owner');
    await owner.goto('/personal-data/disposals');
    await owner.locator(`main tbody a[href="${new URL(act).pathname}"]`).click();
    await owner.locator('#checked').waitFor();
    await inspect(owner, `destruction-confirm-${lang}`);
    await owner.locator('#checked').check();
    await prove(owner, 'owner');
    await submit(owner, new URL(act).pathname).click();
    await owner.locator('main .al-ok').waitFor();
    await inspect(owner, `destruction-done-${lang}`);
    for (const paper of ['ru', 'kk']) {
      const name = await download(owner, owner.locator(`main a[href$="act.pdf?lang=${paper}"]`));
      assert.match(name, new RegExp(`^destruction-\\d+-${paper}\\.pdf$`));
    }
    await owner.goto('/personal-data/disposals');
    await inspect(owner, `destruction-acts-${lang}`);

    assert.equal((await front.goto(card)).status(), 404, 'there is no such card any more');
    const found = await front.goto(`/search?q=${encodeURIComponent(NAMES[lang].toLowerCase())}`);
    assert.ok(!(await found.text()).includes(NAMES[lang]), 'nor does the search find it');

    await page.goto(request);
    await inspect(page, `destruction-request-${lang}`, { sizes: ['wide', 'phone'] });
    await page.locator('#state').selectOption('answered');
    await submit(page, '/steps').click();
    await page.locator('#lang').selectOption(lang);
    await prove(page, 'compliance');
    assert.match(await download(page, submit(page, '/answer')), new RegExp(`^answer-\\d+-${lang}\\.pdf$`));
    for (const context of [desk, office, house]) { assertClean(context); await context.close(); }
  });
}
