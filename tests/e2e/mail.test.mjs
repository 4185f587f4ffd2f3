// Mail: the server's page, one's own address, who gets checkpoints; through a real SMTP server (tests/peers/smtp.sh).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertClean, openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic } from './lib/demo.mjs';
import { inspect } from './lib/look.mjs';
import { peer } from './lib/smtp.mjs';
import { freshCode } from './lib/totp.mjs';

let clinic;
let browser;
let smtp;
before(async () => { [clinic, browser, smtp] = [await demoClinic(), await openBrowser(), await peer()]; });
after(async () => { await browser?.close(); await clinic?.stop(); smtp?.stop(); });

async function prove(page, user, next) {
  await page.goto(`/prove?next=${next}`);
  await page.locator('#password').fill(user.password);
  await page.locator('#code').fill(await freshCode(user));
  await page.locator('main form button[type=submit]').click();
  await page.waitForURL(`**${next}`);
}

const submit = (page, action) => page.locator(`form[action="${action}"] button[type=submit]`).click();

async function setUp(page, { tls, port }) {
  await page.locator('#host').fill('localhost');
  await page.locator(`input[name=tls][value=${tls}]`).check({ force: true });
  await page.locator('#port').fill(port);
  await page.locator('#username').fill('clinic');
  await page.locator('#password').fill('mail-secret');
  await page.locator('#sender').fill('crm@arai.example');
  await page.locator('#ca').fill(smtp.ca);
  await submit(page, '/messages/mail');
  await page.waitForURL(/done=saved/);
  await page.locator('#health .b-ok').waitFor();
}

test('the mail is set up, tried, and says in words what the server answered', async (t) => {
  if (!smtp) return t.skip('SMTP: python3 with venv, openssl and PyPI (aiosmtpd)');
  for (const [lang, tls, port] of [['ru', 'starttls', smtp.ports[1]], ['kk', 'implicit', smtp.ports[0]]]) {
    const owner = await person(browser, clinic, { lang });
    const page = await signIn(owner, 'owner');
    await page.goto('/messages/mail');
    if (lang === 'ru') {
      await page.locator('#health .al').waitFor();
      await inspect(page, 'mail-empty');
    }
    await page.locator('#host').fill('https://mail.arai.kz');
    await page.locator('#port').fill('0');
    await page.locator('#sender').fill('crm');
    await submit(page, '/messages/mail');
    await page.locator('#sender[aria-invalid=true]').waitFor();
    assert.equal(await page.locator('#host').inputValue(), 'https://mail.arai.kz');
    await inspect(page, 'mail-refused', { sizes: ['wide', 'phone'] });
    await setUp(page, { tls, port });
    for (const [to, state] of [['unknown@example.kz', '.b-bad'], ['owner@example.kz', '.b-ok']]) {
      await page.locator('#address').fill(to);
      await submit(page, '/messages/mail/trial');
      await page.waitForURL(/done=tried/);
      await page.locator(`#letters tbody tr:first-child ${state}`).waitFor();
    }
    assert.deepEqual((await smtp.next()).to, ['owner@example.kz']);
    assert.match(await page.locator('#letters tbody tr').nth(1).innerText(), /550 5\.1\.1 No such user here/);
    await inspect(page, 'mail');
    assertClean(owner);
    await owner.close();
  }
});

test('an address is confirmed by the code that went there, and checkpoints go to whoever is named', async (t) => {
  if (!smtp) return t.skip('SMTP: python3 with venv, openssl and PyPI (aiosmtpd)');
  const user = clinic.users.find((one) => one.role === 'owner');
  for (const lang of ['ru', 'kk']) {
    const owner = await person(browser, clinic, { lang });
    const page = await signIn(owner, 'owner');
    await prove(page, user, '/account/mail');
    await page.locator('#address').fill('nobody');
    await submit(page, '/account/mail');
    await page.locator('#address[aria-invalid=true]').waitFor();
    await inspect(page, 'mail-own-refused', { sizes: ['phone'] });
    if (lang === 'ru') {
      await page.locator('#address').fill('owner@arai.example');
      await submit(page, '/account/mail');
      await page.waitForURL(/done=asked/);
      await inspect(page, 'mail-own-code');
      const { text } = await smtp.next();
      await page.locator('#code').fill(/\b\d{6}\b/.exec(text)[0]);
      await submit(page, '/account/mail/code');
      await page.waitForURL(/done=confirmed/);
      // From now on the owner gets checkpoints: the first within half a minute.
      const { text: sealed, files } = await smtp.next();
      assert.match(sealed, /tirkeu audit verify --checkpoint/);
      assert.match(Object.values(files)[0], /^[0-9a-f]{16}\.tirkeu\/audit\n\d+\n/);
    }
    await page.goto('/account/mail');
    await inspect(page, 'mail-own');

    await page.goto('/audit/ledger/mail');
    await inspect(page, `mail-witnesses-${lang === 'ru' ? 'empty' : 'some'}`);
    await page.locator('#name').fill('');
    await page.locator('#address').fill('auditor');
    await submit(page, '/audit/ledger/mail');
    await page.locator('#address[aria-invalid=true]').waitFor();
    await inspect(page, 'mail-witnesses-refused', { sizes: ['phone'] });
    await page.locator('#name').fill(lang === 'ru' ? 'ТОО «Аудит»' : 'Заңгер Ә. Сейітова');
    await page.locator('#address').fill(`auditor-${lang}@outside.example`);
    await submit(page, '/audit/ledger/mail');
    await page.waitForURL(/done=added/);
    assert.deepEqual((await smtp.next()).to, [`auditor-${lang}@outside.example`]);
    await page.goto('/audit/ledger/mail');
    await inspect(page, 'mail-witnesses');
    assertClean(owner);
    await owner.close();
  }
});
