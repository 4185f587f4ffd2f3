// Passkeys by Chromium's own virtual authenticator, and the clinic's rules of signing in.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertClean, enter, enterPassword, openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic } from './lib/demo.mjs';
import { inspect } from './lib/look.mjs';
import { freshCode } from './lib/totp.mjs';

let clinic;
let browser;
before(async () => { [clinic, browser] = [await demoClinic(), await openBrowser()]; });
after(async () => { await browser?.close(); await clinic?.stop(); });

const user = (role) => clinic.users.find((one) => one.role === role);
const door = 'form[action="/sign-in/passkey"]';

/**
 * A key in this page's device, with a finger that is always there until `verified(false)`. `look` is `inspect` with the
 * key put aside.
 */
async function device(page) {
  const cdp = await page.context().newCDPSession(page);
  let authenticatorId;
  let credentials = [];
  const plug = async () => {
    await cdp.send('WebAuthn.enable');
    ({ authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    }));
    for (const credential of credentials) await cdp.send('WebAuthn.addCredential', { authenticatorId, credential });
  };
  await plug();
  return {
    verified: (isUserVerified) => cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
    look: async (...how) => {
      ({ credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId }));
      await cdp.send('WebAuthn.disable');
      await inspect(page, ...how);
      await plug();
    },
  };
}

async function signOut(page) {
  await page.locator('.me > summary').click();
  await page.locator('.me form[action="/sign-out"] button').click();
  await page.waitForURL(/sign-in/);
}

for (const [lang, role] of [['ru', 'reception'], ['kk', 'doctor']]) {
  test(`a key is added, signs in, proves, is removed; an answer is good once (${lang})`, async () => {
    const context = await person(browser, clinic, { lang });
    const page = await context.newPage();
    await page.goto('/sign-in');
    const finger = await device(page);
    await enter(page, user(role));
    await page.goto('/account');
    await page.locator('#passkey-name').waitFor();
    await finger.look(`account-${lang}`);

    await finger.verified(false);
    await page.locator('#passkey-name').fill(lang === 'ru' ? 'Ноутбук на ресепшене' : 'Дәрігердің ноутбугі');
    await page.locator('form[data-passkey-make] button').click();
    await page.locator('form[data-passkey-make] [data-passkey-problem]').waitFor();
    await finger.verified(true);
    await page.locator('form[data-passkey-make] button').click();
    const remove = page.locator('form[action$="/remove"] button');
    await remove.waitFor();
    await finger.look(`account-key-${lang}`);
    await signOut(page);

    await page.locator(`${door} button`).waitFor();
    await finger.look(`sign-in-key-${lang}`);
    const sent = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/sign-in/passkey'));
    await page.locator(`${door} button`).click();
    const answer = new URLSearchParams((await sent).postData()).get('answer');
    await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
    await page.goto('/account');
    assert.equal(await page.locator('input[name=login]').first().inputValue(), user(role).login);

    const thief = await person(browser, clinic, { lang });
    const other = await thief.newPage();
    await other.goto('/sign-in');
    await other.locator(door).evaluate((form, text) => { form.elements.namedItem('answer').value = text; form.submit(); }, answer);
    await other.getByRole('alert').first().waitFor();
    await inspect(other, `sign-in-replayed-${lang}`, { sizes: ['wide', 'phone'] });
    await thief.close();

    await page.goto('/prove?next=/account');
    await page.locator('form[action="/prove/passkey"] button').waitFor();
    await finger.look(`prove-key-${lang}`);
    await page.locator('form[action="/prove/passkey"] button').click();
    await page.waitForURL(/\/account$/);
    await remove.click();
    await remove.waitFor({ state: 'detached' });
    await signOut(page);
    await page.locator(`${door} button`).click();
    await page.getByRole('alert').first().waitFor();
    assert.match(page.url(), /sign-in/);
    assertClean(context);
    await context.close();
  });
}

test('without scripts nothing of passkeys is shown and the password signs in', async () => {
  const context = await person(browser, clinic, { javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto('/sign-in');
  assert.equal(await page.locator(door).isVisible(), false);
  await enter(page, user('sysadmin'));
  await page.goto('/account');
  assert.equal(await page.locator('form[data-passkey-make]').isVisible(), false);
  assert.ok(await page.locator('[data-passkey-none]').isVisible(), 'and the page says why');
  await context.close();
});

test('an owner sets the idle lock and lets a role do with the password, whose people may still turn the code on', async () => {
  for (const lang of ['ru', 'kk']) {
    const owner = await person(browser, clinic, { lang });
    const page = await signIn(owner, 'owner');
    if (lang === 'ru') {
      await page.goto('/sign-in-rules');
      await inspect(page, 'rules-first');
    }
    await page.goto('/prove?next=/sign-in-rules');
    await page.locator('#password').fill(user('owner').password);
    await page.locator('#code').fill(await freshCode(user('owner')));
    await page.locator('form[action="/prove"] button[type=submit]').click();
    await page.waitForURL(/sign-in-rules$/);
    await page.locator('#minutes-clinic').fill('60');
    await page.locator('#minutes-clinic').press('Enter');
    await page.locator('#minutes-clinic[aria-invalid=true]').waitFor();
    assert.equal(await page.locator('#minutes-clinic').inputValue(), '60');
    await inspect(page, `rules-refused-${lang}`);
    await page.locator('#minutes-clinic').fill(lang === 'ru' ? '10' : '7');
    await page.locator('#minutes-clinic').press('Enter');
    await page.locator('#minutes-clinic:not([aria-invalid])').waitFor();
    await page.locator('#factor-cashier').selectOption('optional');
    await page.locator('#minutes-cashier').fill('3');
    await page.locator('#minutes-cashier').press('Enter');
    await page.locator('#minutes-cashier[value="3"]').waitFor();
    await inspect(page, `rules-${lang}`);
    assertClean(owner);
    await owner.close();
  }
});

test('whoever needs no code has it once they turned it on', async () => {
  const owner = await person(browser, clinic);
  const settings = await signIn(owner, 'owner');
  await settings.goto('/sign-in-rules');
  assert.match(await settings.locator('main').innerText(), /по желанию/);
  await owner.close();
  for (const lang of ['ru', 'kk']) {
    const context = await person(browser, clinic, { lang });
    const page = await context.newPage();
    await page.goto('/sign-in');
    await enter(page, user('cashier'));
    await page.goto('/account/second-factor');
    await inspect(page, `own-factor-${lang}`);
    await page.locator('#code').fill('000000');
    await page.locator('#code').press('Enter');
    await page.locator('#code[aria-invalid=true]').waitFor();
    if (lang === 'kk') {
      await page.goto('/account');
      await inspect(page, 'account-optional');
      await page.locator('form[action$="/give-up"] button').click();
      await page.waitForURL(/account$/);
      await page.locator('form[action$="/give-up"]').waitFor({ state: 'detached' });
      await signOut(page);
      await enterPassword(page, user('cashier'));
      await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
    }
    assertClean(context);
    await context.close();
  }
});
