// A demo clinic in a folder of its own, served on free ports: every test file starts one and nothing is shared.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const top = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');

/** The program under test: TIRKEU_BIN, else the release build (the one in the package), else the debug build. */
export function program() {
  const built = process.env.CARGO_TARGET_DIR ?? path.join(top, 'target');
  const found = [process.env.TIRKEU_BIN, `${built}/release/tirkeu`, `${built}/debug/tirkeu`]
    .find((file) => file && fs.existsSync(file));
  if (!found) throw new Error('no tirkeu program: run cargo build first, or set TIRKEU_BIN');
  return found;
}

/** A port nobody listens on at this moment. */
export async function freePort() {
  const server = net.createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** A folder that is deleted when the test process ends. */
export function temporaryFolder() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tirkeu-e2e-'));
  process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Starts a long-running command of the program and waits for its one line of JSON.
 * The answer is that line with `stop()`, `log()` (its standard error so far) and `folder` added.
 */
export async function serve(args, folder) {
  const child = spawn(program(), args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, RUST_BACKTRACE: '1' } });
  let log = '';
  child.stderr.on('data', (data) => { log += data; });
  process.on('exit', () => child.kill('SIGKILL'));
  const line = await new Promise((done, failed) => {
    let said = '';
    const late = setTimeout(() => failed(new Error(`not ready in 120 s\n${log}`)), 120_000);
    child.on('exit', (code) => { clearTimeout(late); failed(new Error(`ended with ${code} before it was ready\n${log}`)); });
    child.stdout.on('data', (data) => {
      said += data;
      if (said.includes('\n')) { clearTimeout(late); done(said.slice(0, said.indexOf('\n'))); }
    });
  });
  const stop = async () => {
    if (child.exitCode !== null) return;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(late);
  };
  return { ...JSON.parse(line), folder, stop, log: () => log };
}

/** When the demo's day begins for the tests: a Wednesday morning with most of the day ahead, whatever this machine's clock shows. */
export const MORNING = '2026-11-25T10:20';
const A_MINUTE_BEFORE = '2026-11-25T10:19';

/** Makes a demo clinic in a new folder. */
export function make(folder) {
  const { status, stderr } = spawnSync(program(), ['demo', '--make-only', '--data-dir', folder, '--clock', A_MINUTE_BEFORE, '--json']);
  if (status !== 0) throw new Error(`no demo was made: ${stderr}`);
}

/**
 * The demo clinic, as `scripts/demo` shows it, at a fixed hour. `args` are added to the command. Making one takes longer
 * than most of the tests: scripts/test makes it once, names its folder in TIRKEU_DEMO, and it is copied for each file.
 */
export async function demoClinic({ clock = MORNING, args = [] } = {}) {
  const folder = temporaryFolder();
  const data = path.join(folder, 'clinic');
  const made = process.env.TIRKEU_DEMO;
  if (made && clock === MORNING) fs.cpSync(made, data, { recursive: true, preserveTimestamps: true });
  const [staff, open] = [await freePort(), await freePort()];
  const clinic = await serve(['demo', '--data-dir', data, '--staff-port', String(staff),
    '--public-port', String(open), '--clock', clock, '--json', ...args], folder);
  for (const user of clinic.users) user.clock_ahead_ms = clinic.clock_ahead_ms; // codes of authenticator apps go by the clinic's clock
  return clinic;
}
