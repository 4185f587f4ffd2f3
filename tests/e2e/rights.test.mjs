// Roles, rights for a time, and emergency access, as owner, doctor and compliance officer use them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertClean, openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic } from './lib/demo.mjs';
import { inspect } from './lib/look.mjs';
import { freshCode } from './lib/totp.mjs';

let clinic;
let browser;
before(async () => { [clinic, browser] = [await demoClinic(), await openBrowser()]; });
after(async () => { await browser?.close(); await clinic?.stop(); });

async function prove(page, user) {
  await page.goto('/prove?next=/staff');
  await page.locator('#password').fill(user.password);
  await page.locator('#code').fill(await freshCode(user));
  await page.locator('main form button[type=submit]').click();
  await page.waitForURL(/\/staff$/);
}

test('an owner makes a role, lends rights, and the list of persons with access shows it', async () => {
  const user = clinic.users.find((one) => one.role === 'owner');
  for (const lang of ['ru', 'kk']) {
    const owner = await person(browser, clinic, { lang });
    const page = await signIn(owner, 'owner');
    await page.goto('/roles/new?like=reception');
    await inspect(page, `role-unproven-${lang}`, { sizes: ['phone'] });
    await prove(page, user);
    await page.goto('/roles/new?like=reception');
    await page.locator('#name').fill('');
    await page.locator('main form button[type=submit]').click();
    await page.locator('#name[aria-invalid=true]').waitFor();
    assert.ok(await page.locator('input[value="patients.find"]').isChecked(), 'what was ticked stays');
    await inspect(page, `role-${lang}`);
    await page.locator('#name').fill(lang === 'ru' ? 'Старший администратор' : 'Аға әкімші');
    await page.locator('main form button[type=submit]').click();
    await page.waitForURL(/\/roles$/);
    await inspect(page, `roles-${lang}`);

    await page.goto('/staff');
    await inspect(page, `staff-${lang}`);
    await page.locator('main tbody a').last().click();
    await page.waitForURL(/\/staff\/[0-9a-f-]{36}$/);
    await page.locator('#from').fill('31.02.2027');
    await page.locator('#until').fill('31.12.2026');
    await page.locator('#reason').fill(lang === 'ru' ? 'отпуск коллеги' : 'әріптестің демалысы');
    await page.locator('form[action$="/deputations"] button').click();
    await page.locator('#from[aria-invalid=true]').waitFor();
    await inspect(page, `person-refused-${lang}`, { sizes: ['wide'] });
    await page.locator('#from').fill('01.12.2026');
    await page.locator('form[action$="/deputations"] button').click();
    await page.locator('.list li').first().waitFor();
    await inspect(page, `person-${lang}`);
    await page.goto('/access-list');
    await inspect(page, `access-list-${lang}`);
    assertClean(owner);
    await owner.close();
  }
});

test('a doctor opens a stranger in an emergency, and the officer reviews it', async () => {
  for (const lang of ['ru', 'kk']) {
    const desk = await person(browser, clinic, { lang });
    const reception = await signIn(desk, 'reception');
    await reception.goto('/patients/new');
    await reception.locator('#surname').fill('Чужаков');
    await reception.locator('#given').fill('Пётр');
    await reception.locator('#phone').fill(lang === 'ru' ? '87017770011' : '87017770012');
    await reception.locator('main form button[type=submit]').click();
    await reception.waitForURL(/\/patients\/[0-9a-f-]{36}$/);
    const card = new URL(reception.url()).pathname;

    const ward = await person(browser, clinic, { lang });
    const doctor = await signIn(ward, 'doctor');
    await doctor.goto(card);
    await inspect(doctor, `not-own-${lang}`);
    assert.ok(!(await doctor.locator('body').textContent()).includes('Чужаков'));
    await doctor.locator('main a.btn-p').click();
    await doctor.locator('#reason').fill('боль');
    await doctor.locator('main form button[type=submit]').click();
    await doctor.locator('#reason[aria-invalid=true]').waitFor();
    await inspect(doctor, `emergency-${lang}`);
    await doctor.locator('label.opt').first().click();
    await doctor.locator('#reason').fill('острая боль ночью');
    await doctor.locator('main form button[type=submit]').click();
    await doctor.locator('.emergency-on').waitFor();
    await inspect(doctor, `emergency-card-${lang}`);
    await doctor.locator('.emergency-on button').click();
    await doctor.goto(card);
    await doctor.locator('main a.btn-p').waitFor();

    const office = await person(browser, clinic, { lang });
    const officer = await signIn(office, 'compliance');
    await officer.goto('/emergencies');
    await inspect(officer, `emergencies-${lang}`);
    assert.ok(!(await officer.locator('body').textContent()).includes('Чужаков'));
    await officer.locator('button[value=justified]').first().click();
    await officer.locator('main .b-ok').first().waitFor();
    await inspect(officer, `emergencies-done-${lang}`, { sizes: ['wide'] });
    for (const context of [desk, ward, office]) {
      assertClean(context);
      await context.close();
    }
  }
});
