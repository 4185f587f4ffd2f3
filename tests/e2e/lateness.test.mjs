// Running late: a doctor says it with a thumb, every screen follows within a second, whoever is still to come is told once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertClean, openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic } from './lib/demo.mjs';
import { inspect } from './lib/look.mjs';

let clinic;
let browser;
before(async () => { [clinic, browser] = [await demoClinic(), await openBrowser()]; });
after(async () => { await browser?.close(); await clinic?.stop(); });

/** How long until this holds on a page, in milliseconds, from the moment `act` is begun. */
async function within(limit, act, ...seen) {
  const began = Date.now();
  await act();
  await Promise.all(seen.map((locator) => locator.waitFor({ timeout: limit })));
  return Date.now() - began;
}

test('a doctor taps +15 on a phone, the desk sees it at once and who was told', async () => {
  const desk = await person(browser, clinic);
  const today = await signIn(desk, 'reception');
  const schedule = await desk.newPage();
  await schedule.goto('/schedule');
  const ward = await person(browser, clinic, { size: 'phone' });
  const doctor = await signIn(ward, 'doctor');
  await doctor.goto('/my-day');
  await doctor.locator('#my-day .late-set button').first().waitFor();
  for (const page of [today, schedule, doctor]) await page.locator('#live', { hasText: 'Онлайн' }).waitFor({ state: 'attached' });
  await inspect(doctor, 'my-day-in-time');
  for (const box of await doctor.locator('#my-day .btn-lg').all()) {
    const { width, height } = await box.boundingBox();
    assert.ok(height >= 48 && width >= 48, `a thumb misses ${width}×${height}`);
  }

  const took = await within(3_000, () => doctor.locator('.late-set button', { hasText: '+15' }).click(),
    doctor.locator('.late-bar', { hasText: 'Вы задерживаетесь на 15' }),
    today.locator('#board .al', { hasText: 'задержка 15 мин' }),
    schedule.locator('.sc-h', { hasText: '+15 мин' }));
  console.log(`# the slowest screen followed after ${took} ms`);
  await inspect(doctor, 'my-day-late');
  await inspect(today, 'late-today', { sizes: ['wide', 'phone'] });
  await inspect(schedule, 'late-schedule', { sizes: ['wide', 'phone'] });

  // Half a minute later whoever is still to come has a message.
  await today.locator('#board .al a[href^="/late/"]').click();
  await today.locator('#late li').first().waitFor();
  await today.locator('#late li', { hasText: 'Знает: около' }).first().waitFor({ timeout: 60_000 });
  await inspect(today, 'late-told');

  // The desk takes a little back, and says that it is over.
  await today.locator('.late-set button', { hasText: '−5' }).click();
  await today.locator('#late', { hasText: 'Задерживается на 10 мин' }).waitFor();
  await doctor.locator('.late-bar', { hasText: 'Вы задерживаетесь на 10' }).waitFor({ timeout: 3_000 });
  await doctor.locator('.late-set .btn-s').click();
  await doctor.locator('.late-bar p', { hasText: 'По расписанию' }).waitFor();
  await today.locator('#late .card-h .b-ok').waitFor({ timeout: 3_000 });
  for (const context of [desk, ward]) {
    assertClean(context);
    await context.close();
  }
});

test('without scripts and in Kazakh the same buttons do the same', async () => {
  const ward = await person(browser, clinic, { size: 'phone', lang: 'kk' });
  const signed = await signIn(ward, 'doctor');
  const bare = await person(browser, clinic, { size: 'phone', lang: 'kk', javaScriptEnabled: false });
  await bare.addCookies((await ward.cookies()).filter(({ name }) => !['lang', 'theme'].includes(name)));
  const page = await bare.newPage();
  await page.goto('/my-day');
  await page.locator('.late-set button', { hasText: '+5' }).click();
  await page.locator('.late-bar', { hasText: 'Сіз 5 мин кешігіп жатырсыз' }).waitFor();
  assert.equal(new URL(page.url()).pathname, '/my-day');
  await page.locator('.late-set button', { hasText: '+30' }).click();
  await page.locator('.late-bar', { hasText: 'Сіз 35 мин' }).waitFor();
  await signed.goto('/my-day');
  await signed.locator('.late-bar', { hasText: 'Сіз 35 мин' }).waitFor();
  await inspect(signed, 'my-day-late');
  await signed.locator('.late-bar a[href^="/late/"]').click();
  await signed.locator('#late li').first().waitFor();
  await inspect(signed, 'late');
  await page.locator('.late-set .btn-s').click();
  await page.locator('.late-bar p', { hasText: 'Кесте бойынша' }).waitFor();
  for (const context of [bare, ward]) {
    assertClean(context);
    await context.close();
  }
});
