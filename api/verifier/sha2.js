// SHA-256 and SHA-512 (FIPS 180-4).
//
// Not WebCrypto's: that is only there on pages from a disk or over HTTPS, and this page is also
// served inside networks that have neither.

import { fromNumber, toNumber } from "./bytes.js";

const K512 = roundConstants(80, 3);
const K256 = Int32Array.from(K512.slice(0, 64), (constant) => Number(constant >> 32n) | 0);
const START512 = roundConstants(8, 2);
const START256 = Int32Array.from(START512, (constant) => Number(constant >> 32n) | 0);

// FIPS 180-4 §4.2.2, §4.2.3, §5.3: the first 64 bits of the fractions of the roots of primes.
function roundConstants(count, degree) {
  const constants = [];
  for (let candidate = 2n; constants.length < count; candidate++) {
    let prime = true;
    for (let n = 2n; n * n <= candidate; n++) if (candidate % n === 0n) prime = false;
    if (prime) constants.push(integerRoot(candidate << BigInt(64 * degree), BigInt(degree)) & (2n ** 64n - 1n));
  }
  return constants;
}

function integerRoot(number, degree) {
  let low = 0n;
  let high = 2n ** 80n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** degree <= number) low = middle;
    else high = middle;
  }
  return low;
}

// §5.1: a one, zeros, the length in bits at the end of a block.
export function padded(data, block, lengthSize) {
  const size = Math.ceil((data.length + 1 + lengthSize) / block) * block;
  const whole = new Uint8Array(size);
  whole.set(data);
  whole[data.length] = 0x80;
  whole.set(fromNumber(BigInt(data.length) * 8n, 8), size - 8);
  return whole;
}

// §6.2.2.
export function sha256(data) {
  const whole = padded(data, 64, 8);
  const view = new DataView(whole.buffer);
  const state = Int32Array.from(START256);
  const w = new Int32Array(64);
  for (let at = 0; at < whole.length; at += 64) {
    for (let t = 0; t < 16; t++) w[t] = view.getInt32(at + 4 * t);
    for (let t = 16; t < 64; t++) {
      const x = w[t - 15];
      const y = w[t - 2];
      const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
      const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
      w[t] = (w[t - 16] + s0 + w[t - 7] + s1) | 0;
    }
    rounds256(state, w);
  }
  const digest = new DataView(new ArrayBuffer(32));
  state.forEach((word, i) => digest.setInt32(4 * i, word));
  return new Uint8Array(digest.buffer);
}

function rounds256(state, w) {
  let [a, b, c, d, e, f, g, h] = state;
  for (let t = 0; t < 64; t++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K256[t] + w[t]) | 0;
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => (state[i] = (state[i] + word) | 0));
}

const rotate = (word, by) => (word >>> by) | (word << (32 - by));

// §6.4.2. Only short messages are hashed with it, so it is written for reading.
export function sha512(data) {
  const whole = padded(data, 128, 16);
  let state = START512;
  for (let at = 0; at < whole.length; at += 128) {
    const w = [];
    for (let t = 0; t < 16; t++) w.push(toNumber(whole.subarray(at + 8 * t, at + 8 * t + 8)));
    for (let t = 16; t < 80; t++) {
      const s0 = rotate64(w[t - 15], 1) ^ rotate64(w[t - 15], 8) ^ (w[t - 15] >> 7n);
      const s1 = rotate64(w[t - 2], 19) ^ rotate64(w[t - 2], 61) ^ (w[t - 2] >> 6n);
      w.push(low64(w[t - 16] + s0 + w[t - 7] + s1));
    }
    state = rounds512(state, w).map((word, i) => low64(word + state[i]));
  }
  return fromNumber(state.reduce((whole, word) => (whole << 64n) | word, 0n), 64);
}

function rounds512(state, w) {
  let [a, b, c, d, e, f, g, h] = state;
  for (let t = 0; t < 80; t++) {
    const s1 = rotate64(e, 14) ^ rotate64(e, 18) ^ rotate64(e, 41);
    const t1 = h + s1 + ((e & f) ^ (low64(~e) & g)) + K512[t] + w[t];
    const s0 = rotate64(a, 28) ^ rotate64(a, 34) ^ rotate64(a, 39);
    const t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    [h, g, f, e, d, c, b, a] = [g, f, e, low64(d + t1), c, b, a, low64(t1 + t2)];
  }
  return [a, b, c, d, e, f, g, h];
}

const low64 = (number) => BigInt.asUintN(64, number);
const rotate64 = (word, by) => low64((word >> BigInt(by)) | (word << BigInt(64 - by)));
