// "Come again in a week": a doctor says it on a phone, the desk sees it at once, books it with one key, and what is closed comes back.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertClean, openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic } from './lib/demo.mjs';
import { inspect } from './lib/look.mjs';

let clinic;
let browser;
before(async () => { [clinic, browser] = [await demoClinic(), await openBrowser()]; });
after(async () => { await browser?.close(); await clinic?.stop(); });

/** Sets a follow-up for the nth visit of today's board; the page is where the form leads afterwards. */
async function setFollowUp(page, index, wait) {
  await page.goto('/');
  const href = await page.locator('.flow a[href*="open="]').nth(index).getAttribute('href');
  await page.goto(`/appointments/${href.match(/open=([0-9a-f-]+)/)[1]}`);
  await page.locator('a[href^="/follow-ups/new"]').click();
  await page.locator(`input[name=wait][value="${wait}"]`).check({ force: true });
  await page.locator('form[action="/follow-ups"] button[type=submit]').click();
  await page.waitForURL(/\/schedule\?/);
}

test('a doctor says "in a week", the desk books it with one key', async () => {
  const desk = await person(browser, clinic);
  const page = await signIn(desk, 'reception');
  await page.goto('/follow-ups');
  await inspect(page, 'followups-empty', { sizes: ['wide', 'phone'] });
  await page.locator('#live', { hasText: 'Онлайн' }).waitFor();

  const ward = await person(browser, clinic, { size: 'phone', javaScriptEnabled: true });
  const doctor = await signIn(ward, 'doctor');
  await doctor.goto('/');
  const href = await doctor.locator('.flow a[href*="open="]').first().getAttribute('href');
  await doctor.goto(`/appointments/${href.match(/open=([0-9a-f-]+)/)[1]}`);
  await doctor.locator('a[href^="/follow-ups/new"]').click();
  await doctor.locator('#day').fill('31.02.2030');
  await doctor.locator('form[action="/follow-ups"] button[type=submit]').click();
  await doctor.locator('#day[aria-invalid=true]').waitFor();
  assert.equal(await doctor.locator('#day').inputValue(), '31.02.2030');
  await inspect(doctor, 'followups-refused', { sizes: ['phone', 'wide'] });
  await doctor.locator('#day').fill('');
  await doctor.locator('input[name=wait][value="7d"]').check({ force: true });
  await doctor.locator('#note').selectOption('hygiene');
  await inspect(doctor, 'followups-new');
  await doctor.locator('form[action="/follow-ups"] button[type=submit]').click();
  await doctor.waitForURL(/\/schedule\?/);

  // The desk sees it without asking.
  await page.locator('#fu ul.list > li').first().waitFor({ timeout: 3_000 });
  await inspect(page, 'followups');
  const patient = await page.locator('#fu li a.strong').first().innerText();
  await page.keyboard.press('r');
  await page.waitForURL(/\/appointments\/new/);
  await page.locator('#starts input:checked').waitFor({ state: 'attached' });
  assert.ok((await page.locator('main .pcard').innerText()).includes(patient));
  await page.keyboard.press('Control+Enter');
  await page.locator('#bk dl.kv').waitFor();
  await page.goto('/follow-ups');
  assert.equal(await page.locator('#fu ul.list > li').count(), 0, 'booked: nobody to call');
  await page.goto('/follow-ups?show=booked');
  assert.ok((await page.locator('#fu ul.list').innerText()).includes(patient));
  await inspect(page, 'followups-booked', { sizes: ['wide', 'phone'] });
  for (const context of [desk, ward]) {
    assertClean(context);
    await context.close();
  }
});

test('what there will be no visit for is closed with a reason and taken back, in Kazakh', async () => {
  const desk = await person(browser, clinic, { lang: 'kk' });
  const page = await signIn(desk, 'reception');
  await setFollowUp(page, 1, '7d');
  await setFollowUp(page, 2, '6m');
  await page.goto('/');
  await page.locator('#follow-ups').waitFor();
  await inspect(page, 'followups-today', { sizes: ['wide', 'phone'] });
  await page.locator('#follow-ups a').click();
  await page.waitForURL(/\/follow-ups$/);
  await inspect(page, 'followups');
  await page.goto('/follow-ups?show=open');
  const row = page.locator('#fu ul.list > li').first();
  const card = await row.locator('a.strong').getAttribute('href');
  await row.locator('summary').click();
  await inspect(page, 'followups-closing', { sizes: ['wide', 'phone'] });
  await row.locator('select').selectOption('elsewhere');
  await row.locator('form button').click();
  await page.waitForURL(/show=open/);
  assert.equal(await page.locator('#fu ul.list > li').count(), 1);
  await page.goto('/follow-ups?show=closed');
  await inspect(page, 'followups-closed', { sizes: ['wide', 'phone'] });
  await page.goto(card);
  await page.locator('#s-follow-ups').waitFor();
  await inspect(page, 'followups-card', { sizes: ['wide', 'phone'] });
  await page.locator('#s-follow-ups form[action$="/reopen"] button').click();
  await page.locator('#s-follow-ups [data-key], #s-follow-ups a[href*="nearest=1"]').first().waitFor();
  assertClean(desk);
  await desk.close();
});

for (const lang of ['ru', 'kk']) {
  test(`a doctor goes through their day on a phone, in ${lang}`, async () => {
    const ward = await person(browser, clinic, { size: 'phone', lang });
    const page = await signIn(ward, 'doctor');
    await page.goto('/my-day');
    await page.locator('#my-day li').first().waitFor();
    await inspect(page, 'my-day');
    const step = page.locator('#my-day li:has(form[action$="/start"], form[action$="/arrive"])').first();
    const id = await step.getAttribute('id');
    const before = await page.locator(`#${id} form`).getAttribute('action');
    await page.locator(`#${id} form button`).click();
    await page.locator(`#${id} form[action="${before}"]`).waitFor({ state: 'detached' });
    assertClean(ward);
    await ward.close();
  });
}
