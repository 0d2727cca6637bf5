// Checkpoints (C2SP tlog-checkpoint) and cosignatures (C2SP tlog-cosignature); the same as
// domain/proof/checkpoint.py and cosignature.py.

import { concat, fromNumber, fromUtf8, readHash, readSize, toNumber, toUtf8 } from "./bytes.js";
import { isEd25519Key, verifyEd25519 } from "./ed25519.js";
import { ML_DSA_KEY_SIZE, verifyMlDsa } from "./ml_dsa.js";
import { openNote, readKey } from "./note.js";
import { Refused, invalid, notProved } from "./refused.js";

const ED25519_COSIGNATURE = 0x04;
const ML_DSA_44 = 0x06;
const ED25519_SIZE = 8 + 64;
const LATEST = 253402214400n; // 9999-12-31 in seconds
const MAX_NAME = 255;

// C2SP tlog-checkpoint, "Note text".
export function readCheckpoint(text) {
  const lines = text.split("\n");
  if (lines.pop() !== "" || lines.length < 3 || lines.includes(""))
    throw invalid("不是检查点", "not a checkpoint");
  return { origin: lines[0], size: readSize(lines[1]), root: readHash(lines[2]) };
}

export function openCheckpoint(note, origin, log, cosigners) {
  const opened = openNote(note, [...log, ...cosigners]);
  if (!log.some(({ key }) => opened.signers.has(key.label)))
    throw notProved("日志没有签署该检查点", "the log did not sign the checkpoint");
  const checkpoint = readCheckpoint(opened.text);
  if (checkpoint.origin !== origin)
    throw notProved("检查点属于另一份日志", "the checkpoint is of another log", origin);
  return [checkpoint, opened];
}

const secondsOf = (value) => toNumber(value.subarray(0, 8));

// The moment that a checked cosignature states, in seconds; null when it states none.
export function cosignedAt(signature) {
  const seconds = secondsOf(signature.value);
  return seconds ? Number(seconds) : null;
}

export function cosigner(key) {
  if (key.kind === ML_DSA_44) return mlDsaCosigner(key);
  if (key.kind !== ED25519_COSIGNATURE || !isEd25519Key(key.material))
    throw invalid("不是可用的附署公钥", "not a good cosigner key", key.name);
  return {
    key,
    verify(text, value) {
      if (value.length !== ED25519_SIZE || secondsOf(value) > LATEST) return false;
      const header = toUtf8(`cosignature/v1\ntime ${secondsOf(value)}\n`);
      return verifyEd25519(key.material, concat(header, text), value.subarray(8));
    },
  };
}

export const readCosigner = (vkey) => cosigner(readKey(vkey));

function mlDsaCosigner(key) {
  if (key.material.length !== ML_DSA_KEY_SIZE)
    throw invalid("不是可用的附署公钥", "not a good ML-DSA-44 key", key.name);
  return {
    key,
    verify(text, value) {
      let message;
      try {
        message = mlDsaMessage(key.name, text, secondsOf(value));
      } catch (error) {
        if (error instanceof Refused) return false;
        throw error;
      }
      return secondsOf(value) <= LATEST && verifyMlDsa(key.material, message, value.subarray(8));
    },
  };
}

// C2SP tlog-cosignature, "ML-DSA-44 signed message", for the subtree that is the whole tree.
function mlDsaMessage(name, text, seconds) {
  const { origin, size, root } = readCheckpoint(fromUtf8(text));
  const numbers = [fromNumber(0n, 8), fromNumber(size, 8)];
  return concat(toUtf8("subtree/v1\n\0"), short(name), fromNumber(seconds, 8), short(origin), ...numbers, root);
}

function short(text) {
  const data = toUtf8(text);
  if (data.length > MAX_NAME) throw invalid("名称超过 255 字节", "a name is longer than 255 bytes");
  return concat([data.length], data);
}
