// SM3 (GB/T 32905-2016), the hash that goes with SM2.

import { padded } from "./sha2.js";

const START = [
  0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e,
];

// §5.3.
export function sm3(data) {
  const whole = padded(data, 64, 8);
  const view = new DataView(whole.buffer);
  const state = Int32Array.from(START, (word) => word | 0);
  for (let at = 0; at < whole.length; at += 64) compress(state, view, at);
  const digest = new DataView(new ArrayBuffer(32));
  state.forEach((word, i) => digest.setInt32(4 * i, word));
  return new Uint8Array(digest.buffer);
}

function compress(state, view, at) {
  const w = new Int32Array(68);
  for (let j = 0; j < 16; j++) w[j] = view.getInt32(at + 4 * j);
  for (let j = 16; j < 68; j++)
    w[j] = p1(w[j - 16] ^ w[j - 9] ^ left(w[j - 3], 15)) ^ left(w[j - 13], 7) ^ w[j - 6];
  let [a, b, c, d, e, f, g, h] = state;
  for (let j = 0; j < 64; j++) {
    const early = j < 16;
    const ss1 = left((left(a, 12) + e + left(early ? 0x79cc4519 : 0x7a879d8a, j % 32)) | 0, 7);
    const ss2 = ss1 ^ left(a, 12);
    const ff = early ? a ^ b ^ c : (a & b) | (a & c) | (b & c);
    const gg = early ? e ^ f ^ g : (e & f) | (~e & g);
    const tt1 = (ff + d + ss2 + (w[j] ^ w[j + 4])) | 0;
    const tt2 = (gg + h + ss1 + w[j]) | 0;
    [d, c, b, a, h, g, f, e] = [c, left(b, 9), a, tt1, g, left(f, 19), e, p0(tt2)];
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => (state[i] ^= word));
}

const left = (word, by) => (by ? (word << by) | (word >>> (32 - by)) : word);
const p0 = (word) => word ^ left(word, 9) ^ left(word, 17);
const p1 = (word) => word ^ left(word, 15) ^ left(word, 23);
