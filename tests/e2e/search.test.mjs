// The one search box: any format of a telephone, any order, case and alphabet of a name, slips, IIN; by keyboard alone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertClean, openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic } from './lib/demo.mjs';
import { inspect } from './lib/look.mjs';

const NAME = 'Сейтқали Қанат Ержанұлы';

let browser;
let clinic;
before(async () => { [clinic, browser] = await Promise.all([demoClinic(), openBrowser()]); });
after(async () => { await browser?.close(); await clinic?.stop(); });

const options = (page) => page.locator('#q-found [role=option]');

/** Types into the box, as one does after Ctrl K, and waits for the answer to it. */
async function type(page, text) {
  await page.keyboard.press('Control+k');
  await page.waitForFunction(() => document.activeElement?.id === 'q');
  await page.locator('#q').fill('');
  const answered = page.waitForResponse((response) => new URL(response.url()).pathname === '/search' && (response.request().postData() ?? '').includes(encodeURIComponent(text).slice(0, 6).replace(/%20/g, '+')));
  await page.locator('#q').pressSequentially(text, { delay: 5 });
  await answered.catch(() => {});
}

test('one box finds a patient however they are typed', { timeout: 180_000 }, async () => {
  const context = await person(browser, clinic);
  const page = await signIn(context, 'reception');
  await page.goto('/patients/new');
  await page.locator('#surname').fill('Сейтқали');
  await page.locator('#given').fill('Қанат');
  await page.locator('#patronymic').fill('Ержанұлы');
  await page.locator('#phone').fill('8 (705) 998-76-54');
  await page.locator('#iin').fill('850101300005');
  await page.locator('main form button.btn-p').click();
  await page.waitForURL(/patients\/[0-9a-f-]{36}$/);
  const card = page.url();

  await page.goto('/schedule');
  for (const typed of [
    '+7 705 998 76 54', '87059987654', '7059987654', '998-76-54', '7654', '76-54',
    'Сейтқали Қанат', 'қанат сейтқали', 'КАНАТ СЕЙТКАЛИ', 'Seitkali Kanat', 'Сейткале Канат', '850101300005',
  ]) {
    await type(page, typed);
    await options(page).filter({ hasText: NAME }).first().waitFor({ timeout: 10_000 }).catch(() => assert.fail(`not found by «${typed}»`));
    if (typed === '7654') await inspect(page, 'search-found');
  }

  await type(page, 'Канат Сейткали');
  await options(page).filter({ hasText: NAME }).first().waitFor();
  await page.keyboard.press('ArrowDown');
  await page.locator('#q-found [aria-selected=true]', { hasText: NAME }).waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL(card);

  await type(page, 'Ззззззыыы');
  await page.locator('#q-found', { hasText: 'Никого не нашли' }).waitFor();
  await inspect(page, 'search-nobody', { sizes: ['wide', 'tablet'] });
  await page.keyboard.press('Escape');
  assert.ok(!await page.locator('#q-found').isVisible(), 'Escape closes the answers');
  assertClean(context);
  await context.close();
});

for (const lang of ['ru', 'kk']) {
  test(`the search page is sound in ${lang}, empty, with answers and without`, { timeout: 120_000 }, async () => {
    const context = await person(browser, clinic, { lang });
    const page = await signIn(context, 'doctor');
    for (const [name, query] of [['empty', ''], ['answers', '?q=Ахмет'], ['none', '?q=Ззззззыыы']]) {
      await page.goto(`/search${query}`);
      await inspect(page, `search-page-${name}`, { sizes: ['wide', 'phone'] });
    }
    await page.goto('/patients');
    await inspect(page, 'patients', { sizes: ['wide', 'phone'] });
    assertClean(context);
    await context.close();
  });
}
