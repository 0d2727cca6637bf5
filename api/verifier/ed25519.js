// Ed25519 (RFC 8032), strictly: the same verdict as domain/proof/ed25519.py on every input.
//
// A key must be the one encoding of a point of the prime-order group that is not its zero; S must be
// reduced; R must be, byte for byte, what the equation without cofactor gives, and not of small
// order.

import { concat, sameBytes, toNumberLittle } from "./bytes.js";
import { inverse, mod, power } from "./field.js";
import { sha512 } from "./sha2.js";

const P25519 = 2n ** 255n - 19n;
const L25519 = 2n ** 252n + 27742317777372353535851937790883648493n;
const D25519 = mod(-121665n * inverse(121666n, P25519), P25519);
const ROOT_OF_MINUS_ONE = power(2n, (P25519 - 1n) / 4n, P25519);

// A point is [X, Y, Z, T] with x = X/Z, y = Y/Z, xy = T/Z (RFC 8032 §5.1.4).
const ZERO = [0n, 1n, 1n, 0n];
const BASE = decodePoint(Uint8Array.from({ length: 32 }, (_, i) => (i ? 0x66 : 0x58)));

const m = (number) => mod(number, P25519);

// RFC 8032 §5.1.4.
function addPoints([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = m((y1 - x1) * (y2 - x2));
  const b = m((y1 + x1) * (y2 + x2));
  const c = m(2n * t1 * D25519 * t2);
  const d = m(2n * z1 * z2);
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [m(e * f), m(g * h), m(f * g), m(e * h)];
}

function doublePoint([x, y, z]) {
  const a = m(x * x);
  const b = m(y * y);
  const h = a + b;
  const e = h - m((x + y) * (x + y));
  const g = a - b;
  const f = m(2n * z * z) + g;
  return [m(e * f), m(g * h), m(f * g), m(e * h)];
}

// The sum of two multiples, bit by bit together.
function timesPoints(scalar, point, otherScalar, other) {
  const both = addPoints(point, other);
  let result = ZERO;
  for (let bit = 1n << 255n; bit > 0n; bit >>= 1n) {
    result = doublePoint(result);
    if (scalar & bit) result = addPoints(result, otherScalar & bit ? both : point);
    else if (otherScalar & bit) result = addPoints(result, other);
  }
  return result;
}

const timesPoint = (scalar, point) => timesPoints(scalar, point, 0n, ZERO);

const isZero = ([x, y, z]) => x === 0n && y === z;

// RFC 8032 §5.1.3; null where the bytes are no point, or not its one encoding.
export function decodePoint(bytes) {
  const sign = bytes[31] >> 7;
  const y = toNumberLittle(bytes) & (2n ** 255n - 1n);
  if (y >= P25519) return null;
  const u = mod(y * y - 1n, P25519);
  const v = mod(D25519 * y * y + 1n, P25519);
  let x = mod(u * power(v, 3n, P25519) * power(u * power(v, 7n, P25519), (P25519 - 5n) / 8n, P25519), P25519);
  const square = mod(v * x * x, P25519);
  if (square === mod(-u, P25519)) x = mod(x * ROOT_OF_MINUS_ONE, P25519);
  else if (square !== u) return null;
  if (x === 0n && sign) return null;
  if (Number(x & 1n) !== sign) x = P25519 - x;
  return [x, y, 1n, mod(x * y, P25519)];
}

const goodKeys = new Map();

// The point of a good key, null of any other.
function keyPoint(key) {
  const name = key.join();
  if (!goodKeys.has(name)) {
    const point = key.length === 32 ? decodePoint(key) : null;
    const good = point && !isZero(point) && isZero(timesPoint(L25519, point));
    goodKeys.set(name, good ? point : null);
  }
  return goodKeys.get(name);
}

export const isEd25519Key = (key) => keyPoint(key) !== null;

// RFC 8032 §5.1.7.
export function verifyEd25519(key, message, signature) {
  const point = signature.length === 64 ? keyPoint(key) : null;
  if (!point) return false;
  const encodedR = signature.subarray(0, 32);
  const s = toNumberLittle(signature.subarray(32));
  const r = decodePoint(encodedR);
  if (s >= L25519 || !r || isZero(doublePoint(doublePoint(doublePoint(r))))) return false;
  const h = mod(toNumberLittle(sha512(concat(encodedR, key, message))), L25519);
  const minus = [mod(-point[0], P25519), point[1], 1n, mod(-point[3], P25519)];
  const found = timesPoints(s, BASE, h, minus);
  return sameBytes(encodePoint(found), encodedR);
}

// RFC 8032 §5.1.2.
function encodePoint([x, y, z]) {
  const one = inverse(z, P25519);
  let number = mod(y * one, P25519) | (mod(x * one, P25519) & 1n ? 2n ** 255n : 0n);
  return Uint8Array.from({ length: 32 }, () => {
    const byte = Number(number & 0xffn);
    number >>= 8n;
    return byte;
  });
}
