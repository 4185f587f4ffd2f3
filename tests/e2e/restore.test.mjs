// The command line beside a running server: a backup, its proof, and the clinic brought back from it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { demoClinic, program, temporaryFolder } from './lib/demo.mjs';

let clinic;
before(async () => { clinic = await demoClinic(); });
after(async () => { await clinic?.stop(); });

const run = (...args) => JSON.parse(execFileSync(program(), [...args, '--json'], { stdio: ['ignore', 'pipe', 'ignore'] }));

test('the command line makes, lists, verifies and restores while the server runs', async () => {
  const data = path.dirname(clinic.ca_file);
  const folder = temporaryFolder();
  const made = run('backup', 'now', '--to', `${folder}/copies`, '--data-dir', data);
  assert.ok(fs.existsSync(made.path));
  assert.ok(run('backup', 'list', '--data-dir', data).runs.length >= 1);
  const kit = clinic.recovery_kit;
  const report = run('backup', 'verify', made.path, '--identity', kit, '--data-dir', data);
  assert.equal(report.ledger_root, made.ledger_root);
  const restored = run('restore', made.path, '--identity', kit, '--data-dir', `${folder}/new`);
  assert.equal(restored.rows, made.rows);
  assert.equal(run('audit', 'verify', '--data-dir', `${folder}/new`).root, made.ledger_root);
});
