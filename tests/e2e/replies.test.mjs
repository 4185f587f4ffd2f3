// Answers by SMS, WhatsApp and Telegram: their pages as they stand in a new clinic, in both languages, without a finding.
import { after, before, test } from 'node:test';
import { assertClean, openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic } from './lib/demo.mjs';
import { inspect } from './lib/look.mjs';
let clinic; let browser;
before(async () => { [clinic, browser] = [await demoClinic(), await openBrowser()]; });
after(async () => { await browser?.close(); await clinic?.stop(); });
for (const lang of ['ru', 'kk']) for (const [name, path] of [['replies', '/replies'], ['reply-settings', '/messages/replies'], ['whatsapp', '/messages/whatsapp'], ['whatsapp-number', '/messages/gateway/new/whatsapp'], ['telegram', '/messages/telegram']]) {
  test(`${name} ${lang}`, async () => {
    const owner = await person(browser, clinic, { lang });
    const page = await signIn(owner, 'owner');
    await page.goto(path);
    await inspect(page, `${name}-${lang}`);
    assertClean(owner);
    await owner.close();
  });
}
