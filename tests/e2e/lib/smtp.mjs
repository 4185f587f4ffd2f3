// aiosmtpd, an SMTP server that is not ours (tests/peers/smtp.sh), and the letters that it takes.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { temporaryFolder, top } from './demo.mjs';

/** The SMTP server, or null where it cannot run. */
export async function peer() {
  const folder = temporaryFolder();
  const child = spawn(path.join(top, 'tests/peers/smtp.sh'), [folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  process.on('exit', () => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout });
  const waiting = [];
  const letters = [];
  let ready;
  const started = new Promise((done) => {
    ready = done;
    child.on('exit', (code) => { assert.equal(code, 77); done(null); });
  });
  lines.on('line', (line) => {
    if (line.startsWith('ready ')) return ready(line.split(' ').slice(1));
    const letter = JSON.parse(fs.readFileSync(path.join(folder, `${line.split(' ')[1]}.json`), 'utf8'));
    const first = waiting.shift();
    return first ? first(letter) : letters.push(letter);
  });
  const ports = await started;
  if (!ports) return null;
  child.removeAllListeners('exit');
  const next = () => letters.length ? Promise.resolve(letters.shift()) : new Promise((done) => { waiting.push(done); });
  return { ports, next, ca: fs.readFileSync(path.join(folder, 'ca.pem'), 'utf8'), stop: () => child.stdin.end() };
}
