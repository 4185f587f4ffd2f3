// Codes of the authenticator app (RFC 6238, SHA-1, 6 digits, 30 s), each used once as the server demands.
import { createHmac } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const used = new Map();

function decode(secret) {
  const bits = [...secret.replace(/[\s=-]/g, '').toUpperCase()].map((c) => ALPHABET.indexOf(c).toString(2).padStart(5, '0')).join('');
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}

/** The code of one 30-second step. */
export function codeAt(secret, step) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', decode(secret)).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** A code of a demo user that this process has not used yet: the server takes one step to either side, and none twice. */
export async function freshCode({ totp_secret: secret, clock_ahead_ms: ahead = 0 }) {
  for (;;) {
    const now = Math.floor((Date.now() + ahead) / 30_000);
    const step = Math.max(now, (used.get(secret) ?? 0) + 1);
    if (step <= now + 1) {
      used.set(secret, step);
      return codeAt(secret, step);
    }
    await new Promise((done) => setTimeout(done, 1000));
  }
}
