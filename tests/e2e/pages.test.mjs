// Every page that the rail leads to, as each role sees it: sound in both languages and themes, on every screen.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertClean, openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic } from './lib/demo.mjs';
import { inspect } from './lib/look.mjs';

let browser;
let clinic;

before(async () => {
  [clinic, browser] = await Promise.all([demoClinic(), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await clinic?.stop();
});

/** The addresses in the rail, without those that leave the page. */
async function rail(page) {
  const links = await page.locator('nav.rail a[href^="/"]').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
  return [...new Set(links)];
}

const name = (path) => (path === '/' ? 'home' : path.slice(1).replace(/[/?=&]+/g, '-'));

for (const lang of ['ru', 'kk']) {
  test(`every page of the owner's rail is sound in ${lang}`, async () => {
    const context = await person(browser, clinic, { lang });
    const page = await signIn(context, 'owner');
    const seen = await rail(page);
    assert.ok(seen.length >= 5, `the rail leads to ${seen}`);
    const wrong = [];
    for (const path of seen) {
      const answer = await page.goto(path);
      assert.equal(answer.status(), 200, path);
      await inspect(page, name(path), { whole: true }).catch((error) => wrong.push(...(error.actual ?? [String(error)])));
    }
    assert.deepEqual(wrong, []);
    assertClean(context);
    await context.close();
  });
}

/** Where the links and searches of a page lead, one of each kind. */
async function leads(page) {
  const all = await page.locator('a[href^="/"], form.find').evaluateAll((all) => all.map((one) => one.getAttribute('href') ?? one.getAttribute('action')));
  const kind = (href) => href.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, ':id').replace(/\?.*/, '');
  return new Map(all.map((href) => [kind(href), href]));
}

for (const role of ['reception', 'doctor', 'marketer', 'cashier', 'compliance', 'sysadmin']) {
  test(`every page of the rail of ${role} opens, is sound and offers nothing that is closed to them`, async () => {
    const context = await person(browser, clinic);
    const page = await signIn(context, role);
    const wrong = [];
    const led = new Map();
    for (const path of ['/', ...await rail(page)]) {
      const answer = await page.goto(path);
      if (answer.status() !== 200) wrong.push(`${path}: ${answer.status()}`);
      await inspect(page, `${role}-${name(path)}`, { sizes: ['wide'], themes: ['light'] })
        .catch((error) => wrong.push(...(error.actual ?? [String(error)])));
      for (const [kind, href] of await leads(page)) led.set(kind, href);
    }
    if (led.has('/patients/:id')) {
      await page.goto(led.get('/patients/:id'));
      await page.waitForLoadState('networkidle');
      for (const [kind, href] of await leads(page)) led.set(kind, href);
    }
    for (const href of led.values()) {
      const status = (await page.request.get(href)).status();
      if (status !== 200) wrong.push(`offers ${href}, which answers ${status}`);
    }
    assert.deepEqual(wrong, []);
    assertClean(context);
    await context.close();
  });
}

test('a page nobody has made says so, kindly', async () => {
  const context = await person(browser, clinic);
  const page = await signIn(context, 'owner');
  const answer = await page.goto('/no-such-page');
  assert.equal(answer.status(), 404);
  await inspect(page, 'not-found', { sizes: ['wide', 'phone'] });
  await context.close();
});
