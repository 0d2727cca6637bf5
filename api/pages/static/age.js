// Sealing to an age key (C2SP age.md, version 1) in the browser: X25519 (RFC 7748), HKDF (RFC 5869),
// ChaCha20-Poly1305 (RFC 8439). It only encrypts: the other halves of the keys never come here.
//
// Own code, to be read beside the standards: WebCrypto has no ChaCha20, and on a page without HTTPS
// it is not there at all. What is random comes from the browser's own generator.

import { concat, fromHex, fromNumber, toHex, toNumberLittle, toUtf8, writeBase64 } from "./verifier/bytes.js";
import { sha256 } from "./verifier/sha2.js";

const P = 2n ** 255n - 19n;
const BASE = fromNumber(9n, 32).reverse();
const CHUNK = 64 * 1024;
const BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

const mod = (number) => ((number % P) + P) % P;

function power(base, exponent) {
  let result = 1n;
  for (let bits = exponent, square = mod(base); bits > 0n; bits >>= 1n, square = mod(square * square))
    if (bits & 1n) result = mod(result * square);
  return result;
}

// RFC 7748 §5.
export function x25519(secret, point) {
  const scalar = Uint8Array.from(secret);
  scalar[0] &= 248;
  scalar[31] = (scalar[31] & 127) | 64;
  const k = toNumberLittle(scalar);
  const masked = Uint8Array.from(point);
  masked[31] &= 127;
  const x1 = mod(toNumberLittle(masked));
  let [x2, z2, x3, z3, swap] = [1n, 0n, x1, 1n, 0n];
  for (let t = 254n; t >= 0n; t--) {
    const bit = (k >> t) & 1n;
    if (swap ^ bit) [x2, x3, z2, z3] = [x3, x2, z3, z2];
    swap = bit;
    const [a, b, c, d] = [x2 + z2, x2 - z2, x3 + z3, x3 - z3];
    const [aa, bb, da, cb] = [mod(a * a), mod(b * b), mod(d * a), mod(c * b)];
    const e = aa - bb;
    x3 = mod((da + cb) ** 2n);
    z3 = mod(x1 * mod((da - cb) ** 2n));
    x2 = mod(aa * bb);
    z2 = mod(e * (aa + 121665n * e));
  }
  if (swap) [x2, z2] = [x3, z3];
  return fromNumber(mod(x2 * power(z2, P - 2n)), 32).reverse();
}

// RFC 2104.
export function hmac(key, message) {
  const block = concat(key.length > 64 ? sha256(key) : key, new Uint8Array(64)).subarray(0, 64);
  const [inner, outer] = [0x36, 0x5c].map((pad) => block.map((byte) => byte ^ pad));
  return sha256(concat(outer, sha256(concat(inner, message))));
}

// RFC 5869, for one block.
export const hkdf = (secret, salt, info) =>
  hmac(hmac(salt, secret), concat(toUtf8(info), Uint8Array.of(1)));

const rotate = (word, by) => (word << by) | (word >>> (32 - by));

// RFC 8439 §2.3.
function chachaBlock(key, counter, nonce) {
  const view = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const words = (bytes) => Array.from({ length: bytes.length / 4 }, (_, i) => view(bytes).getInt32(4 * i, true));
  const start = [...words(toUtf8("expand 32-byte k")), ...words(key), counter, ...words(nonce)];
  const s = Int32Array.from(start);
  const quarter = (a, b, c, d) => {
    s[a] += s[b]; s[d] = rotate(s[d] ^ s[a], 16);
    s[c] += s[d]; s[b] = rotate(s[b] ^ s[c], 12);
    s[a] += s[b]; s[d] = rotate(s[d] ^ s[a], 8);
    s[c] += s[d]; s[b] = rotate(s[b] ^ s[c], 7);
  };
  for (let round = 0; round < 10; round++) {
    for (let i = 0; i < 4; i++) quarter(i, i + 4, i + 8, i + 12);
    for (let i = 0; i < 4; i++) quarter(i, 4 + ((i + 1) % 4), 8 + ((i + 2) % 4), 12 + ((i + 3) % 4));
  }
  const block = new DataView(new ArrayBuffer(64));
  s.forEach((word, i) => block.setInt32(4 * i, (word + start[i]) | 0, true));
  return new Uint8Array(block.buffer);
}

function chacha(key, counter, nonce, data) {
  const result = Uint8Array.from(data);
  for (let at = 0; at < data.length; at += 64) {
    const stream = chachaBlock(key, counter + at / 64, nonce);
    for (let i = 0; i < 64 && at + i < data.length; i++) result[at + i] ^= stream[i];
  }
  return result;
}

// RFC 8439 §2.5.
function poly1305(key, message) {
  const r = toNumberLittle(key.subarray(0, 16)) & 0x0ffffffc0ffffffc0ffffffc0fffffffn;
  const s = toNumberLittle(key.subarray(16));
  let sum = 0n;
  for (let at = 0; at < message.length; at += 16) {
    const block = message.subarray(at, at + 16);
    sum = ((sum + toNumberLittle(concat(block, Uint8Array.of(1)))) * r) % (2n ** 130n - 5n);
  }
  return fromNumber((sum + s) % 2n ** 128n, 16).reverse();
}

// RFC 8439 §2.8, with no further data.
export function sealWith(key, nonce, data) {
  const sealed = chacha(key, 1, nonce, data);
  const padding = new Uint8Array((16 - (sealed.length % 16)) % 16);
  const lengths = concat(new Uint8Array(8), fromNumber(BigInt(sealed.length), 8).reverse());
  const tag = poly1305(chachaBlock(key, 0, nonce).subarray(0, 32), concat(sealed, padding, lengths));
  return concat(sealed, tag);
}

// BIP 173; the check digits were checked when the key was registered, and are again here.
export function readRecipient(text) {
  const values = Array.from(text.slice(4), (letter) => BECH32.indexOf(letter));
  const human = [...Array.from("age", (c) => c.charCodeAt(0) >> 5), 0, ...Array.from("age", (c) => c.charCodeAt(0) & 31)];
  let check = 1;
  for (const value of [...human, ...values]) {
    const top = check >>> 25;
    check = ((check & 0x1ffffff) << 5) ^ value;
    [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3].forEach((generator, i) => {
      if ((top >>> i) & 1) check ^= generator;
    });
  }
  if (!text.startsWith("age1") || text.length !== 62 || values.includes(-1) || check !== 1)
    throw new Error("not a recipient");
  const bits = values.slice(0, -6).map((value) => value.toString(2).padStart(5, "0")).join("");
  return fromHex(BigInt("0b" + bits.slice(0, 256)).toString(16).padStart(64, "0"));
}

const unpadded = (bytes) => writeBase64(bytes).replaceAll("=", "");
export const random = (size) => crypto.getRandomValues(new Uint8Array(size));

// An armored age file for one X25519 recipient.
export function encrypt(data, recipient, draw = random) {
  const to = readRecipient(recipient);
  const [fileKey, secret] = [draw(16), draw(32)];
  const share = x25519(secret, BASE);
  const wrap = hkdf(x25519(secret, to), concat(share, to), "age-encryption.org/v1/X25519");
  const body = sealWith(wrap, new Uint8Array(12), fileKey);
  const head = `age-encryption.org/v1\n-> X25519 ${unpadded(share)}\n${unpadded(body)}\n---`;
  const mac = hmac(hkdf(fileKey, new Uint8Array(), "header"), toUtf8(head));
  const nonce = draw(16);
  const payload = hkdf(fileKey, nonce, "payload");
  const chunks = [];
  for (let at = 0, count = 0n; ; at += CHUNK, count++) {
    const last = at + CHUNK >= data.length;
    const counter = concat(fromNumber(count, 11), Uint8Array.of(last ? 1 : 0));
    chunks.push(sealWith(payload, counter, data.subarray(at, at + CHUNK)));
    if (last) break;
  }
  const file = concat(toUtf8(`${head} ${unpadded(mac)}\n`), nonce, ...chunks);
  const lines = writeBase64(file).match(/.{1,64}/g).join("\n");
  return `-----BEGIN AGE ENCRYPTED FILE-----\n${lines}\n-----END AGE ENCRYPTED FILE-----`;
}

// What a fact holds of words: sealed to keys, the outermost first, with a salted commitment. Padded,
// so that the length of the ciphertext tells little of that of the words.
export function envelope(words, keys) {
  const text = words.trim();
  const salt = random(16);
  const plain = { pad: "", salt: toHex(salt), text };
  plain.pad = " ".repeat(1023 - ((toUtf8(JSON.stringify(plain)).length + 1023) % 1024));
  let sealed = JSON.stringify(plain);
  for (const each of [...keys].reverse()) sealed = encrypt(toUtf8(sealed), each.recipient);
  const commitment = toHex(sha256(concat(toUtf8("daocha.sealed/v1\n"), salt, toUtf8(text))));
  return { keys: keys.map((each) => each.key), commitment, ciphertext: sealed };
}
