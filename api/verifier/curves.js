// Signatures on P-256 (FIPS 186-5) and on SM2's curve (GB/T 32918): both y² = x³ - 3x + b over a
// prime field, of prime order. The same verdicts as domain/proof/p256.py and sm2.py.

import { concat, fromNumber, toNumber, toUtf8 } from "./bytes.js";
import { inverse, mod } from "./field.js";
import { sha256 } from "./sha2.js";
import { sm3 } from "./sm3.js";

export const P256 = {
  p: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
  b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  x: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  y: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
};

// GB/T 32918.5 §2.
export const SM2 = {
  p: 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn,
  b: 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n,
  n: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
  x: 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
  y: 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
};

// The signer's id that goes into SM2's hash where none is agreed on (GM/T 0009 §10).
const SIGNER_ID = toUtf8("1234567812345678");

// A point of the curve as 0x04 ‖ x ‖ y (SEC 1 §2.3.3); null where it is none.
export function readPoint(curve, bytes) {
  if (bytes.length !== 65 || bytes[0] !== 0x04) return null;
  const x = toNumber(bytes.subarray(1, 33));
  const y = toNumber(bytes.subarray(33));
  const on = x < curve.p && y < curve.p && mod(y * y - x * x * x + 3n * x - curve.b, curve.p) === 0n;
  return on ? [x, y, 1n] : null;
}

// Points are [X, Y, Z] with x = X/Z², y = Y/Z³; Z = 0 is the zero of the group.
function double({ p }, [x, y, z]) {
  const delta = (z * z) % p;
  const gamma = (y * y) % p;
  const beta = (x * gamma) % p;
  const alpha = mod(3n * (x - delta) * (x + delta), p);
  const x3 = mod(alpha * alpha - 8n * beta, p);
  return [x3, mod(alpha * (4n * beta - x3) - 8n * gamma * gamma, p), mod(2n * y * z, p)];
}

function add(curve, one, other) {
  const { p } = curve;
  if (one[2] === 0n) return other;
  if (other[2] === 0n) return one;
  const [z1z1, z2z2] = [(one[2] * one[2]) % p, (other[2] * other[2]) % p];
  const [u1, u2] = [(one[0] * z2z2) % p, (other[0] * z1z1) % p];
  const s1 = (one[1] * other[2] * z2z2) % p;
  const s2 = (other[1] * one[2] * z1z1) % p;
  const h = mod(u2 - u1, p);
  const r = mod(s2 - s1, p);
  if (h === 0n) return r === 0n ? double(curve, one) : [1n, 1n, 0n];
  const hh = (h * h) % p;
  const hhh = (h * hh) % p;
  const v = (u1 * hh) % p;
  const x3 = mod(r * r - hhh - 2n * v, p);
  return [x3, mod(r * (v - x3) - s1 * hhh, p), mod(h * one[2] * other[2], p)];
}

function times(curve, scalar, point) {
  let result = [1n, 1n, 0n];
  for (let i = scalar.toString(2).length - 1; i >= 0; i--) {
    result = double(curve, result);
    if ((scalar >> BigInt(i)) & 1n) result = add(curve, result, point);
  }
  return result;
}

// The x of u·G + v·Q, null for the zero of the group.
function xOfSum(curve, u, v, point) {
  const sum = add(curve, times(curve, u, [curve.x, curve.y, 1n]), times(curve, v, point));
  if (sum[2] === 0n) return null;
  return mod(sum[0] * inverse((sum[2] * sum[2]) % curve.p, curve.p), curve.p);
}

// r and s of a signature r ‖ s, both from 1 to n - 1; null otherwise.
function readNumbers(curve, signature) {
  if (signature.length !== 64) return null;
  const r = toNumber(signature.subarray(0, 32));
  const s = toNumber(signature.subarray(32));
  return r > 0n && s > 0n && r < curve.n && s < curve.n ? [r, s] : null;
}

export const isP256Key = (key) => readPoint(P256, key) !== null;

// FIPS 186-5 §6.4.2. Of the two signatures (r, s) and (r, n - s) only the smaller s counts.
export function verifyP256(key, message, signature) {
  const point = readPoint(P256, key);
  const numbers = readNumbers(P256, signature);
  if (!point || !numbers || numbers[1] > P256.n >> 1n) return false;
  const [r, s] = numbers;
  const w = inverse(s, P256.n);
  const x = xOfSum(P256, (toNumber(sha256(message)) * w) % P256.n, (r * w) % P256.n, point);
  return x !== null && x % P256.n === r;
}

export const isSm2Key = (key) => readPoint(SM2, key) !== null;

// GB/T 32918.2 §7.1, with Z of §5.5.
export function verifySm2(key, message, signature, id = SIGNER_ID) {
  const point = readPoint(SM2, key);
  const numbers = readNumbers(SM2, signature);
  if (!point || !numbers) return false;
  const [r, s] = numbers;
  const t = (r + s) % SM2.n;
  if (t === 0n) return false;
  const constants = [SM2.p - 3n, SM2.b, SM2.x, SM2.y].map((number) => fromNumber(number, 32));
  const z = sm3(concat(fromNumber(BigInt(8 * id.length), 2), id, ...constants, key.subarray(1)));
  const x = xOfSum(SM2, s, t, point);
  return x !== null && (toNumber(sm3(concat(z, message))) + x) % SM2.n === r;
}
