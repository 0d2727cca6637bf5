// Signed notes (C2SP signed-note): a text and who signed it; the same as domain/proof/note.py.

import {
  compareBytes, compareTexts, concat, fromUtf8, readBase64, sameBytes, toHex, toUtf8, writeBase64,
} from "./bytes.js";
import { isEd25519Key, verifyEd25519 } from "./ed25519.js";
import { Refused, invalid, notProved } from "./refused.js";
import { sha256 } from "./sha2.js";

export const NOTE_ED25519 = 0x01;
const ID_SIZE = 4;
const MAX_SIGNATURES = 100;
const MAX_NOTE = 1000000;
const MARK = "— ";
const NOTE_CONTROL = /[\u0000-\u0009\u000b-\u001f]/;
// What Python's str.isspace takes for space; JavaScript's \s differs in some.
const SPACE = /[\u0009-\u000d\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

// C2SP signed-note, "Verifier keys": `<name>+<id>+<base64>`.
export class NoteKey {
  constructor(name, kind, material) {
    if (!isName(name)) throw invalid("密钥名不合规", "not a valid key name", name);
    this.name = name;
    this.kind = kind;
    this.material = material;
    this.id = sha256(concat(toUtf8(name + "\n"), [kind], material)).subarray(0, ID_SIZE);
  }

  // One text for a name and an id, to look keys and signatures up by.
  get label() {
    return labelOf(this.name, this.id);
  }
}

const labelOf = (name, id) => toHex(id) + " " + name;

export function readKey(vkey) {
  const first = vkey.indexOf("+");
  const second = vkey.indexOf("+", first + 1);
  if (first < 0 || second < 0) throw invalid("不是公钥文本", "not a verifier key", vkey.slice(0, 100));
  const name = vkey.slice(0, first);
  const id = vkey.slice(first + 1, second);
  const data = readBase64(vkey.slice(second + 1));
  if (!data.length || !/^[0-9a-f]{8}$/.test(id)) throw invalid("不是公钥文本", "not a verifier key", name);
  const key = new NoteKey(name, data[0], data.subarray(1));
  if (toHex(key.id) !== id) throw invalid("公钥与其编号不符", "the key does not fit its id", name);
  return key;
}

function isName(name) {
  return name !== "" && !name.includes("+") && !SPACE.test(name) && !/[\u0000-\u001f]/.test(name);
}

// C2SP signed-note, "Ed25519 signatures".
export function noteVerifier(key) {
  if (key.kind !== NOTE_ED25519 || !isEd25519Key(key.material))
    throw invalid("不是可用的 Ed25519 公钥", "not a good Ed25519 key", key.name);
  return { key, verify: (text, value) => verifyEd25519(key.material, text, value) };
}

// C2SP signed-note, "Format".
export function writeNote(text, signatures) {
  const lines = signatures.map(({ name, id, value }) => `${MARK}${name} ${writeBase64(concat(id, value))}\n`);
  return `${text}\n${lines.join("")}`;
}

export const compareSignatures = (a, b) =>
  compareTexts(a.name, b.name) || compareBytes(a.id, b.id) || compareBytes(a.value, b.value);

export function splitNote(note) {
  let whole;
  try {
    whole = fromUtf8(note);
  } catch {
    throw invalid("文书不是 UTF-8", "the note is not UTF-8");
  }
  const at = whole.lastIndexOf("\n\n");
  const [text, lines] = [whole.slice(0, at), whole.slice(at + 2)];
  if (at < 0 || note.length > MAX_NOTE || NOTE_CONTROL.test(text) || NOTE_CONTROL.test(lines))
    throw invalid("不是签名文书", "not a signed note");
  return [text + "\n", readSignatures(lines)];
}

function readSignatures(lines) {
  const found = lines.split("\n");
  if (found.pop() !== "" || found.length === 0 || found.length > MAX_SIGNATURES)
    throw notProved("文书没有签名或签名过多", "the note has no signatures or too many");
  return found.map(readSignature);
}

function readSignature(line) {
  const bad = notProved("文书的签名行不合规", "a signature line is malformed", line.slice(0, 100));
  const at = line.indexOf(" ", MARK.length);
  if (!line.startsWith(MARK) || at < 0) throw bad;
  const name = line.slice(MARK.length, at);
  let data;
  try {
    data = readBase64(line.slice(at + 1));
  } catch (error) {
    throw error instanceof Refused ? bad : error;
  }
  if (!isName(name) || data.length <= ID_SIZE) throw bad;
  return { name, id: data.subarray(0, ID_SIZE), value: data.subarray(ID_SIZE) };
}

const sameSignature = (a, b) => compareSignatures(a, b) === 0;

// C2SP signed-note, "Signatures": the text, the good signatures of keys that are known (of each key
// the first), and those of keys that are not.
export function openNote(note, verifiers) {
  const [text, found] = splitNote(note);
  const signed = toUtf8(text);
  const known = new Map();
  for (const verifier of verifiers) {
    const { key } = verifier;
    const other = known.get(key.label)?.key;
    if (other && (other.kind !== key.kind || !sameBytes(other.material, key.material)))
      throw invalid("两把公钥同名同编号", "two keys of one name and id", key.name);
    if (!other) known.set(key.label, verifier);
  }
  const good = new Map();
  const unknown = [];
  for (const signature of found) {
    const label = labelOf(signature.name, signature.id);
    const trusted = known.get(label);
    if (!trusted) {
      if (!unknown.some((each) => sameSignature(each, signature))) unknown.push(signature);
    } else if (!trusted.verify(signed, signature.value)) {
      throw notProved("签名不成立", "invalid signature", signature.name);
    } else if (!good.has(label)) {
      good.set(label, signature);
    }
  }
  if (good.size === 0) throw notProved("没有受信任的签名", "no signature by a trusted key");
  return { text, signatures: [...good.values()], signers: good, unknown };
}
