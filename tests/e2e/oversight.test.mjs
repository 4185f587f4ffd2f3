// The compliance desk: somebody opens a watched card, the officer finds it, answers, signs a review, asks who
// opened a card and what an account saw. Every page in ru and kk, light and dark, three sizes, with axe.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertClean, openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic } from './lib/demo.mjs';
import { inspect } from './lib/look.mjs';

let clinic;
let browser;
before(async () => { [clinic, browser] = [await demoClinic(), await openBrowser()]; });
after(async () => { await browser?.close(); await clinic?.stop(); });

test('the officer finds by every side, and a name never stands in the address', async () => {
  const desk = await person(browser, clinic);
  const at = await signIn(desk, 'reception');
  await at.goto('/patients');
  const cards = await at.locator('main a[href^="/patients/0"]').evaluateAll((links) => links.slice(0, 4).map((link) => link.getAttribute('href')));
  for (const card of cards) await at.goto(card);
  for (const lang of ['ru', 'kk']) {
    const compliance = await person(browser, clinic, { lang });
    const page = await signIn(compliance, 'compliance');
    await page.goto('/audit');
    await inspect(page, `audit-log-${lang}`);
    await page.locator('#act').selectOption('kind:look');
    await page.locator('.filters button[type=submit]').click();
    await page.waitForURL(/act=kind:look/);
    assert.ok(await page.locator('tr[id^="e-"]').count() >= 4);
    await page.locator('#card').fill('Zhokadam');
    await page.locator('.filters button[type=submit]').click();
    await page.locator('.al-warn').first().waitFor();
    assert.ok(!page.url().includes('Zhokadam'));
    await page.goto('/audit?from=99.99.2026');
    await page.locator('#from[aria-invalid=true]').waitFor();
    await inspect(page, `audit-log-error-${lang}`, { sizes: ['wide', 'phone'] });
    await page.goto('/audit?until=01.01.2020');
    await page.locator('.empty').waitFor();
    assertClean(compliance);
    await compliance.close();
  }
  await desk.close();
});

test('a watched card that somebody opens becomes a finding that is answered and reviewed', async () => {
  const compliance = await person(browser, clinic);
  const page = await signIn(compliance, 'compliance');
  await page.goto('/audit/people');
  await page.locator('#number').fill('99999');
  await page.locator('form[action="/audit/watched"] button').click();
  await page.locator('#number[aria-invalid=true]').waitFor();
  await page.locator('#number').fill('1');
  await page.locator('form[action="/audit/watched"] button').click();
  await page.locator('a[href="/audit/cards/1"]').waitFor();
  await inspect(page, 'audit-people');
  await page.locator('a[href^="/audit/people/"]').first().click();
  await inspect(page, 'audit-person');

  const owner = await person(browser, clinic);
  const reads = await signIn(owner, 'owner');
  await reads.goto('/patients?below=2');
  await reads.locator('main a[href^="/patients/0"]').first().click();
  await reads.locator('#pt-h').waitFor();
  await reads.locator('#s-accesses a').waitFor();
  await owner.close();

  for (const lang of ['ru', 'kk']) {
    const officer = await person(browser, clinic, { lang });
    const desk = await signIn(officer, 'compliance');
    await desk.goto('/audit/findings');
    await desk.locator('form[action="/audit/findings/look"] button').click();
    await desk.waitForLoadState();
    await desk.goto('/audit/findings?state=all');
    await desk.locator('main ul.list li').first().waitFor();
    await inspect(desk, `audit-findings-all-${lang}`, { sizes: ['wide', 'phone'] });
    await desk.goto('/audit/findings');
    await inspect(desk, `audit-findings-${lang}`);
    if (lang === 'ru') {
      await desk.locator('main ul.list a').first().click();
      await desk.locator('form[action$="/answer"] button[type=submit]').click();
      await desk.locator('#note[aria-invalid=true]').waitFor();
      await desk.locator('input[name=state][value=explained]').check({ force: true });
      await desk.locator('#note').fill('Проверено с врачом: консультация');
      await inspect(desk, 'audit-finding', { sizes: ['wide', 'tablet', 'phone'] });
      await desk.locator('form[action$="/answer"] button[type=submit]').click();
      await desk.locator('ul.list >> text=консультация').waitFor();
    }
    assertClean(officer);
    await officer.close();
  }
  await page.goto('/audit/reviews');
  await page.locator('input[name=code][value=explained]').check({ force: true });
  await page.locator('button.btn-p[type=submit]').click();
  await page.locator('#note[aria-invalid=true]').waitFor();
  await page.locator('#note').fill('Просмотрены отклонения недели');
  await page.locator('button.btn-p[type=submit]').click();
  await page.locator('table >> text=Просмотрены отклонения').waitFor();
  await inspect(page, 'audit-reviews');
  await compliance.close();
});

test('who opened a card, what an account saw, and the limits', async () => {
  for (const lang of ['ru', 'kk']) {
    const compliance = await person(browser, clinic, { lang });
    const page = await signIn(compliance, 'compliance');
    await page.goto('/audit/cards/1');
    await inspect(page, `audit-card-${lang}`);
    const file = await page.request.get(`/audit/cards/1/register.pdf?language=${lang}`);
    assert.equal((await file.body()).subarray(0, 4).toString(), '%PDF');
    await page.goto('/audit/people');
    await page.locator('a[href^="/audit/accounts/"]').first().click();
    await inspect(page, `audit-account-${lang}`);
    await page.goto('/audit/limits');
    await inspect(page, `audit-limits-${lang}`);
    assertClean(compliance);
    await compliance.close();
  }
});

test('whoever may not look is told so', async () => {
  const doctor = await person(browser, clinic);
  const page = await signIn(doctor, 'doctor');
  const answer = await page.goto('/audit/findings');
  assert.equal(answer.status(), 403);
  await inspect(page, 'audit-denied', { sizes: ['wide', 'phone'] });
  await doctor.close();
});
