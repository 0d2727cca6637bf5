// Bytes and their one spelling each (domain/proof/encoding.py): whatever is spelt otherwise is
// refused, because a second spelling would let a checked document be changed unnoticed.

import { invalid } from "./refused.js";

export const HASH_SIZE = 32;
export const MAX_SIZE = 2n ** 63n - 1n;

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function compareBytes(a, b) {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}

export const sameBytes = (a, b) => compareBytes(a, b) === 0;

export const startsWith = (data, head) =>
  data.length >= head.length && sameBytes(data.subarray(0, head.length), head);

export function includesBytes(data, part) {
  for (let at = 0; at + part.length <= data.length; at++)
    if (sameBytes(data.subarray(at, at + part.length), part)) return true;
  return false;
}

export const toUtf8 = (text) => new TextEncoder().encode(text);

// Throws a TypeError when the bytes are not UTF-8; nothing is taken off, a byte order mark neither.
export const fromUtf8 = (data) =>
  new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);

// Texts are ordered by code point, as Python orders them, not by UTF-16 unit.
export const compareTexts = (a, b) => compareBytes(toUtf8(a), toUtf8(b));

export const toHex = (data) => Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");

export const fromHex = (text) =>
  Uint8Array.from({ length: text.length / 2 }, (_, i) => parseInt(text.slice(2 * i, 2 * i + 2), 16));

export const toNumber = (data) => (data.length ? BigInt("0x" + toHex(data)) : 0n);

export const toNumberLittle = (data) => toNumber(Uint8Array.from(data).reverse());

export const fromNumber = (number, size) => fromHex(number.toString(16).padStart(2 * size, "0"));

// RFC 4648 §4.
export function writeBase64(data) {
  let text = "";
  for (let i = 0; i < data.length; i += 3) {
    const three = (data[i] << 16) | ((data[i + 1] ?? 0) << 8) | (data[i + 2] ?? 0);
    for (let n = 0; n < 4; n++)
      text += i + n > data.length ? "=" : ALPHABET[(three >> (18 - 6 * n)) & 63];
  }
  return text;
}

export const writeBase64url = (data) =>
  writeBase64(data).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

export function readBase64(text) {
  const bytes = [];
  let bits = 0;
  let held = 0;
  for (const letter of text.replace(/={0,2}$/, "")) {
    const value = ALPHABET.indexOf(letter);
    if (value < 0) break;
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((held >> bits) & 0xff);
    }
  }
  const data = Uint8Array.from(bytes);
  if (writeBase64(data) !== text) throw invalid("不是规范的 base64 编码", "not canonical base64");
  return data;
}

export function readHash(text) {
  const hash = readBase64(text);
  if (hash.length !== HASH_SIZE) throw invalid("散列值须为 32 字节", "a hash has 32 bytes");
  return hash;
}

// Sizes go up to 2^63 - 1, beyond what a JavaScript number holds: they are BigInt.
export function readSize(text) {
  if (!/^(0|[1-9][0-9]{0,18})$/.test(text) || BigInt(text) > MAX_SIZE)
    throw invalid("不是规范的十进制数", "not a canonical decimal number");
  return BigInt(text);
}
