// A consent on a tablet: paired by a code, read, ticked, signed with a finger, confirmed by the code from the SMS;
// then nothing of the patient is left on it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { assertClean, openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic, program } from './lib/demo.mjs';
import { OUT, inspect, picture } from './lib/look.mjs';

let clinic;
let browser;
before(async () => { [clinic, browser] = [await demoClinic(), await openBrowser()]; });
after(async () => { await browser?.close(); await clinic?.stop(); });

const NAME = 'Қайырбекұлы Әділ Өмірұлы';
const PHONE = '+77012345678';
const TABLET = { sizes: ['tablet', 'phone'] };

/** The patient's messages, newest first; the demo writes to other people meanwhile. */
const landed = async () => (await (await fetch(`${clinic.sms_url}?format=json`)).json())
  .filter((sms) => sms.to === PHONE && /\b\d{6}\b/.test(sms.text));

/** The digits of the newest code that landed after `known` of them. */
async function code(known) {
  for (let tries = 0; tries < 150; tries += 1) {
    const codes = await landed();
    if (codes.length > known) return codes[0].text.match(/\b\d{6}\b/)[0];
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error('no code came');
}

async function newPatient(page) {
  await page.goto('/patients/new');
  await page.locator('#surname').fill('Қайырбекұлы');
  await page.locator('#given').fill('Әділ');
  await page.locator('#patronymic').fill('Өмірұлы');
  await page.locator('#phone').fill('8 701 234 56 78');
  await page.locator('#birth_date').fill('17.05.1990');
  await page.locator('#allergy').fill('лидокаин');
  await page.locator('main form button[type=submit]').last().click();
  await page.waitForURL(/\/patients\/[0-9a-f-]{36}$/);
  return page.url().split('/').pop();
}

async function pair(desk, tablet, name) {
  await desk.goto('/tablets');
  await desk.locator('#name').fill(name);
  await desk.locator('form[action="/tablets"] button').click();
  const digits = (await desk.locator('.pair-code').textContent()).replace(/\D/g, '');
  await inspect(desk, 'consent-tablets', { sizes: ['wide', 'phone'] });
  await tablet.goto('/tablet');
  await inspect(tablet, 'consent-join', TABLET);
  await tablet.locator('#code').evaluate((field, value) => { field.value = value; field.dispatchEvent(new Event('input', { bubbles: true })); }, digits);
  await tablet.locator('#code-ok').click();
  await tablet.locator('text=/Планшет готов|Планшет дайын/').waitFor();
}

async function handOut(desk, patient, documents, language) {
  await desk.goto(`/patients/${patient}/consents/new`);
  for (const key of documents) await desk.locator(`#d-${key}`).check();
  await desk.locator(`input[name=language][value=${language}]`).check({ force: true });
  await desk.locator('#tablet').selectOption({ index: 1 });
  await desk.locator('#service').fill('Лечение кариеса');
  await desk.locator('#price').fill('28 000 ₸');
  await desk.locator('#identity_document').selectOption('id_card');
  await desk.locator('#identity_last4').fill('4411');
  await desk.locator('#face').check();
  await inspect(desk, 'consent-hand-out', { sizes: ['wide', 'tablet', 'phone'] });
  await desk.locator('main form button[type=submit]').last().click();
  await desk.waitForURL(/\/consents\/[0-9a-f-]{36}$/);
  return desk.url().split('/').pop();
}

async function readAndSign(tablet, lang) {
  const text = tablet.locator('#read');
  await text.waitFor();
  assert.ok((await text.textContent()).includes(NAME));
  assert.equal(await tablet.locator('input[name=tick]:checked').count(), 0, 'no box is ticked for the patient');
  await inspect(tablet, `consent-1-read-${lang}`, TABLET);
  assert.equal(await tablet.locator('#read-ok').isDisabled(), true, 'not before the end');
  await text.evaluate((box) => box.scrollTo(0, box.scrollHeight));
  await tablet.waitForFunction(() => !document.querySelector('#read-ok').disabled);
  await tablet.locator('#read-ok').click();
  await tablet.locator('.al-bad').last().waitFor();
  for (const box of await tablet.locator('input[name=tick]').all()) await box.check();
  await text.evaluate((box) => box.scrollTo(0, box.scrollHeight));
  await tablet.waitForFunction(() => !document.querySelector('#read-ok').disabled);
  await tablet.locator('#read-ok').click();
  const pad = tablet.locator('#pad');
  await pad.waitFor();
  const box = await pad.boundingBox();
  const points = [[0.2, 0.6], [0.3, 0.25], [0.4, 0.65], [0.5, 0.3], [0.6, 0.6], [0.8, 0.5]];
  await tablet.mouse.move(box.x + box.width * points[0][0], box.y + box.height * points[0][1]);
  await tablet.mouse.down();
  for (const [x, y] of points) await tablet.mouse.move(box.x + box.width * x, box.y + box.height * y, { steps: 8 });
  await tablet.mouse.up();
  await picture(tablet, `consent-2-sign-${lang}`);
  await inspect(tablet, `consent-2-sign-${lang}`, { sizes: ['tablet'] });
  await tablet.locator('#pad-next').click();
}

test('a patient reads, signs and confirms; the pack is genuine; the tablet forgets', async () => {
  const reception = await person(browser, clinic);
  const desk = await signIn(reception, 'reception');
  const hands = await person(browser, clinic, { size: 'tablet', hasTouch: true });
  const tablet = await hands.newPage();
  await pair(desk, tablet, 'Регистратура-2');
  await inspect(tablet, 'consent-0-lock', { sizes: ['tablet'] });
  const patient = await newPatient(desk);

  const before = (await landed()).length;
  const consent = await handOut(desk, patient, ['dental-treatment'], 'ru');
  await readAndSign(tablet, 'ru');
  const digits = await code(before);
  await tablet.locator('#code').waitFor();
  await inspect(tablet, 'consent-3-code-ru', TABLET);
  const wrong = digits === '000000' ? '000001' : '000000';
  for (const digit of wrong) await tablet.locator(`[data-k="${digit}"]`).first().click();
  await tablet.locator('#code-ok').click();
  await tablet.locator('text=Код не подошёл').waitFor();
  await inspect(tablet, 'consent-3-code-wrong', { sizes: ['tablet'] });
  for (const digit of digits) await tablet.locator(`[data-k="${digit}"]`).first().click();
  await tablet.locator('#code-ok').click();
  await tablet.locator('text=Спасибо, подтверждено').waitFor();
  await inspect(tablet, 'consent-4-done', { sizes: ['tablet', 'phone'] });

  // The desk sees it by itself, and takes the pack.
  await desk.locator('h1 + .b-ok, .b-ok').first().waitFor();
  await desk.locator('a[href$="/pack.zip"]').waitFor();
  await inspect(desk, 'consent-one', { sizes: ['wide', 'tablet', 'phone'] });
  const [download] = await Promise.all([desk.waitForEvent('download'), desk.locator('a[href$="/pack.zip"]').click()]);
  const zip = path.join(clinic.folder, 'pack.zip');
  await download.saveAs(zip);
  fs.copyFileSync(zip, path.join(OUT, 'consent-pack.zip'));
  const found = JSON.parse(execFileSync(program(), ['consent', 'verify', zip, '--json']));
  assert.equal(found.valid, true);
  const bytes = fs.readFileSync(zip);
  bytes[bytes.length - 300] ^= 1; // in the archive's directory, not even in a file
  fs.writeFileSync(`${zip}.bad`, bytes);
  assert.throws(() => execFileSync(program(), ['consent', 'verify', `${zip}.bad`], { stdio: 'pipe' }));
  await desk.goto(`/consents/${consent}/print`);
  await inspect(desk, 'consent-print', { sizes: ['wide', 'phone'], themes: ['light'] });
  await desk.goto(`/patients/${patient}`);
  await desk.locator('#s-consents').locator('text=Подтверждено').waitFor();
  await inspect(desk, 'consent-card', { sizes: ['wide', 'phone'] });
  await desk.goto('/consents');
  await inspect(desk, 'consent-list', { sizes: ['wide', 'tablet', 'phone'] });
  await desk.goto('/consents/wordings');
  await inspect(desk, 'consent-wordings', { sizes: ['wide', 'phone'] });
  await desk.goto('/consents/seal');
  await inspect(desk, 'consent-seal', { sizes: ['phone'], themes: ['light'] });
  await desk.goto('/consents/wordings/dental-treatment');
  await inspect(desk, 'consent-wording', { sizes: ['wide', 'phone'], themes: ['light'] });

  // Nothing stays on the tablet.
  // It goes back by itself after a while, which a slow machine may have reached.
  const ready = tablet.locator('text=Планшет готов');
  await tablet.locator('a.btn-p').or(ready).first().waitFor();
  if (!(await ready.isVisible())) await tablet.locator('a.btn-p').click();
  await ready.waitFor();
  for (let back = 0; back < 4; back += 1) {
    await tablet.goBack().catch(() => {});
    await tablet.waitForLoadState();
    const text = await tablet.locator('body').textContent();
    assert.ok(!text.includes('Қайырбекұлы') && !text.includes('кариес'), `back ${back}: ${text.slice(0, 200)}`);
  }
  const kept = await tablet.evaluate(() => ({ local: localStorage.length, session: sessionStorage.length }));
  assert.deepEqual(kept, { local: 0, session: 0 });
  assertClean(reception);
  assertClean(hands);

  // In Kazakh, switched by the patient before reading; the tablet itself stays Russian for the next one.
  const known = (await landed()).length;
  const second = await handOut(desk, patient, ['treatment'], 'ru');
  await tablet.goto('/tablet');
  await tablet.locator('#read').waitFor();
  await tablet.locator('button[name=language][value=kk]').click();
  await tablet.locator('#read[lang=kk]').waitFor();
  await readAndSign(tablet, 'kk');
  const kazakh = await code(known);
  await tablet.locator('#code').waitFor();
  await inspect(tablet, 'consent-3-code-kk', { sizes: ['tablet'] });
  for (const digit of kazakh) await tablet.locator(`[data-k="${digit}"]`).first().click();
  await tablet.locator('#code-ok').click();
  await tablet.locator('text=Рақмет, расталды').waitFor();
  await inspect(tablet, 'consent-4-done', { sizes: ['tablet'] });
  await tablet.locator('a.btn-p').click();
  await tablet.locator('text=Планшет готов').waitFor();
  await desk.goto(`/consents/${second}`);
  await desk.locator('a[href$="/pack.zip"]').waitFor();
  const [pack] = await Promise.all([desk.waitForEvent('download'), desk.locator('a[href$="/pack.zip"]').click()]);
  const file = path.join(clinic.folder, 'pack-kk.zip');
  await pack.saveAs(file);
  const checked = JSON.parse(execFileSync(program(), ['consent', 'verify', file, '--json']));
  assert.equal(checked.valid, true);
  assertClean(reception);
  assertClean(hands);
  await reception.close();
  await hands.close();
});
