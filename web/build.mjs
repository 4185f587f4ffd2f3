// npm ci && npm run build  ->  dist/ : own code and pinned packages under names that carry a hash of their content,
// and dist/manifest.json, which maps the name a template asks for ("app.css") to the file on disk ("app-3F2A1B7C.css").
// Nothing is fetched when a page runs.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

process.chdir(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname));
const out = 'dist';
fs.rmSync(out, { recursive: true, force: true });
fs.mkdirSync(out, { recursive: true });
const manifest = {};

/** Writes one file under a hashed name and enters it in the manifest. */
function put(logical, content) {
  const { dir, name, ext } = path.parse(logical);
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 8).toUpperCase();
  const file = path.posix.join(dir, `${name}-${hash}${ext}`);
  fs.mkdirSync(path.join(out, dir), { recursive: true });
  fs.writeFileSync(path.join(out, file), content);
  manifest[logical] = file;
  return file;
}

// 1. Schedule grid. The content security policy forbids style="top:…", so a position is two classes:
//    r{row} d{span}, rows of five minutes. 288 rows are a whole day.
const rules = ['/* made by build.mjs */', '@layer components {'];
for (let i = 1; i <= 288; i++) rules.push(`.r${i}{grid-row-start:${i}}`);
for (let i = 1; i <= 288; i++) rules.push(`.d${i}{grid-row-end:span ${i}}`);
for (let i = 12; i <= 288; i += 3) rules.push(`.rows-${i}{--rows:${i}}`);
for (let n = 1; n <= 24; n++) rules.push(`.cols-${n}{--cols:${n}}`);
for (let n = 2; n <= 4; n++)
  for (let k = 1; k <= n; k++)
    rules.push(`.lane-${k}-${n}{width:calc(100%/${n} - 3px);margin-inline-start:calc(100%/${n}*${k - 1})}`);
rules.push('}');
fs.mkdirSync('.gen', { recursive: true });
fs.writeFileSync('.gen/grid.css', rules.join('\n'));

// 2. Icon sprite: the icons named in icons.txt, from @tabler/icons (MIT).
const STATUS_ICONS = ['hourglass', 'circle-dashed', 'check', 'armchair', 'player-play', 'checks', 'user-x', 'ban', 'calendar-repeat'];
const notice = '<!-- Tabler Icons, MIT, Copyright (c) 2020-2026 Paweł Kuna, https://tabler.io/icons -->';
let sprite = `<svg xmlns="http://www.w3.org/2000/svg">${notice}`;
for (const name of fs.readFileSync('icons.txt', 'utf8').split(/\s+/).filter(Boolean)) {
  const svg = fs.readFileSync(`node_modules/@tabler/icons/icons/outline/${name}.svg`, 'utf8');
  const body = svg
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/^[\s\S]*?<svg[^>]*>/, '')
    .replace(/<\/svg>[\s\S]*$/, '')
    .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/g, '')
    .replace(/\s*\n\s*/g, '');
  // A status in the schedule's grid is drawn by its class: its icon is a mask of the styles.
  if (STATUS_ICONS.includes(name)) {
    fs.writeFileSync(`.gen/${name}.svg`, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#000" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${body}</svg>`);
  }
  sprite += `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${body}</symbol>`;
}
put('icons.svg', `${sprite}</svg>`);
const mark = put('mark.svg', fs.readFileSync('img/mark.svg'));
put('app.webmanifest', fs.readFileSync('img/app.webmanifest', 'utf8').replace('mark.svg', mark));

// 3. Styles and scripts. Targets: Chrome 109 (the last on Windows 7 and 8.1) and older clinic tablets.
const entries = {
  app: 'css/app.css', kiosk: 'css/kiosk.css', public: 'css/public.css',
  'js/theme': 'src/theme.ts', 'js/app': 'src/app.ts',
  'js/kiosk': 'src/kiosk.ts', 'js/public': 'src/public.ts',
  'js/work': 'src/work.ts', 'js/widget': 'src/widget.ts',
};
const result = await build({
  entryPoints: entries, outdir: out, bundle: true, minify: true, format: 'iife', charset: 'utf8',
  legalComments: 'none', metafile: true, logLevel: 'warning',
  target: ['chrome109', 'safari15.6', 'firefox115'],
  loader: { '.woff2': 'file', '.svg': 'file' }, assetNames: 'assets/[name]-[hash]', entryNames: '[dir]/[name]-[hash]',
});
const logical = Object.fromEntries(Object.entries(entries).map(([name, source]) => [source, name + (source.endsWith('.css') ? '.css' : '.js')]));
for (const [file, output] of Object.entries(result.metafile.outputs)) {
  const name = path.posix.relative(out, file);
  if (output.entryPoint) manifest[logical[output.entryPoint]] = name;
  const font = /^assets\/golos-text-([a-z-]+)-wght-normal-/.exec(name);
  if (font) manifest[`fonts/golos-${font[1]}.woff2`] = name;
}

fs.copyFileSync('node_modules/@fontsource-variable/golos-text/LICENSE', path.join(out, 'assets', 'LICENSE-golos-text.txt'));
const sorted = Object.fromEntries(Object.entries(manifest).sort(([a], [b]) => (a < b ? -1 : 1)));
fs.writeFileSync(path.join(out, 'manifest.json'), JSON.stringify(sorted, null, 1) + '\n');
for (const [name, file] of Object.entries(sorted))
  console.log(name.padEnd(28), file.padEnd(58), String(fs.statSync(path.join(out, file)).size).padStart(7), 'B');
