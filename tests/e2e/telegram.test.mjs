// The Telegram bot: whoever writes before their number is known is answered at the desk like everybody, and is one person
// once they share it. What a messenger told and could not be worked through is seen with its channel.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { assertClean, openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic } from './lib/demo.mjs';
import { inspect } from './lib/look.mjs';

const [TOKEN, SECRET, DANA, NUMBER] = ['110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw', '0123456789abcdef0123456789abcdef', 900001, '106540352242922'];
let clinic; let browser; let api; let last = 0;
const [updates, said] = [[], []]; // what the bot is told, and what it says
const now = () => Math.floor((Date.now() + (clinic.clock_ahead_ms ?? 0)) / 1000);

/** The Bot API as far as the bot needs it. */
async function botApi() {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    const asked = body ? JSON.parse(body) : {};
    const method = request.url.split('/').at(-1);
    if (method === 'getUpdates') {
      const fresh = () => updates.filter((one) => one.update_id >= (asked.offset ?? 0));
      if (!fresh().length && asked.timeout) await Promise.race([once(server, 'told'), once(request.socket, 'close')]);
      return answer(response, fresh());
    }
    if (method === 'sendMessage') { said.push(asked); server.emit('said'); }
    return answer(response, {
      getMe: { id: 110201543, is_bot: true, first_name: 'Clinic', username: 'clinic_bot' }, getWebhookInfo: { url: '' },
      sendMessage: { message_id: said.length, date: now(), chat: { id: asked.chat_id, type: 'private' } },
    }[method] ?? true);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
function answer(response, result) {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ ok: true, result }));
}

/** Somebody does something in their chat with the bot. */
function dana(message) {
  last += 1;
  const from = { id: DANA, is_bot: false, first_name: 'Дана', language_code: 'ru' };
  updates.push({ update_id: last, message: { message_id: 1000 + last, date: now(), from, chat: { id: DANA, type: 'private', first_name: 'Дана' }, ...message } });
  api.emit('told');
}
async function hears(words) {
  while (!said.some((one) => one.text.includes(words))) await once(api, 'said');
}

before(async () => {
  api = await botApi();
  [clinic, browser] = [await demoClinic(), await openBrowser()];
  const owner = await person(browser, clinic);
  const page = await signIn(owner, 'owner');
  await page.goto('/messages/telegram');
  await page.locator('#token').fill(TOKEN);
  await page.locator('form[action="/messages/telegram"] button').click();
  await page.waitForURL(/done=saved/);
  await page.goto('/messages/gateway');
  const card = page.locator('li.card', { hasText: 'Telegram' });
  await card.getByRole('link').first().click();
  await page.locator('#endpoint').fill(`http://127.0.0.1:${api.address().port}`);
  await page.locator('#password').fill(TOKEN);
  await page.locator('form[action^="/messages/gateway/"] button[type=submit]').first().click();
  await page.waitForURL(/done=saved/);
  await owner.close();
});
after(async () => { await browser?.close(); await clinic?.stop(); api?.closeAllConnections(); api?.close(); });

test('a stranger is seen, answered in the chat, and is one person with the number that they share', async () => {
  const desk = await person(browser, clinic);
  const page = await signIn(desk, 'owner');
  dana({ text: 'Сколько стоит имплант? Можно на этой неделе?' });
  await hears('передали ваше сообщение');
  await page.goto('/inbox');
  await page.locator('a.inbox-row', { hasText: 'Дана' }).click();
  await page.locator('.inbox-e.theirs', { hasText: 'имплант' }).waitFor();
  assert.equal(await page.getByText(String(DANA)).count(), 0, 'an id says nothing to anybody');
  await inspect(page, 'telegram-stranger', { sizes: ['wide', 'tablet', 'phone'] });
  await page.locator('#text').fill('Здравствуйте! Консультация бесплатная, можно в четверг в 15:00.');
  await page.locator('#text').press('Control+Enter');
  await hears('в четверг в 15:00');
  dana({ contact: { phone_number: '77019990011', first_name: 'Дана', user_id: DANA } });
  await hears('номер привязан');
  await page.goto('/inbox');
  await page.locator('a.inbox-row', { hasText: 'Дана' }).click();
  await page.locator('.inbox-e.out .bubble', { hasText: 'в четверг' }).waitFor();
  await page.getByText('999').first().waitFor();
  assertClean(desk);
  await desk.close();
});

test('what could not be worked through is seen with its channel, in both languages, and taken up again', async () => {
  const owner = await person(browser, clinic);
  const page = await signIn(owner, 'owner');
  await page.goto('/messages/gateway/new/whatsapp');
  await page.locator('#endpoint').fill('http://127.0.0.1:9/v24.0');
  await page.locator('#username').fill(NUMBER);
  await page.locator('#password').fill('token');
  await page.locator('form[action="/messages/gateway"] button').click();
  await page.waitForURL(/done=saved/);
  await page.goto('/messages/whatsapp');
  await page.locator('#app_secret').fill(SECRET);
  await page.locator('form[action="/messages/whatsapp"] button').click();
  await page.waitForURL(/done=saved/);
  const door = await page.locator('#door-address').inputValue();
  const data = '{"object":"page"}';
  const signature = createHmac('sha256', SECRET).update(data).digest('hex');
  const told = await page.request.post(door, { data, headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` } });
  assert.equal(told.status(), 200);
  await page.goto('/messages/gateway');
  const aside = page.getByText('не удалось разобрать');
  for (let tries = 0; tries < 50 && !await aside.count(); tries += 1) await page.reload();
  await inspect(page, 'gateways-aside', { sizes: ['wide', 'tablet', 'phone'] });
  await page.getByRole('button', { name: 'Разобрать ещё раз' }).click();
  await page.getByText('разбирается ещё раз').waitFor();
  assertClean(owner);
  await owner.close();
});

test('how a stranger looks in kk', async () => {
  const desk = await person(browser, clinic, { lang: 'kk' });
  const page = await signIn(desk, 'owner');
  dana({ text: '/stop' });
  await hears('отвязан');
  dana({ text: 'Сәлеметсіз бе! Тағы бір сұрақ бар еді' });
  await page.goto('/inbox');
  await page.locator('a.inbox-row', { hasText: 'сұрақ' }).click();
  await page.locator('.inbox-e.theirs', { hasText: 'сұрақ' }).waitFor();
  await inspect(page, 'telegram-stranger-kk', { sizes: ['wide', 'phone'], themes: ['dark'] });
  assertClean(desk);
  await desk.close();
});
