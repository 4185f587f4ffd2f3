// The first-run wizard as a receptionist walks it, and the settings afterwards: without scripts, with the keyboard, on every screen.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertClean, openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic } from './lib/demo.mjs';
import { inspect } from './lib/look.mjs';

let browser;
let clinic;

before(async () => {
  [clinic, browser] = await Promise.all([demoClinic(), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await clinic?.stop();
});

const heading = (page) => page.locator('main h1').first().innerText();
const next = (page) => page.locator('main form button.btn-p').first();

test('reception walks through every step, and each keeps what was entered', async () => {
  const context = await person(browser, clinic);
  const page = await signIn(context, 'reception');
  await page.goto('/setup/clinic');
  await page.locator('#name').fill('');
  await page.locator('#phone').fill('8701');
  await next(page).click();
  assert.equal(await page.locator('#name').getAttribute('aria-invalid'), 'true');
  assert.match(await page.locator('#phone').inputValue(), /701/, 'what was typed is kept');
  await inspect(page, 'setup-clinic-refused', { sizes: ['wide', 'phone'] });
  await page.locator('#name').fill('Арай Дент');
  await page.locator('#phone').fill('8 727 234 56 78');
  await next(page).click();
  await page.waitForURL(/setup\/doctors/);
  await page.locator('input[name=name]').last().fill('Жұмабаева Сәуле Ерікқызы');
  await page.locator('input[name=specialty]').last().press('Enter');
  await page.waitForURL(/setup\/places/);
  await next(page).click();
  await page.waitForURL(/setup\/services/);
  await next(page).click();
  await page.waitForURL(/setup\/hours/);
  const own = page.locator('section.card', { hasText: 'Жұмабаева' });
  assert.equal(await own.locator('input[name=week_starts]').inputValue(), '09:00', 'usual hours are offered');
  await own.locator('input[name=lunch_starts]').fill('8');
  await next(page).click();
  assert.equal(await own.locator('input[name=lunch_starts]').getAttribute('aria-invalid'), 'true');
  await own.locator('input[name=lunch_starts]').fill('12:30');
  await next(page).click();
  await page.waitForURL(/setup\/done/);
  await page.goto('/setup/hours');
  assert.equal(await own.locator('input[name=lunch_starts]').inputValue(), '12:30');
  assertClean(context);
  await context.close();
});

for (const lang of ['ru', 'kk']) {
  test(`every page of the wizard is sound in ${lang}`, async () => {
    const context = await person(browser, clinic, { lang });
    const page = await signIn(context, 'owner');
    const wrong = [];
    for (const step of ['clinic', 'doctors', 'places', 'services', 'hours', 'kit', 'done']) {
      await page.goto(`/setup/${step}`);
      assert.ok((await heading(page)).length > 0, step);
      await inspect(page, `setup-${step}`).catch((error) => wrong.push(...(error.actual ?? [String(error)])));
    }
    assert.deepEqual(wrong, []);
    assertClean(context);
    await context.close();
  });

  test(`every page of the settings is sound in ${lang}`, async () => {
    const context = await person(browser, clinic, { lang });
    const page = await signIn(context, 'owner');
    const first = async (path, links) => {
      await page.goto(path);
      return page.locator(links).first().getAttribute('href');
    };
    const lists = ['', '/branches', '/doctors', '/places', '/services', '/hours', '/holidays'].map((path) => `/settings${path}`);
    const forms = [
      await first('/settings/branches', 'main td a'),
      await first('/settings/doctors', 'main td a.strong'),
      '/settings/services/new',
      await first('/settings/hours', 'main td a.strong'),
      '/settings/resources/new?kind=chair',
    ];
    const wrong = [];
    for (const path of [...lists, ...forms]) {
      const answer = await page.goto(path);
      assert.equal(answer.status(), 200, path);
      const name = path.slice(1).replace(/[0-9a-f-]{36}/, 'one').replace(/[/?=]+/g, '-');
      await inspect(page, name).catch((error) => wrong.push(...(error.actual ?? [String(error)])));
    }
    assert.deepEqual(wrong, []);
    assertClean(context);
    await context.close();
  });
}

test('the wizard and the editor of a week work without scripts', async () => {
  const context = await person(browser, clinic, { javaScriptEnabled: false });
  const page = await signIn(context, 'reception');
  await page.goto('/setup/doctors');
  const rows = await page.locator('input[name=name]').count();
  await page.locator('button[name=more]').click();
  assert.ok(await page.locator('input[name=name]').count() > rows);
  await page.goto('/settings/hours');
  await page.locator('main td a.strong').first().click();
  const shifts = await page.locator('input[name=weekday]').count();
  await page.locator('button[name=add]').first().click();
  assert.equal(await page.locator('input[name=weekday]').count(), shifts + 1);
  await context.close();
});

for (const lang of ['ru', 'kk']) {
  test(`the clinic works on a holiday of the law, and takes that back (${lang})`, async () => {
    const context = await person(browser, clinic, { lang });
    const page = await signIn(context, 'owner');
    await page.goto('/settings/holidays?year=2027');
    const row = page.locator('tr', { has: page.locator('input[name=day][value="2027-12-16"]') });
    await row.locator('button').click();
    await row.locator('input[name=kind][value=law]').waitFor({ state: 'attached' });
    await inspect(page, 'settings-holidays-own');
    await row.locator('button').click();
    await row.locator('input[name=kind][value=work]').waitFor({ state: 'attached' });
    assertClean(context);
    await context.close();
  });
}

for (const lang of ['ru', 'kk']) {
  test(`a doctor works on every second Saturday, and the week says so (${lang})`, async () => {
    const context = await person(browser, clinic, { lang });
    const page = await signIn(context, 'reception');
    await page.goto('/settings/hours');
    await page.locator('main td a.strong').last().click();
    if (await page.locator('button[name=alternate]').count() > 0) await page.locator('button[name=alternate]').click();
    const saturday = await page.locator('input[name=weekday]').evaluateAll((all) => all.findIndex((one) => one.value === '6'));
    await page.locator(`#starts-${saturday}`).fill('10');
    await page.locator(`#ends-${saturday}`).fill('15');
    await page.locator(`#weeks-${saturday}`).selectOption('b');
    await page.locator('#anchor').fill('когда-то');
    await page.locator('form:has(#anchor) button.btn-p').click();
    await page.locator('#anchor[aria-invalid=true]').waitFor();
    assert.equal(await page.locator('#anchor').inputValue(), 'когда-то');
    assert.equal(await page.locator(`#weeks-${saturday}`).inputValue(), 'b');
    await inspect(page, 'settings-weeks-refused', { sizes: ['wide', 'phone'] });
    await page.locator('#anchor').fill('25.11.2026');
    await page.locator('form:has(#anchor) button.btn-p').click();
    await page.waitForURL(/done=saved/);
    assert.equal(await page.locator(`#weeks-${saturday}`).inputValue(), 'b');
    await inspect(page, 'settings-weeks');
    await page.goto('/settings/hours');
    assert.match(await page.locator('main table').innerText(), lang === 'ru' ? /через неделю с/ : /апта аралатып/);
    await inspect(page, 'settings-weeks-all', { sizes: ['wide', 'phone'] });
    assertClean(context);
    await context.close();
  });
}

test('the recovery kit counts once its end was typed from the sheet', async () => {
  const context = await person(browser, clinic);
  const page = await signIn(context, 'owner');
  await page.goto('/setup/kit');
  await page.locator('form[action="/setup/kit"] button').click();
  const key = (await page.locator('.kit-k').innerText()).replaceAll(' ', '');
  assert.match(key, /^AGE-SECRET-KEY-1/);
  await inspect(page, 'setup-kit-shown');
  await page.locator('#ending').fill('WRONG123');
  await next(page).click();
  assert.equal(await page.locator('#ending').getAttribute('aria-invalid'), 'true');
  await page.locator('#ending').fill(key.slice(-8));
  await next(page).click();
  await page.locator('.al-ok').waitFor();
  assertClean(context);
  await context.close();
});
