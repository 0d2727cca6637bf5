// Canonical JSON (RFC 8785, our profile): ASCII keys in order, no floats, integers within
// ±(2^53 - 1), nothing between the tokens, one spelling of each string. The reader takes that form
// only, so whatever it has read would be written the same again.

import { invalid } from "./refused.js";

const MAX_DEPTH = 254; // what the writer on the server's side can nest
const SHORT = { "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r" };
const LONG = { b: "\b", t: "\t", n: "\n", f: "\f", r: "\r", '"': '"', "\\": "\\" };

export function writeJson(value) {
  if (typeof value === "string") return writeString(value);
  if (Array.isArray(value)) return "[" + value.map(writeJson).join(",") + "]";
  if (value !== null && typeof value === "object") {
    const fields = Object.keys(value).sort();
    return "{" + fields.map((name) => writeString(name) + ":" + writeJson(value[name])).join(",") + "}";
  }
  return String(value);
}

function writeString(text) {
  const escape = (letter) =>
    SHORT[letter] ?? (letter < " " ? "\\u" + letter.charCodeAt(0).toString(16).padStart(4, "0") : "\\" + letter);
  return '"' + text.replace(/[\u0000-\u001f"\\]/g, escape) + '"';
}

export function readJson(text) {
  const reader = new Reader(text);
  const value = reader.value(0);
  if (reader.at !== text.length) throw reader.bad();
  return value;
}

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  bad() {
    return invalid("不是规范 JSON", "not canonical JSON", String(this.at));
  }

  take(token) {
    if (!this.text.startsWith(token, this.at)) throw this.bad();
    this.at += token.length;
  }

  value(depth) {
    const first = this.text[this.at];
    if (first === '"') return this.string();
    if (first === "{") return this.object(depth + 1);
    if (first === "[") return this.array(depth + 1);
    for (const [word, meaning] of [["true", true], ["false", false], ["null", null]])
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return meaning;
      }
    return this.integer();
  }

  integer() {
    const form = /-?[1-9][0-9]{0,15}|0/y;
    form.lastIndex = this.at;
    const found = form.exec(this.text);
    if (!found || !Number.isSafeInteger(Number(found[0]))) throw this.bad();
    this.at += found[0].length;
    return Number(found[0]);
  }

  string() {
    this.take('"');
    let read = "";
    for (;;) {
      const plain = /[^"\\\u0000-\u001f]*/y;
      plain.lastIndex = this.at;
      read += plain.exec(this.text)[0];
      this.at = plain.lastIndex;
      if (this.text[this.at] !== "\\") break;
      read += this.escaped();
    }
    this.take('"');
    return read;
  }

  escaped() {
    const letter = this.text[this.at + 1];
    if (letter !== "u") {
      if (!Object.hasOwn(LONG, letter ?? "")) throw this.bad();
      this.at += 2;
      return LONG[letter];
    }
    const digits = this.text.slice(this.at + 2, this.at + 6);
    const read = String.fromCharCode(parseInt(digits, 16));
    if (!/^00[01][0-9a-f]$/.test(digits) || SHORT[read]) throw this.bad();
    this.at += 6;
    return read;
  }

  array(depth) {
    this.enter("[", depth);
    const items = [];
    if (this.text[this.at] !== "]") {
      items.push(this.value(depth));
      while (this.text[this.at] === ",") {
        this.take(",");
        items.push(this.value(depth));
      }
    }
    this.take("]");
    return items;
  }

  object(depth) {
    this.enter("{", depth);
    const fields = Object.create(null);
    let last = null;
    while (this.text[this.at] !== "}") {
      if (last !== null) this.take(",");
      const name = this.string();
      if (!/^[\u0000-\u007f]*$/.test(name) || (last !== null && name <= last)) throw this.bad();
      this.take(":");
      fields[name] = this.value(depth);
      last = name;
    }
    this.take("}");
    return fields;
  }

  enter(token, depth) {
    if (depth > MAX_DEPTH) throw this.bad();
    this.take(token);
  }
}
