// Instagram and people without a number: the page of the account, and what reception sees of who writes, in both languages.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';
import { assertClean, openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic } from './lib/demo.mjs';
import { inspect } from './lib/look.mjs';

let clinic; let browser;
const SECRET = '0123456789abcdef0123456789abcdef';
const [ACCOUNT, NUMBER, DANA] = ['17841400000000001', '106540352242922', '770123456789012'];
const doors = {};
const now = () => Date.now() + (clinic.clock_ahead_ms ?? 0);

/** Meta tells the clinic's door something. */
async function told(page, source, body) {
  const data = JSON.stringify(body);
  const signature = createHmac('sha256', SECRET).update(data).digest('hex');
  const headers = { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` };
  const answer = await page.request.post(doors[source], { data, headers });
  assert.equal(answer.status(), 200);
}
const writes = (page, mid, message) => told(page, 'instagram', {
  object: 'instagram',
  entry: [{ id: ACCOUNT, time: now(), messaging: [{ sender: { id: DANA }, recipient: { id: ACCOUNT }, timestamp: now(), message: { mid, ...message } }] }],
});

before(async () => {
  [clinic, browser] = [await demoClinic(), await openBrowser()];
  const owner = await person(browser, clinic);
  const page = await signIn(owner, 'owner');
  for (const [kind, id] of [['instagram', ACCOUNT], ['whatsapp', NUMBER]]) {
    await page.goto(`/messages/gateway/new/${kind}`);
    await page.locator('#endpoint').fill('http://127.0.0.1:9/v24.0');
    await page.locator('#username').fill(id);
    await page.locator('#password').fill('token');
    await page.locator('form[action="/messages/gateway"] button').click();
    await page.waitForURL(/done=saved/);
    await page.goto(`/messages/${kind}`);
    await page.locator('#app_secret').fill(SECRET);
    await page.locator(`form[action="/messages/${kind}"] button`).click();
    await page.waitForURL(/done=saved/);
    doors[kind] = await page.locator('#door-address').inputValue();
  }
  await writes(page, 'm1', { text: 'Здравствуйте! Видела вас в сторис, сколько стоит чистка?' });
  await writes(page, 'm2', { attachments: [{ type: 'image', payload: { url: 'https://example.com/x' } }] });
  await told(page, 'whatsapp', { object: 'whatsapp_business_account', entry: [{ id: '1', changes: [{ field: 'messages', value: {
    messaging_product: 'whatsapp', metadata: { phone_number_id: NUMBER },
    contacts: [{ user_id: 'KZ.13491208655302741918', profile: { name: 'Әсел', username: 'asel' } }],
    messages: [{ id: 'wamid.1', timestamp: String(Math.floor(now() / 1000)), type: 'text', from_user_id: 'KZ.13491208655302741918', text: { body: 'Сәлеметсіз бе! Ертең бос уақыт бар ма?' } }],
  } }] }] });
  await owner.close();
});
after(async () => { await browser?.close(); await clinic?.stop(); });

test('who writes by Instagram is answered from the keyboard, and asked for a number', async () => {
  const desk = await person(browser, clinic);
  const page = await signIn(desk, 'owner');
  await page.goto('/inbox');
  await page.locator('a.inbox-row', { hasText: 'Instagram' }).click();
  await page.locator('.inbox-e.theirs', { hasText: 'Картинка' }).waitFor();
  assert.equal(await page.getByText(DANA).count(), 0, 'an id says nothing to anybody');
  assert.equal(await page.locator('input[name=way][value=sms]').count(), 0);
  await page.locator('#quick summary').click();
  await page.locator('.inbox-quick .row', { hasText: 'Номер телефона' }).locator('[data-words]').first().click();
  await page.locator('#text').press('Control+Enter');
  await page.locator('.inbox-e.out .bubble', { hasText: 'номер телефона' }).waitFor();
  assertClean(desk);
  await desk.close();
});

for (const lang of ['ru', 'kk']) {
  test(`how it looks in ${lang}`, async () => {
    const desk = await person(browser, clinic, { lang });
    const page = await signIn(desk, 'owner');
    await page.goto('/messages/instagram');
    await inspect(page, `instagram-page-${lang}`, { sizes: ['wide', 'phone'], themes: [lang === 'ru' ? 'light' : 'dark'] });
    await page.goto('/inbox');
    await page.locator('a.inbox-row', { hasText: 'Instagram' }).click();
    await page.locator('.inbox-e.theirs').nth(1).waitFor();
    await inspect(page, `instagram-talk-${lang}`, { sizes: ['wide', 'phone'], themes: [lang === 'ru' ? 'dark' : 'light'] });
    await page.goto('/inbox');
    await page.locator('a.inbox-row', { hasText: 'Әсел' }).click();
    await page.locator('.inbox-e.theirs').first().waitFor();
    await inspect(page, `whatsapp-hidden-${lang}`, { sizes: ['phone'], themes: ['light'] });
    assertClean(desk);
    await desk.close();
  });
}
