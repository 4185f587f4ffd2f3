// A worker that looks for a number: SHA-256 of `key:number` has to begin with so many zero bits (src/online/proof.rs).
// Web Crypto answers one digest at a time and asynchronously; written out here, a phone does hundreds of thousands a second.
const K = new Uint32Array(64);
const H = new Uint32Array(8);
{
  // The fractional parts of the roots of the first primes (FIPS 180-4, 4.2.2 and 5.3.3).
  let found = 0;
  for (let n = 2; found < 64; n += 1) {
    let prime = true;
    for (let d = 2; d * d <= n; d += 1) if (n % d === 0) prime = false;
    if (!prime) continue;
    if (found < 8) H[found] = (Math.sqrt(n) % 1) * 0x100000000;
    K[found] = (Math.cbrt(n) % 1) * 0x100000000;
    found += 1;
  }
}
const W = new Uint32Array(64);
const right = (x: number, n: number): number => (x >>> n) | (x << (32 - n));

/** The first two words of the digest of at most 119 ASCII letters. */
export function digest(text: string): [number, number] {
  const length = text.length;
  const blocks = length < 56 ? 1 : 2;
  const bytes = new Uint8Array(blocks * 64);
  for (let i = 0; i < length; i += 1) bytes[i] = text.charCodeAt(i);
  bytes[length] = 0x80;
  new DataView(bytes.buffer).setUint32(blocks * 64 - 4, length * 8);
  const view = new DataView(bytes.buffer);
  const state = Uint32Array.from(H);
  for (let block = 0; block < blocks; block += 1) {
    for (let i = 0; i < 16; i += 1) W[i] = view.getUint32(block * 64 + i * 4);
    for (let i = 16; i < 64; i += 1) {
      const a = W[i - 15]!;
      const b = W[i - 2]!;
      W[i] = W[i - 16]! + (right(a, 7) ^ right(a, 18) ^ (a >>> 3)) + W[i - 7]! + (right(b, 17) ^ right(b, 19) ^ (b >>> 10));
    }
    let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
    for (let i = 0; i < 64; i += 1) {
      const one = (h + (right(e, 6) ^ right(e, 11) ^ right(e, 25)) + ((e & f) ^ (~e & g)) + K[i]! + W[i]!) | 0;
      const two = ((right(a, 2) ^ right(a, 13) ^ right(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
    }
    const after = [a, b, c, d, e, f, g, h];
    for (let i = 0; i < 8; i += 1) state[i] = state[i]! + after[i]!;
  }
  return [state[0]!, state[1]!];
}

function zeros([high, low]: [number, number]): number {
  return high === 0 ? 32 + Math.clz32(low) : Math.clz32(high);
}

addEventListener('message', (event: MessageEvent<{ key: string; bits: number }>) => {
  const { key, bits } = event.data;
  for (let number = 0; ; number += 1) {
    if (bits <= zeros(digest(`${key}:${number}`))) {
      postMessage(String(number));
      return;
    }
  }
});
