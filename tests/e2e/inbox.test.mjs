// The inbox: what people write, read and answered from the keyboard, in both languages, themes and all sizes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertClean, openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic } from './lib/demo.mjs';
import { inspect } from './lib/look.mjs';

let clinic; let browser; let door; let known;
const STRANGER = '77010000009';

/** Somebody writes to the clinic, and a gateway of its own brings it. */
async function writes(page, from, text) {
  const at = `${door}?from=${encodeURIComponent(from)}&id=${Math.random()}&text=${encodeURIComponent(text)}`;
  const answer = await page.request.get(at);
  assert.equal(answer.status(), 200);
}

before(async () => {
  [clinic, browser] = [await demoClinic(), await openBrowser()];
  const owner = await person(browser, clinic);
  const page = await signIn(owner, 'owner');
  await page.goto('/messages/gateway/new/kannel');
  await page.locator('#endpoint').fill('http://127.0.0.1:9/cgi-bin/sendsms');
  await page.locator('#username').fill('arai');
  await page.locator('#password').fill('secret');
  await page.locator('form[action="/messages/gateway"] button').click();
  await page.waitForURL(/done=saved/);
  await page.goto('/messages/replies');
  await page.locator('form[action="/messages/replies/door"] button').click();
  door = (await page.locator('#door-kannel').inputValue()).split('?')[0];
  await page.goto('/patients');
  known = /\+7[\s\d()\u00a0-]{10,}/.exec(await page.locator('#main').textContent())[0].replace(/\D/g, '').slice(0, 11);
  await writes(page, known, 'Здравствуйте! А можно прийти попозже, часов в шесть?');
  await writes(page, STRANGER, 'Сәлеметсіз бе! Тіс тазалау қанша тұрады?');
  await writes(page, STRANGER, 'Алло, есть кто-нибудь?');
  await writes(page, 'Beeline', 'Ваш баланс 100 тг');
  await owner.close();
});
after(async () => { await browser?.close(); await clinic?.stop(); });

test('from the keyboard: to a conversation, a quick reply, sent, taken, a lead, closed', async () => {
  const desk = await person(browser, clinic);
  const page = await signIn(desk, 'owner');
  await page.goto('/inbox');
  await page.locator('a.inbox-row').nth(2).waitFor();
  // A job settles whether they wait, and the rail hears of it.
  await page.locator('.rail a[data-nav=inbox] .n').waitFor();
  // Down the list to the stranger's, and into it.
  for (let step = 0; step < 5; step++) {
    await page.keyboard.press('j');
    if ((await page.locator('a.inbox-row:focus').textContent() ?? '').includes('Алло')) break;
  }
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/inbox\/[0-9a-f-]{36}/);
  await page.locator('.inbox-e.theirs').nth(1).waitFor();
  await page.locator('a.inbox-row[aria-current]:not(.unread)').waitFor(); // read, and the list heard of it
  await page.keyboard.press('r');
  await page.locator('#text:focus').waitFor();
  await page.keyboard.press('/');
  await page.locator('[data-words]:focus').first().waitFor();
  await page.keyboard.press('Enter');
  await page.locator('#text:focus').waitFor();
  assert.match(await page.locator('#text').inputValue(), /На какой день/);
  await page.locator('#inbox-cost', { hasText: 'SMS' }).waitFor();
  await page.keyboard.press('Control+Enter');
  await page.locator('.inbox-e.out .bubble', { hasText: 'На какой день' }).waitFor();
  assert.equal(await page.locator('#text').inputValue(), '');
  // It left through the outbox, and the page heard of it.
  await page.locator('.inbox-e.out .ok, .inbox-e.out [class*=i-s]').first().waitFor();
  // What is typed outlives what comes meanwhile.
  await page.locator('#text').fill('Одну минуту');
  await writes(page, STRANGER, 'Завтра после обеда');
  await page.locator('.inbox-e.theirs', { hasText: 'Завтра' }).locator('.b-warn').waitFor(); // a person is to answer
  assert.equal(await page.locator('#text').inputValue(), 'Одну минуту');
  await page.locator('.inbox-lead summary').click();
  await page.locator('#lead-name').fill('Асель');
  await page.locator('#lead-note').fill('Чистка');
  await page.locator('form[action*="/lead"] button').click();
  await page.locator('.inbox-lead .b-brand', { hasText: 'Лид' }).waitFor();
  await page.locator('form[action*="/close"] button').click();
  await page.waitForURL(/\/inbox\?show=/);
  assert.equal(await page.locator('a.inbox-row', { hasText: 'Асель' }).count(), 0);
  await page.goto('/inbox?show=closed');
  await page.locator('a.inbox-row', { hasText: 'Асель' }).waitFor();
  assertClean(desk);
  await desk.close();
});

test('whoever looks at the day sees at once that somebody wrote, and keeps their place', async () => {
  const desk = await person(browser, clinic);
  const page = await signIn(desk, 'reception');
  await page.goto('/schedule');
  await page.locator('#live').waitFor();
  const count = page.locator('.rail a[data-nav=inbox] .n');
  const before = Number.parseInt(await count.textContent(), 10);
  await page.locator('.rail a[data-nav=inbox]').focus();
  const asked = page.waitForRequest((request) => new URL(request.url()).pathname === '/rail');
  await writes(page, '77010000019', 'Можно записаться?');
  await count.filter({ hasText: new RegExp(`^${before + 1}`) }).waitFor();
  assert.equal((await asked).headers()['x-by-itself'], '1', 'nobody need sit there');
  assert.equal(await page.evaluate(() => document.activeElement?.dataset.nav), 'inbox', 'the focus stays');
  assert.equal(await page.locator('.rail [aria-current=page]').getAttribute('data-nav'), 'schedule');
  assertClean(desk);
  await desk.close();
});

for (const lang of ['ru', 'kk']) {
  test(`how it looks in ${lang}`, async () => {
    const desk = await person(browser, clinic, { lang });
    const page = await signIn(desk, 'owner');
    await writes(page, STRANGER, lang === 'ru' ? 'А в субботу?' : 'Сенбіде ше?');
    await page.goto('/inbox');
    await page.locator('a.inbox-row', { hasText: lang === 'ru' ? 'А в субботу' : 'Сенбіде' }).waitFor();
    if (lang === 'ru') await inspect(page, 'inbox-list', { sizes: ['wide', 'phone'] });
    await page.locator('a.inbox-row', { hasText: lang === 'ru' ? 'А в субботу' : 'Сенбіде' }).click();
    await page.locator('.inbox-e.out').first().waitFor();
    await inspect(page, 'inbox-stranger');
    await page.goto('/inbox');
    await page.locator('a.inbox-row', { hasText: 'попозже' }).click();
    await page.locator('.inbox-e.theirs').first().waitFor();
    await inspect(page, 'inbox-patient', { sizes: ['wide', 'phone'], themes: ['light'] });
    for (const [name, path] of [['inbox-leads', '/inbox/leads'], ['inbox-quick', '/inbox/quick']]) {
      await page.goto(path);
      await inspect(page, name, { sizes: ['wide', 'phone'], themes: [lang === 'ru' ? 'light' : 'dark'] });
    }
    await page.goto('/inbox?show=closed');
    await page.goto('/inbox');
    await page.locator('a.inbox-row', { hasText: 'Асель' }).first().click();
    await page.locator('a[href*="/people?book=1"]').click();
    await inspect(page, 'inbox-people', { sizes: ['wide', 'phone'], themes: ['light'] });
    assertClean(desk);
    await desk.close();
  });
}
