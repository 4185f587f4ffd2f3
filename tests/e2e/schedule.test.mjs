// Book, move and cancel on the day's schedule, while a second person looks on: by hand, by pointer and by keyboard.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertClean, openBrowser, person, signIn } from './lib/browser.mjs';
import { demoClinic } from './lib/demo.mjs';
import { inspect } from './lib/look.mjs';

let browser;
let clinic;
// A Wednesday without a holiday, months after the demo's own appointments.
const DAY = '2027-02-03';

before(async () => {
  [clinic, browser] = await Promise.all([demoClinic(), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await clinic?.stop();
});

/** Changes a field of the panel and waits for the panel that follows from it. */
async function change(page, field, value) {
  await page.evaluate(() => {
    window.panelSettled = new Promise((done) => {
      const look = ({ detail }) => {
        if (!detail.pathInfo.requestPath.startsWith('/appointments/new')) return;
        document.removeEventListener('htmx:afterSettle', look);
        done();
      };
      document.addEventListener('htmx:afterSettle', look);
    });
  });
  await page.locator(`#bk #${field}`).selectOption(value);
  await page.evaluate(() => window.panelSettled);
}

/** Chooses a service that the chosen doctor performs: of others the panel says so. */
async function chooseService(page) {
  const doctor = await page.locator('#bk #doctor').inputValue();
  const count = await page.locator('#bk #service option').count();
  for (let index = 1; index < count; index += 1) {
    await change(page, 'service', { index });
    if (await page.locator('#bk #not-performed').count() > 0) continue;
    if (await page.locator('#bk #doctor').inputValue() !== doctor) await change(page, 'doctor', doctor);
    return;
  }
  assert.fail('the doctor performs nothing');
}

/** Opens the panel of a free slot, enters a newcomer and books. Gives the entry. */
async function bookNewcomer(page, column, name, phone) {
  await page.locator('.sc-col').nth(column).locator('a.free').first().click();
  await page.locator('#bk').getByRole('link', { name: 'Новый пациент' }).click();
  await page.locator('#bk #name').fill(name);
  await page.locator('#bk #phone').fill(phone);
  await chooseService(page);
  await page.locator('#bk input[name=starts]').first().check({ force: true });
  await page.keyboard.press('Control+Enter');
  await page.locator('#bk dl.kv').waitFor();
  return page.locator('.sc-col').nth(column).locator('a.ev:not(.st-cancel)', { hasText: name.split(' ')[1] }).first();
}

test('what one person books, moves and cancels another sees at once', async () => {
  const [here, there] = await Promise.all([person(browser, clinic), person(browser, clinic)]);
  const page = await signIn(here, 'reception');
  const other = await signIn(there, 'owner'); // a doctor sees what is not theirs as taken time alone
  for (const each of [page, other]) {
    await each.goto(`/schedule?day=${DAY}`);
    await each.locator('.sc-col').first().waitFor();
  }
  await other.locator('#live', { hasText: 'Онлайн' }).waitFor();

  const entry = await bookNewcomer(page, 1, 'Ахметова Динара', '87010000001');
  const seen = other.locator('a.ev', { hasText: 'Динара' });
  await seen.waitFor({ timeout: 2_000 });

  // by keyboard: an hour later
  await entry.focus();
  await page.keyboard.press('m');
  for (let step = 0; step < 4; step += 1) await page.keyboard.press('ArrowDown');
  const before = await seen.locator('time').textContent();
  await page.keyboard.press('Enter');
  await page.locator('.toast', { hasText: 'перенесена' }).waitFor();
  await other.waitForFunction((old) => {
    const all = [...document.querySelectorAll('a.ev')].filter((a) => a.textContent.includes('Динара'));
    return all.some((a) => a.querySelector('time').textContent !== old && !a.matches('.st-cancel'));
  }, before, { timeout: 2_000 });

  // by pointer: two hours later
  const moving = page.locator('.sc-col').nth(1).locator('a.ev:not(.st-cancel)', { hasText: 'Динара' });
  const from = await moving.boundingBox();
  const row = await moving.evaluate((a) => parseFloat(getComputedStyle(a.parentElement).gridTemplateRows));
  await page.mouse.move(from.x + from.width / 2, from.y + 4);
  await page.mouse.down();
  await page.mouse.move(from.x + from.width / 2, from.y + 4 + 24 * row, { steps: 8 });
  await page.mouse.up();
  await page.locator('.toast', { hasText: '12:00' }).waitFor();
  await other.locator('.sc-col').nth(1).locator('a.ev:not(.st-cancel)', { hasText: '12:00' }).waitFor({ timeout: 2_000 });

  // cancel, with its reason, and back again
  await page.locator('.sc-col').nth(1).locator('a.ev:not(.st-cancel)', { hasText: 'Динара' }).click();
  await page.locator('#bk summary', { hasText: 'Отменить запись' }).click();
  await page.locator('#bk #reason-cancel').selectOption('ill');
  await page.locator('#bk form[action$="/cancel"] button').click();
  await other.locator('.sc-col').nth(1).locator('a.ev[aria-describedby="l-cancelled"]', { hasText: 'Динара' }).waitFor({ timeout: 2_000 });
  await page.locator('#bk summary', { hasText: 'Вернуть статус' }).click();
  await page.locator('#bk form[action$="/undo"] button').click();
  await other.locator('.sc-col').nth(1).locator('a.ev.st-new', { hasText: 'Динара' }).waitFor({ timeout: 2_000 });

  for (const context of [here, there]) {
    assertClean(context);
    await context.close();
  }
});

test('a taken time is refused with other slots, and nothing typed is lost', async () => {
  const context = await person(browser, clinic);
  const page = await signIn(context, 'reception');
  await page.goto(`/schedule?day=${DAY}`);
  await bookNewcomer(page, 2, 'Ли Сергей', '87010000002');
  const starts = await page.locator('.sc-col').nth(2).locator('a.ev:not(.st-cancel)', { hasText: 'Сергей' }).locator('time').textContent();

  await page.goto(`/schedule?day=${DAY}`);
  await page.keyboard.press('n');
  await page.locator('#bk #query').waitFor();
  await page.locator('#bk #query').fill('Ли Сер');
  await page.locator('#query-found [role=option]', { hasText: 'Сергей' }).first().click();
  await page.locator('#bk .pcard').waitFor();
  const doctor = await page.locator('.sc-col').nth(2).getAttribute('data-resource');
  await change(page, 'doctor', doctor);
  await chooseService(page);
  await page.locator('#bk textarea[name=note]').fill('Боль');
  await page.locator('#bk summary', { hasText: 'Другое время' }).click();
  await page.locator('#bk #other_day').fill(DAY.split('-').reverse().join('.')); // as people write a day
  await page.locator('#bk #time').fill(starts.replace(':', ''));
  await page.locator('#bk button[type=submit]', { hasText: 'Записать' }).last().click();

  await page.locator('#bk .al-warn', { hasText: 'занято' }).waitFor();
  assert.equal(await page.locator('#bk textarea[name=note]').inputValue(), 'Боль');
  await page.locator('#bk input[name=starts]').first().check({ force: true });
  await page.locator('#bk button[type=submit]', { hasText: 'Записать' }).last().click();
  await page.locator('#bk dl.kv').waitFor();
  assertClean(context);
  await context.close();
});

test('what is typed while the panel is on its way is still there when it has come', async () => {
  const context = await person(browser, clinic);
  const page = await signIn(context, 'reception');
  await page.goto(`/schedule?day=${DAY}`);
  await page.locator('.sc-col').nth(2).locator('a.free').first().click();
  await page.locator('#bk #service').waitFor();
  let asked;
  const reached = new Promise((done) => { asked = done; });
  let answer;
  const mayAnswer = new Promise((done) => { answer = done; });
  await page.route('**/appointments/new', async (route) => {
    asked();
    await mayAnswer;
    await route.continue();
  });
  await page.locator('#bk #service').selectOption({ index: 1 });
  await reached;
  await page.locator('#bk textarea[name=note]').fill('Боль слева');
  await page.locator('#bk #notify').setChecked(false);
  const arrived = page.waitForResponse((response) => response.url().includes('/appointments/new'));
  answer();
  await arrived;
  await page.locator('#bk').locator('#starts, #not-performed').first().waitFor();
  assert.equal(await page.locator('#bk textarea[name=note]').inputValue(), 'Боль слева');
  assert.equal(await page.locator('#bk #notify').isChecked(), false);
  assertClean(context);
  await context.close();
});

test('a visit is booked, opened, marked and moved without a pointer', async () => {
  const day = '2027-02-17';
  const context = await person(browser, clinic);
  const page = await signIn(context, 'reception');
  const focused = (selector) => page.waitForFunction((selector) => document.activeElement?.matches(selector), selector);
  await page.goto(`/schedule?day=${day}`);
  await page.locator('#bk form').waitFor();
  await page.keyboard.press('n');
  await focused('#query');
  await page.keyboard.type('Ахмет', { delay: 20 });
  await page.locator('#query-found [role=option][aria-selected=true]').waitFor();
  await page.keyboard.press('Enter');
  await page.locator('#bk .pcard').waitFor();
  await focused('#service');
  await page.keyboard.press('ArrowDown');
  await page.locator('#starts input').first().waitFor();
  await focused('#service'); // the panel that follows from the choice keeps the focus
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await focused('#starts input');
  await page.keyboard.press('Space');
  await page.locator('.bk-f [data-chosen]', { hasText: /\d\d:\d\d/ }).waitFor();
  await page.keyboard.press('Control+Enter');
  await page.locator('#bk dl.kv').waitFor();
  await focused('#bk h2');
  const hours = await page.locator('#bk h2').textContent();
  await page.keyboard.press('Escape');
  await focused('.sched-x');
  await page.keyboard.press('ArrowDown');
  await focused('a.ev');
  await page.keyboard.press('m');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.locator('.toast', { hasText: 'перенесена' }).waitFor();
  await page.locator('#bk h2', { hasNotText: hours }).waitFor();
  assertClean(context);
  await context.close();
});

test('one key asks for the next visit to the same doctor, and a second one books it', async () => {
  const context = await person(browser, clinic);
  const page = await signIn(context, 'reception');
  await page.goto('/schedule?day=2027-02-24');
  await page.locator('#bk form').waitFor();
  await bookNewcomer(page, 1, 'Оспанова Жанна', '87010000031');
  const facts = await page.locator('#bk dl.kv dd').allTextContents();
  const ends = (await page.locator('#bk h2').textContent()).split('–')[1].trim();
  await page.keyboard.press('r');
  await page.locator('#bk #starts input:checked').waitFor({ state: 'attached' });
  assert.match(await page.locator('#bk .pcard').textContent(), /Оспанова Жанна/);
  assert.match(await page.locator('#bk #starts label:has(input:checked)').textContent(), /\d\d:\d\d/);
  const first = await page.locator('#bk #starts input:checked').getAttribute('value');
  assert.ok(first >= `2027-02-24T${ends}`, `${first} is not before the end of the visit, ${ends}`);
  await page.keyboard.press('Control+Enter');
  await page.locator('#bk dl.kv').waitFor();
  assert.deepEqual((await page.locator('#bk dl.kv dd').allTextContents()).slice(0, 2), facts.slice(0, 2), 'service and doctor');
  assertClean(context);
  await context.close();
});

test('a service chosen in the very moment the panel arrives is not lost', async () => {
  const context = await person(browser, clinic);
  const page = await signIn(context, 'reception');
  await page.goto('/schedule?day=2027-02-18');
  await page.locator('#bk form').waitFor();
  await page.keyboard.press('n');
  await page.keyboard.type('Ахмет'); // at once: the panel stands there already
  await page.locator('#query-found [role=option][aria-selected=true]').waitFor();
  await page.evaluate(() => document.body.addEventListener('htmx:afterSwap', () => setTimeout(() => {
    const service = document.querySelector('#bk select#service');
    if (!service || service.value) return;
    service.selectedIndex = 1;
    service.dispatchEvent(new Event('change', { bubbles: true }));
  })));
  await page.keyboard.press('Enter');
  await page.locator('#starts').waitFor();
  assertClean(context);
  await context.close();
});

/** Books visits of some minutes one after another with the doctor of a column, as the panel's form would. */
async function bookInARow(page, day, column, first, lengths) {
  const doctor = await page.locator('.sc-col').nth(column).getAttribute('data-resource');
  const answered = page.waitForResponse((response) => response.url().includes('/appointments/new'));
  await page.goto(`/schedule?day=${day}&new=1&doctor=${doctor}`);
  await answered;
  await page.locator('#bk #service').waitFor();
  await chooseService(page);
  const service = await page.locator('#bk #service').inputValue();
  let at = Number(first.slice(0, 2)) * 60 + Number(first.slice(3));
  for (const minutes of lengths) {
    const time = `${String(Math.floor(at / 60)).padStart(2, '0')}:${String(at % 60).padStart(2, '0')}`;
    const status = await page.evaluate(async (form) => (await fetch('/appointments', {
      method: 'POST', body: new URLSearchParams(form), headers: { 'HX-Request': 'true' },
    })).status, {
      new_patient: '1', name: `Серикова ${time}`, phone: `8701${String(at).padStart(7, '0')}`, language: 'ru',
      service, doctor, minutes, minutes_of: `${service}/${doctor}`, starts: `${day}T${time}`,
    });
    assert.equal(status, 200, `${minutes} minutes at ${time}`);
    at += minutes;
  }
}

test('visits of five, ten and fifteen minutes can be hit, read and moved without growing', async () => {
  const day = '2027-02-10';
  const context = await person(browser, clinic);
  const page = await signIn(context, 'reception');
  await page.goto(`/schedule?day=${day}`);
  await bookInARow(page, day, 0, '10:00', [5, 10, 15, 5, 5, 20]);
  // booked while the grid stands in its usual rows: drawn into them
  const heights = () => page.locator('a.ev, a.free').evaluateAll((all) => all.map((a) => a.getBoundingClientRect().height));
  await page.locator('a.ev', { hasText: '10:40' }).waitFor();
  assert.ok(Math.min(...await heights()) >= 24, `usual rows: ${await heights()}`);
  await inspect(page, 'schedule-short-usual', { themes: ['light'] });

  await page.goto(`/schedule?day=${day}`);
  await page.locator('.sched.fine').waitFor();
  assert.ok(Math.min(...await heights()) >= 24, `fine rows: ${await heights()}`);
  await page.locator('#bk form').waitFor({ state: 'attached' });
  await inspect(page, 'schedule-short');

  const short = page.locator('a.ev', { hasText: '10:00' });
  await short.focus();
  await page.keyboard.press('m');
  for (let step = 0; step < 8; step += 1) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.locator('.toast', { hasText: '12:00' }).waitFor();
  await page.locator('a.ev:not(.st-cancel)', { hasText: '12:00' }).click();
  await page.locator('#bk h2', { hasText: '12:00–12:05' }).waitFor();
  assertClean(context);
  await context.close();
});

test('today and its schedule are sound at every hour of the day', async () => {
  for (const clock of ['2026-11-25T07:40', '2026-11-25T18:35']) {
    const then = await demoClinic({ clock });
    const context = await person(browser, then);
    const page = await signIn(context, 'reception');
    const hour = clock.slice(11, 13);
    for (const [name, path] of [['today', '/'], ['schedule', '/schedule']]) {
      await page.goto(path);
      if (path !== '/') await page.locator('#bk form').waitFor({ state: 'attached' });
      await inspect(page, `${name}-at-${hour}`, { themes: ['light'], sizes: ['wide', 'phone'] });
    }
    assertClean(context);
    await context.close();
    await then.stop();
  }
});

test('the day, the panel and today are sound in both languages and themes on every screen', async () => {
  for (const lang of ['ru', 'kk']) {
    const context = await person(browser, clinic, { lang });
    const page = await signIn(context, 'reception');
    for (const [name, path] of [
      ['schedule', `/schedule?day=${DAY}`],
      ['schedule-new', `/schedule?day=${DAY}&new=1`],
      ['schedule-chairs', `/schedule?day=${DAY}&by=chairs`],
      ['today', '/'],
    ]) {
      await page.goto(path);
      if (path !== '/') await page.locator('#bk form').waitFor({ state: 'attached' });
      await inspect(page, `${name}-${lang}`);
    }
    assertClean(context);
    await context.close();
  }
});

/** Fills the panel in as far as its button, for somebody new. */
async function readyToBook(page, day, name, phone) {
  await page.goto(`/schedule?day=${day}&new=1`);
  await page.locator('#bk form').waitFor();
  await page.locator('#bk a', { hasText: 'Новый пациент' }).click();
  await page.locator('#bk #name').fill(name);
  await page.locator('#bk #phone').fill(phone);
  await change(page, 'service', { index: 1 });
  await page.locator('#bk input[name=starts]').first().check({ force: true });
}

test('a booking whose link is lost sends itself when the link is back, and only once', async () => {
  const day = '2027-02-19';
  const context = await person(browser, clinic);
  const page = await signIn(context, 'reception');
  await readyToBook(page, day, 'Сериков Нурлан', '87010000021');
  await context.setOffline(true);
  await page.locator('#bk button[type=submit]', { hasText: 'Записать' }).last().click();
  // At once, or after 15 s where the link is lost under a request that is on its way.
  await page.locator('#bk [data-unsent-note]', { hasText: 'ровно один раз' }).waitFor({ timeout: 20_000 });
  await inspect(page, 'schedule-unsent', { themes: ['light'], sizes: ['wide', 'phone'] });
  await context.setOffline(false);
  await page.locator('#bk dl.kv').waitFor();
  await page.locator('a.ev', { hasText: 'Нурлан' }).waitFor();
  assert.equal(await page.locator('a.ev', { hasText: 'Нурлан' }).count(), 1);
  await context.close();
});

test('a booking whose answer is lost on the way is made once, though the form is sent twice', async () => {
  const context = await person(browser, clinic);
  const page = await signIn(context, 'reception');
  await readyToBook(page, '2027-02-22', 'Серикова Салтанат', '87010000022');
  let sent = 0;
  await page.route('**/appointments', async (route) => {
    sent += 1;
    if (sent > 1) return route.continue();
    await route.fetch(); // the server has booked it
    return route.abort('connectionreset');
  });
  await page.locator('#bk button[type=submit]', { hasText: 'Записать' }).last().click();
  await page.locator('#bk dl.kv').waitFor();
  assert.equal(sent, 2);
  await page.goto('/schedule?day=2027-02-22');
  await page.locator('a.ev', { hasText: 'Салтанат' }).waitFor();
  assert.equal(await page.locator('a.ev', { hasText: 'Салтанат' }).count(), 1);
  await context.close();
});

test('whoever wonders why a time is missing is told the rule, and books the nearest time from there', async () => {
  for (const lang of ['ru', 'kk']) {
    const context = await person(browser, clinic, { lang });
    const page = await signIn(context, 'reception');
    await page.goto(`/schedule?day=${DAY}&new=1`);
    await page.locator('#bk form').waitFor();
    await change(page, 'service', { index: 1 });
    await page.locator('#bk details.data summary').first().click();
    await page.locator('#bk a[href^="/schedule/why"]').first().click();
    await page.locator('form[action="/schedule/why"]').waitFor();
    await inspect(page, `why-blank-${lang}`, { themes: ['light'] });
    await page.locator('#time').fill('2:00');
    await page.locator('form[action="/schedule/why"] button[type=submit]').last().click();
    await page.locator('.why li li').first().waitFor();
    await inspect(page, `why-${lang}`);
    await page.locator('section a.btn-s').first().click();
    await page.locator('#starts input:checked').waitFor({ state: 'attached' });
    assertClean(context);
    await context.close();
  }
});

test('the story of an appointment is told on one sheet, from its panel, and prints', async () => {
  for (const lang of ['ru', 'kk']) {
    const context = await person(browser, clinic, { lang });
    const page = await signIn(context, 'reception');
    await page.goto('/schedule');
    await page.locator('a.ev').first().click();
    await page.locator('#bk a[href$="/story"]').click();
    await page.locator('article.paper li').first().waitFor();
    await inspect(page, `story-${lang}`);
    await page.emulateMedia({ media: 'print' });
    assert.equal(await page.locator('[data-print]').isVisible(), false);
    assertClean(context);
    await context.close();
  }
});
