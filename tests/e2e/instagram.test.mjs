// Instagram, people without a number and the bot of WhatsApp: the page of the account, and what reception sees of who writes
// and of what was answered, in both languages.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { assertClean, openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic } from './lib/demo.mjs';
import { inspect } from './lib/look.mjs';

let clinic; let browser; let graph;
let subscribed = []; // what Meta tells our app of the account
const said = []; // what the bot had the Graph API say
const SECRET = '0123456789abcdef0123456789abcdef';
const [ACCOUNT, NUMBER, DANA, ARMAN] = ['17841400000000001', '106540352242922', '770123456789012', '77019990011'];
const doors = {};
const pages = {};
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

const whatsapp = (contacts, message) => ({ object: 'whatsapp_business_account', entry: [{ id: '1', changes: [{ field: 'messages', value: {
  messaging_product: 'whatsapp', metadata: { phone_number_id: NUMBER }, contacts,
  messages: [{ timestamp: String(Math.floor(now() / 1000)), ...message }],
} }] }] });
const arman = (message) => whatsapp([{ wa_id: ARMAN, profile: { name: 'Арман' } }], { from: ARMAN, ...message });

/** The Graph API as far as the bot needs it: takes what it is to say. */
async function graphApi() {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    response.setHeader('content-type', 'application/json');
    const path = new URL(request.url, 'http://graph').pathname;
    if (path.endsWith('/me/subscribed_apps')) return response.end(JSON.stringify({ data: subscribed }));
    if (path.endsWith('/me')) return response.end(JSON.stringify({ user_id: ACCOUNT, username: 'arai_dent' }));
    if (path.endsWith(`/${DANA}`)) {
      response.statusCode = 400;
      return response.end(JSON.stringify({ error: { message: 'no name', type: 'OAuthException', code: 100 } }));
    }
    if (path.endsWith('/me/messages')) return response.end(JSON.stringify({ recipient_id: DANA, message_id: 'mid.1' }));
    if (request.method === 'POST') said.push(JSON.parse(body));
    server.emit('said');
    return response.end(JSON.stringify({ messaging_product: 'whatsapp', contacts: [{ input: ARMAN, wa_id: ARMAN }], messages: [{ id: `wamid.out${said.length}` }] }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

before(async () => {
  graph = await graphApi();
  [clinic, browser] = [await demoClinic(), await openBrowser()];
  const owner = await person(browser, clinic);
  const page = await signIn(owner, 'owner');
  const ports = { instagram: graph.address().port, whatsapp: graph.address().port };
  for (const [kind, id] of [['instagram', ACCOUNT], ['whatsapp', NUMBER]]) {
    await page.goto(`/messages/gateway/new/${kind}`);
    await page.locator('#endpoint').fill(`http://127.0.0.1:${ports[kind]}/v24.0`);
    await page.locator('#username').fill(id);
    await page.locator('#password').fill('token');
    await page.locator('form[action="/messages/gateway"] button').click();
    await page.waitForURL(/done=saved/);
    pages[kind] = new URL(page.url()).pathname;
    await page.goto(`/messages/${kind}`);
    await page.locator('#app_secret').fill(SECRET);
    if (kind === 'whatsapp') await page.locator('#talks').check();
    await page.locator(`form[action="/messages/${kind}"] button`).click();
    await page.waitForURL(/done=saved/);
    doors[kind] = await page.locator('#door-address').inputValue();
  }
  await writes(page, 'm1', { text: 'Здравствуйте! Видела вас в сторис, сколько стоит чистка?' });
  await writes(page, 'm2', { attachments: [{ type: 'image', payload: { url: 'https://example.com/x' } }] });
  await told(page, 'whatsapp', whatsapp([{ user_id: 'KZ.13491208655302741918', profile: { name: 'Әсел', username: 'asel' } }],
    { id: 'wamid.1', type: 'text', from_user_id: 'KZ.13491208655302741918', text: { body: 'Сәлеметсіз бе! Ертең бос уақыт бар ма?' } }));
  await owner.close();
});
after(async () => { await browser?.close(); await clinic?.stop(); graph?.close(); });

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

test('what the bot said stands in the conversation as the bot\'s, before a person takes over', async () => {
  const desk = await person(browser, clinic);
  const page = await signIn(desk, 'owner');
  await page.goto('/inbox?show=closed');
  await told(page, 'whatsapp', arman({ id: 'wamid.2', type: 'text', text: { body: 'Хочу записаться' } }));
  await page.locator('a.inbox-row', { hasText: 'бот:' }).waitFor(); // nobody waits, and it is found
  while (!said.length) await once(graph, 'said');
  const { reply } = said.at(-1).interactive.action.buttons.at(-1);
  await told(page, 'whatsapp', arman({ id: 'wamid.3', type: 'interactive', interactive: { type: 'button_reply', button_reply: reply } }));
  await page.goto('/inbox');
  await page.locator('a.inbox-row', { hasText: '999' }).click();
  await page.locator('.inbox-e.bot').nth(1).waitFor();
  await page.locator('.inbox-e.theirs', { hasText: 'человек' }).waitFor();
  assert.equal(await page.locator('.inbox-e.bot.lost').count(), 0);
  await inspect(page, 'inbox-bot', { sizes: ['wide', 'tablet', 'phone'] });
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

for (const lang of ['ru', 'kk']) {
  test(`the test of the account says what is missing and then that it is well, in ${lang}`, async () => {
    const owner = await person(browser, clinic, { lang });
    const page = await signIn(owner, 'owner');
    await page.goto(pages.instagram);
    const trial = page.locator('form[action$="/trial"] button');
    subscribed = [];
    await trial.click();
    await page.locator('section[aria-labelledby=gt] .al-bad').waitFor();
    await inspect(page, 'instagram-trial-unsubscribed');
    subscribed = [{ id: '1', subscribed_fields: ['messages', 'messaging_postbacks'] }];
    await page.locator('form[action$="/trial"] button').click();
    const well = page.locator('section[aria-labelledby=gt] .al-ok');
    await well.waitFor();
    assert.match(await well.textContent(), /arai_dent/);
    await inspect(page, 'instagram-trial-connected', { sizes: ['wide', 'phone'] });
    assertClean(owner);
    await owner.close();
  });
}
