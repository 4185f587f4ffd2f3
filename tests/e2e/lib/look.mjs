// What is true of every page: axe finds nothing, nothing is wider than the screen, and a picture is kept to look at.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { SIZES } from './browser.mjs';
import { top } from './demo.mjs';

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const MIDDLE = 'tablet';
const COLOURS = 'ru'; // the language in which the dark theme and the phone's layout are judged whole
// What of axe's rules a theme can change, and what the length of words.
const RULES = { colours: ['color-contrast', 'link-in-text-block'], lengths: ['target-size', 'scrollable-region-focusable'] };
export const OUT = path.join(top, 'tests/e2e/out');
const KEPT = process.env.TIRKEU_PICTURES !== 'no'; // nobody looks at those of CI, and each takes as long as a rule of axe
fs.mkdirSync(OUT, { recursive: true });

const debuggers = new WeakMap(); // one of each page, which stays: Chromium forgets a page's passkeys when one lets go

/** The rules of axe-core that the page breaks, one line each; `rules` names some, else all are looked at but those `known`.
 * Injected by the debugger, so the page keeps its CSP. */
export async function axe(page, rules, known = []) {
  if (!await page.evaluate(() => 'axe' in globalThis)) {
    if (!debuggers.has(page)) debuggers.set(page, await page.context().newCDPSession(page));
    await debuggers.get(page).send('Runtime.evaluate', { expression: AXE });
  }
  const runOnly = rules ? { type: 'rule', values: rules } : { type: 'tag', values: TAGS };
  const off = Object.fromEntries(known.map((rule) => [rule, { enabled: false }]));
  const how = { runOnly, rules: off, resultTypes: ['violations'] };
  const found = await page.evaluate((how) => globalThis.axe.run(document, how), how);
  return found.violations.map((rule) => `${rule.id} ×${rule.nodes.length}: ` + rule.nodes.slice(0, 3)
    .map((node) => `${node.target.join(' ')} ${(node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? ''}`.slice(0, 200)).join(' | '));
}

/** What sticks out of the screen to the right, scrolling areas aside. */
export async function overflow(page) {
  return page.evaluate(() => {
    const over = document.documentElement.scrollWidth - innerWidth;
    if (over <= 0) return [];
    const who = [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
      .slice(0, 4).map((e) => `${e.tagName.toLowerCase()}.${e.className}`);
    return [`wider than the screen by ${over} px: ${who.join(', ')}`];
  });
}

/** Keeps a picture of the page as tests/e2e/out/NAME.png. */
export async function picture(page, name) {
  await page.evaluate(() => document.fonts.ready);
  if (KEPT) await page.screenshot({ path: path.join(OUT, `${name}.png`), animations: 'disabled' });
}

/** In the page: nothing passes slowly from one colour to another, so that none is judged on its way. Gives the theme. */
function still() {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('*, ::before, ::after { transition: none !important; }');
  document.adoptedStyleSheets.push(sheet);
  return document.documentElement.dataset.theme;
}

/**
 * Looks at the page as it stands, in both themes and the given sizes, and fails with everything that is wrong. Colours, half
 * of axe's time, are the same on the phone as on the wide screen: they are judged there only `whole`, as every page of the
 * rail is (pages.test.mjs).
 */
export async function inspect(page, name, { sizes = Object.keys(SIZES), themes = ['light', 'dark'], whole = false } = {}) {
  const before = page.viewportSize();
  const drawn = await page.evaluate(still);
  const wrong = [];
  for (const theme of themes) {
    await page.evaluate((theme) => { document.documentElement.dataset.theme = theme; }, theme);
    for (const size of sizes) {
      await page.setViewportSize(SIZES[size]);
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      const lang = await page.evaluate(() => document.documentElement.lang);
      const at = `${name}-${lang}-${SIZES[size].width}${theme === 'dark' ? '-dark' : ''}`;
      // Colours do not depend on the size in the middle nor on the language, and a layout does not depend on the theme:
      // each is judged where it can differ.
      const hasWide = size === 'phone' && sizes.includes('wide') && !whole;
      const known = theme === 'dark' && themes.includes('light') && (size === MIDDLE || lang !== COLOURS || hasWide);
      if (known && (size !== 'phone' || !KEPT)) continue;
      await picture(page, at);
      const seen = known || (size === MIDDLE && sizes.length > 1);
      const again = size === 'phone' && lang !== COLOURS && sizes.length > 1 ? RULES.lengths : undefined;
      const rules = theme === 'dark' && themes.includes('light') ? RULES.colours : again;
      const look = () => axe(page, rules, hasWide ? RULES.colours : []);
      let found = seen ? [] : await look();
      if (found.length > 0) { // a fault of the page stays; what was half drawn in the other theme, on a busy machine, does not
        await picture(page, at);
        await page.evaluate(() => new Promise((done) => setTimeout(done, 300)));
        found = await look();
      }
      for (const problem of [...found, ...await overflow(page)]) wrong.push(`${at}: ${problem}`);
    }
  }
  await page.evaluate((theme) => {
    document.documentElement.dataset.theme = theme ?? 'light';
    document.adoptedStyleSheets.pop();
  }, drawn);
  await page.setViewportSize(before);
  assert.deepEqual(wrong, []);
}
