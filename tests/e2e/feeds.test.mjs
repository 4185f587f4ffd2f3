// A doctor's visits in the calendar of their own phone: the address is made, taken by a program, and turned off by the owner.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertClean, openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic } from './lib/demo.mjs';
import { inspect } from './lib/look.mjs';

let clinic;
let browser;
before(async () => { [clinic, browser] = [await demoClinic(), await openBrowser()]; });
after(async () => { await browser?.close(); await clinic?.stop(); });

for (const lang of ['ru', 'kk']) {
  test(`a doctor puts the schedule into a phone, and the owner says what is seen there (${lang})`, async () => {
    const ward = await person(browser, clinic, { lang, size: 'phone' });
    const doctor = await signIn(ward, 'doctor');
    await doctor.goto('/my-day');
    await doctor.locator('a[href="/my-day/calendar"]').click();
    await doctor.locator('#feed-h').waitFor();
    await inspect(doctor, 'feed-own');
    await doctor.locator('form[action="/my-day/calendar"] button').click();
    await doctor.locator('#address').waitFor();
    const address = await doctor.locator('#address').inputValue();
    assert.match(address, /\/c\/[A-Za-z0-9_-]{22}\.ics$/);
    assert.doesNotMatch(doctor.url(), /[A-Za-z0-9_-]{22}/, 'no secret in an address of ours');
    await inspect(doctor, 'feed-made');

    const take = async () => (await ward.request.get(`${clinic.public_url}${new URL(address).pathname}`));
    const file = await (await take()).text();
    assert.match(file, /^BEGIN:VCALENDAR\r\n/);
    assert.ok(file.includes('BEGIN:VEVENT'), 'the doctor has visits');
    await doctor.goto('/my-day/calendar');
    assert.equal(await doctor.locator('#address').count(), 0, 'shown once');

    const office = await person(browser, clinic, { lang });
    const owner = await signIn(office, 'owner');
    await owner.goto('/settings');
    await owner.locator('nav.tabs a[href="/settings/calendars"]').click();
    await owner.locator('tbody tr').first().waitFor();
    await inspect(owner, 'feeds-all');
    await owner.locator('#names').setChecked(true);
    await owner.locator('form[action="/settings/calendars"] button').click();
    await owner.waitForURL(/done=saved/);
    assert.notEqual(await (await take()).text(), file, 'names instead of what is done');
    await owner.locator('#names').setChecked(false);
    await owner.locator('form[action="/settings/calendars"] button').click();
    await owner.locator('form[action$="/end"] button').first().click();
    await owner.waitForURL(/done=ended/);
    await inspect(owner, 'feeds-none', { sizes: ['wide', 'phone'] });
    assert.equal((await take()).status(), 404);
    for (const context of [ward, office]) {
      assertClean(context);
      await context.close();
    }
  });
}
