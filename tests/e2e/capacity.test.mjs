// Capacity: the owner looks at a week, reads the figures behind the drawing, sets the value of a chair's hour and takes the file.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { assertClean, openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic } from './lib/demo.mjs';
import { inspect, picture } from './lib/look.mjs';

let clinic;
let browser;
before(async () => { [clinic, browser] = [await demoClinic(), await openBrowser()]; });
after(async () => { await browser?.close(); await clinic?.stop(); });

for (const lang of ['ru', 'kk']) {
  test(`the owner looks at a week and at a day (${lang})`, async () => {
    const owner = await person(browser, clinic, { lang });
    const page = await signIn(owner, 'owner');
    await page.goto('/capacity'); // the demo's shifts begin today
    await inspect(page, 'capacity-closed', { sizes: ['wide', 'phone'] });
    await page.goto('/capacity?first=25.11.2026&last=01.12.2026');
    assert.ok(await page.locator('svg.stackb').count() > 3, 'a bar for each doctor and place');
    // The shares of the causes make 100 % together, as drawn and as written.
    const bars = await page.locator('svg.stackb').evaluateAll((all) => all.map((svg) => [...svg.querySelectorAll('rect')]
      .reduce((sum, rect) => sum + Number(rect.getAttribute('width')), 0)));
    assert.ok(bars.every((width) => width === 1000), `${bars}`);
    await inspect(page, 'capacity');
    await page.locator('details.data summary').first().press('Enter');
    await page.locator('details.data[open] table').waitFor();
    await inspect(page, 'capacity-figures', { sizes: ['wide', 'phone'] });
    await page.goto('/capacity?first=25.11.2026&last=25.11.2026');
    await page.locator('#cp-s').waitFor();
    await page.locator('#cp-s').scrollIntoViewIfNeeded();
    await inspect(page, 'capacity-day');
    await page.goto('/capacity?first=soon&last=25.11.2026');
    assert.equal(await page.locator('#first[aria-invalid=true]').inputValue(), 'soon');
    await inspect(page, 'capacity-refused', { sizes: ['wide', 'phone'] });
    await page.setViewportSize({ width: 1440, height: 3200 });
    await page.goto('/capacity?first=25.11.2026&last=01.12.2026');
    await picture(page, `capacity-whole-${lang}`);
    await page.setViewportSize({ width: 390, height: 5200 });
    await picture(page, `capacity-whole-${lang}-390`);
    assertClean(owner);
    await owner.close();
  });
}

test('the owner sets the value of a chair hour and takes the file, the desk may not', async () => {
  const owner = await person(browser, clinic);
  const page = await signIn(owner, 'owner');
  await page.goto('/capacity');
  await page.locator('a[href="/capacity/rule"]').click();
  await page.locator('#late_hours').fill('-1');
  await page.locator('main form[action="/capacity/rule"] button[type=submit]').click();
  await page.locator('#late_hours[aria-invalid=true]').waitFor();
  assert.equal(await page.locator('#late_hours').inputValue(), '-1');
  await inspect(page, 'capacity-rule-refused', { sizes: ['wide', 'phone'] });
  await page.locator('#late_hours').fill('12');
  await page.locator('#chair_hour').fill('15 000 ₸');
  await page.locator('main form[action="/capacity/rule"] button[type=submit]').click();
  await page.waitForURL(/done=1/);
  await inspect(page, 'capacity-rule');
  await page.goto('/capacity');
  assert.match(await page.locator('section[aria-labelledby=cp-places]').innerText(), /15\s000\s₸ · задано владельцем/);
  const [file] = await Promise.all([page.waitForEvent('download'), page.locator('a[href^="/capacity/report.xlsx"]').click()]);
  assert.match(file.suggestedFilename(), /^capacity-2026-11-18-2026-11-24\.xlsx$/);
  assert.equal(fs.readFileSync(await file.path()).subarray(0, 2).toString(), 'PK');
  assertClean(owner);
  await owner.close();

  const desk = await person(browser, clinic);
  const other = await signIn(desk, 'reception');
  assert.equal(await other.locator('nav a[href="/capacity"]').count(), 0, 'no entry in the rail');
  const answer = await other.goto('/capacity');
  assert.equal(answer.status(), 403);
  await inspect(other, 'capacity-denied', { sizes: ['wide', 'phone'] });
  assertClean(desk);
  await desk.close();
});
