// Registers and papers of personal data: every page looked at, a purpose changed, rules confirmed, the review signed, papers taken out, the policy read by a patient.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { assertClean, openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic } from './lib/demo.mjs';
import { inspect, OUT } from './lib/look.mjs';
import { freshCode } from './lib/totp.mjs';

let browser;
let clinic;
before(async () => { [clinic, browser] = await Promise.all([demoClinic(), openBrowser()]); });
after(async () => { await browser?.close(); await clinic?.stop(); });

/** Password and code again. */
async function prove(page) {
  const user = clinic.users.find(({ role }) => role === 'compliance');
  await page.locator('#password').fill(user.password);
  if (user.totp_secret) await page.locator('#proof').fill(await freshCode(user));
}

/** Takes a paper out and gives its text, when there is a program that reads it. */
async function paper(page, code, lang) {
  const link = page.locator(`a[href*="/papers/${code}/pdf?lang=${lang}"]`).first();
  const [file] = await Promise.all([page.waitForEvent('download'), link.click()]);
  assert.equal(file.suggestedFilename(), `${code}-${lang}.pdf`);
  const kept = `${OUT}/${code}-${lang}.pdf`;
  await file.saveAs(kept);
  assert.equal(fs.readFileSync(kept).subarray(0, 5).toString(), '%PDF-');
  try {
    return execFileSync('pdftotext', ['-layout', kept, '-'], { encoding: 'utf8' });
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

const PARTS = ['papers', 'purposes', 'recipients', 'responsible', 'policy', 'size', 'training', 'reviews', 'refusals', 'reviews/new', 'purposes/care',
  'recipients/new', 'limits/small_people', 'refusals/kept_by_law'];

for (const lang of ['ru', 'kk']) {
  test(`every register is looked at, kept and taken out (${lang})`, { timeout: 420_000 }, async () => {
    const office = await person(browser, clinic, { lang });
    const page = await signIn(office, 'compliance');
    const wrong = [];
    for (const part of PARTS) {
      await page.goto(`/personal-data/${part}`);
      await inspect(page, `acc-${part.replace('/', '-')}`).catch((error) => wrong.push(...error.actual));
    }
    assert.deepEqual(wrong, []);
    await page.goto('/personal-data/requests');
    await page.locator('#sz').waitFor();
    await inspect(page, 'acc-desk', { sizes: ['wide', 'phone'] });

    await page.goto('/personal-data/purposes/new');
    await page.locator('#title_ru').fill('Видеонаблюдение');
    await page.locator('form[action$="/purposes/new"] button[type=submit]').click();
    await page.locator('#title_kk[aria-invalid=true]').waitFor();
    assert.equal(await page.locator('#title_ru').inputValue(), 'Видеонаблюдение');
    await inspect(page, 'acc-purpose-refused', { sizes: ['wide', 'phone'] });

    await page.goto('/account');
    await page.locator('#rules-card .b').waitFor();
    await inspect(page, 'acc-account', { sizes: ['wide', 'phone'] });
    await page.locator('#rules-card a[href="/account/rules"]').click();
    await page.locator('#mr').waitFor();
    if (await page.locator('#read').count()) {
      await inspect(page, 'acc-my-rules');
      await page.locator('#read').check();
      await page.locator('form[action="/account/rules"] button').click();
      await page.locator('main .al-ok').waitFor();
    }

    await page.goto('/personal-data/reviews/new');
    for (const group of await page.locator('main fieldset:has(input[name^="answer-"])').all()) await group.locator('label').last().click();
    for (const note of await page.locator('textarea[name^="note-"]').all()) await note.fill(lang === 'kk' ? 'Жауапты: Оспанова' : 'Ответственная: Оспанова');
    await page.locator('#conclusion').fill(lang === 'kk' ? 'Тексерілді, ескертулер жазылды' : 'Проверено, замечания записаны');
    await prove(page);
    await page.locator('form[action$="/reviews/new"] button[type=submit]').click();
    await page.waitForURL(/reviews\/\d+$/);
    await inspect(page, 'acc-review');

    await page.goto('/personal-data/papers');
    for (const code of ['purposes', 'data', 'policy', 'recipients', 'responsible', 'access', 'size', 'rules', 'training', 'review']) {
      const text = await paper(page, code, lang);
      if (text === null) continue;
      assert.ok(!/\?{2,}|�/.test(text), `${code}: no letter is lost`);
      if (lang === 'kk') assert.ok(/[әғқңөұүһіӘҒҚҢӨҰҮҺІ]/.test(text), `${code} is in Kazakh`);
    }
    await page.reload();
    await inspect(page, 'acc-papers-made', { sizes: ['wide'] });
    assertClean(office);
    await office.close();
  });

  test(`a patient reads the approved policy (${lang})`, { timeout: 120_000 }, async () => {
    const phone = await person(browser, clinic, { lang });
    const page = await phone.newPage();
    await page.goto(`${clinic.public_url}/privacy`);
    await page.locator('#pd').waitFor();
    await inspect(page, 'acc-privacy');
    const text = await page.locator('main').innerText();
    assert.ok(text.includes(lang === 'kk' ? 'Қабылдауға жазу' : 'Запись на приём'), text);
    assertClean(phone);
    await phone.close();
  });
}
