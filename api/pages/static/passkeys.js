/* What every page with a passkey needs: bytes to text and back, and an ES256 signature's one form. */
"use strict";

const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

const toBase64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
const toBase64url = (buffer) =>
  toBase64(buffer).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const fromBase64url = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

const numberOf = (bytes) => bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
const bytesOf = (number) =>
  Uint8Array.from(number.toString(16).padStart(64, "0").match(/../g), (hex) => parseInt(hex, 16));

/* An ES256 signature comes in DER (RFC 3279): its one recorded form is r ‖ s, s the smaller. */
function normalForm(signature) {
  const bytes = new Uint8Array(signature);
  if (bytes[0] !== 0x30 || bytes.length === 64) return signature;
  const part = (at) => [numberOf(bytes.slice(at + 2, at + 2 + bytes[at + 1])), at + 2 + bytes[at + 1]];
  const [r, next] = part(2);
  const [s] = part(next);
  const low = s > P256_ORDER / 2n ? P256_ORDER - s : s;
  return new Uint8Array([...bytesOf(r), ...bytesOf(low)]).buffer;
}
