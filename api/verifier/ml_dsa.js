// ML-DSA-44 (FIPS 204): checking a signature without a context.

import { concat, sameBytes } from "./bytes.js";
import { shake128, shake256, take } from "./shake.js";

const Q = 8380417;
const N = 256;
const [K, L] = [4, 4];
const D = 13;
const TAU = 39;
const GAMMA1 = 2 ** 17;
const GAMMA2 = (Q - 1) / 88;
const BETA = 78;
const OMEGA = 80;
const CHALLENGE = 32; // bytes of c~
const T1_BITS = 10;
const Z_BITS = 18;
const W1_BITS = 6;
const Z_SIZE = (N * Z_BITS) / 8;
const T1_SIZE = (N * T1_BITS) / 8;
export const ML_DSA_KEY_SIZE = 32 + K * T1_SIZE;
const SIGNATURE_SIZE = CHALLENGE + L * Z_SIZE + OMEGA + K;

const reduce = (number) => ((number % Q) + Q) % Q;

// Appendix B: 1753 to the power of the index with its eight bits turned round.
const ZETAS = Array.from({ length: N }, (_, index) => {
  let exponent = 0;
  for (let bit = 0; bit < 8; bit++) exponent |= ((index >> bit) & 1) << (7 - bit);
  let zeta = 1;
  for (let i = 0; i < exponent; i++) zeta = (zeta * 1753) % Q;
  return zeta;
});

// Algorithm 41. Products stay below 2^53.
function ntt(polynomial) {
  const w = [...polynomial];
  let m = 0;
  for (let length = 128; length >= 1; length >>= 1)
    for (let start = 0; start < N; start += 2 * length) {
      const zeta = ZETAS[++m];
      for (let j = start; j < start + length; j++) {
        const t = (zeta * w[j + length]) % Q;
        w[j + length] = reduce(w[j] - t);
        w[j] = reduce(w[j] + t);
      }
    }
  return w;
}

// Algorithm 42.
function inverseNtt(polynomial) {
  const w = [...polynomial];
  let m = N;
  for (let length = 1; length < N; length <<= 1)
    for (let start = 0; start < N; start += 2 * length) {
      const zeta = Q - ZETAS[--m];
      for (let j = start; j < start + length; j++) {
        const t = w[j];
        w[j] = reduce(t + w[j + length]);
        w[j + length] = (zeta * reduce(t - w[j + length])) % Q;
      }
    }
  return w.map((coefficient) => (coefficient * 8347681) % Q);
}

// Algorithm 18: numbers of so many bits, the lowest bit first.
function unpack(bytes, bits) {
  return Array.from({ length: (bytes.length * 8) / bits }, (_, i) => {
    let number = 0;
    for (let bit = 0; bit < bits; bit++) {
      const at = i * bits + bit;
      number |= ((bytes[at >> 3] >> (at & 7)) & 1) << bit;
    }
    return number;
  });
}

// Algorithm 16.
function pack(numbers, bits) {
  const bytes = new Uint8Array((numbers.length * bits) / 8);
  numbers.forEach((number, i) => {
    for (let bit = 0; bit < bits; bit++) {
      const at = i * bits + bit;
      bytes[at >> 3] |= ((number >> bit) & 1) << (at & 7);
    }
  });
  return bytes;
}

const cut = (bytes, size, count) =>
  Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size));

// Algorithm 30.
function sampleUniform(seed) {
  const stream = shake128(seed);
  const coefficients = [];
  while (coefficients.length < N) {
    const [low, middle, high] = take(stream, 3);
    const number = ((high & 0x7f) << 16) | (middle << 8) | low;
    if (number < Q) coefficients.push(number);
  }
  return coefficients;
}

// Algorithm 29.
function sampleInBall(seed) {
  const stream = shake256(seed);
  const signs = take(stream, 8);
  const c = new Array(N).fill(0);
  for (let i = N - TAU; i < N; i++) {
    let j;
    do j = stream.next().value;
    while (j > i);
    c[i] = c[j];
    const bit = i + TAU - N;
    c[j] = (signs[bit >> 3] >> (bit & 7)) & 1 ? Q - 1 : 1;
  }
  return c;
}

// Algorithm 21; null where the hint is not in its one form.
function readHints(bytes) {
  const hints = Array.from({ length: K }, () => new Array(N).fill(0));
  let index = 0;
  for (let i = 0; i < K; i++) {
    const end = bytes[OMEGA + i];
    if (end < index || end > OMEGA) return null;
    for (const first = index; index < end; index++) {
      if (index > first && bytes[index - 1] >= bytes[index]) return null;
      hints[i][bytes[index]] = 1;
    }
  }
  return bytes.subarray(index, OMEGA).every((byte) => byte === 0) ? hints : null;
}

// Algorithms 36 and 40.
function useHint(hint, number) {
  let r0 = number % (2 * GAMMA2);
  if (r0 > GAMMA2) r0 -= 2 * GAMMA2;
  let r1 = (number - r0) / (2 * GAMMA2);
  if (number - r0 === Q - 1) {
    r1 = 0;
    r0 -= 1;
  }
  if (!hint) return r1;
  return (r1 + (r0 > 0 ? 1 : 43)) % 44;
}

const prepared = new Map();

// What a key always comes to: the matrix, t1·2^d in the NTT domain, the key's hash.
function prepare(key) {
  const name = key.join();
  if (!prepared.has(name)) {
    const rho = key.subarray(0, 32);
    prepared.set(name, {
      matrix: Array.from({ length: K }, (_, r) =>
        Array.from({ length: L }, (_, s) => sampleUniform(concat(rho, [s, r]))),
      ),
      t1: cut(key.subarray(32), T1_SIZE, K).map((part) =>
        ntt(unpack(part, T1_BITS).map((number) => number * 2 ** D)),
      ),
      hash: take(shake256(key), 64),
    });
  }
  return prepared.get(name);
}

// Algorithms 3 and 8.
export function verifyMlDsa(key, message, signature) {
  if (key.length !== ML_DSA_KEY_SIZE || signature.length !== SIGNATURE_SIZE) return false;
  const challenge = signature.subarray(0, CHALLENGE);
  const z = cut(signature.subarray(CHALLENGE), Z_SIZE, L).map((part) =>
    unpack(part, Z_BITS).map((number) => GAMMA1 - number),
  );
  const hints = readHints(signature.subarray(CHALLENGE + L * Z_SIZE));
  if (!hints || z.some((part) => part.some((number) => Math.abs(number) >= GAMMA1 - BETA))) return false;
  const { matrix, t1, hash } = prepare(key);
  const mu = take(shake256(concat(hash, [0, 0], message)), 64);
  const c = ntt(sampleInBall(challenge));
  const zs = z.map((part) => ntt(part.map(reduce)));
  const w1 = matrix.map((row, i) => {
    const w = t1[i].map((number, j) => {
      const sum = row.reduce((total, entry, s) => (total + entry[j] * zs[s][j]) % Q, 0);
      return reduce(sum - ((c[j] * number) % Q));
    });
    return pack(inverseNtt(w).map((number, j) => useHint(hints[i][j], number)), W1_BITS);
  });
  return sameBytes(take(shake256(concat(mu, ...w1)), CHALLENGE), challenge);
}
