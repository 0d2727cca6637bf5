// Facts by their stored shape, as a stranger reads them; the same as domain/proof/leaf.py.

import { toHex, toUtf8 } from "./bytes.js";
import { readJson, writeJson } from "./json.js";
import { leafHash } from "./merkle.js";
import { Refused, invalid } from "./refused.js";
import { fields, integer, isObject, list, text } from "./shape.js";

const STORED = fields({
  body: fields({
    actor: isObject,
    command: text(),
    data: isObject,
    happened: text(),
    nonce: text(),
    received: text(),
    schema: integer(Number.MIN_SAFE_INTEGER),
  }),
  position: integer(1),
  record: text(),
  recorded: text(),
  tags: list(text()),
  topic: text(),
  version: integer(1),
});

export function readLeaf(stored) {
  let content;
  try {
    content = readJson(stored);
  } catch (error) {
    if (error instanceof Refused) throw invalid("事实不是规范 JSON", "the fact is not canonical JSON");
    throw error;
  }
  if (!STORED(content)) throw invalid("不是事实", "not a fact");
  const { body, position, record, recorded, tags, topic, version } = content;
  const { actor, data, happened, received } = body;
  const hash = leafHash(toUtf8(stored));
  const about = new Set([record, ...tags.map((tag) => afterFirst(tag, ":"))]);
  return {
    text: stored, position, record, recorded, tags: new Set(tags), topic, version, actor, data, happened, received,
    hash, hashHex: toHex(hash), about,
  };
}

// What stands after the first separator; nothing where there is none.
export function afterFirst(whole, separator) {
  const at = whole.indexOf(separator);
  return at < 0 ? "" : whole.slice(at + separator.length);
}

export const beforeFirst = (whole, separator) => whole.split(separator, 1)[0];

export function readPart(form, leaf, name) {
  const part = leaf.data[name];
  if (!form(part)) throw invalid(`${name} 的内容有误`, `${name} is malformed`);
  return part;
}

// What stands at a path such as `items.0.text`.
export function follow(data, path) {
  for (const step of path.split(".")) {
    const there = isObject(data) || (Array.isArray(data) && /^(0|[1-9][0-9]*)$/.test(step));
    if (!there || !Object.hasOwn(data, step)) return undefined;
    data = data[step];
  }
  return data;
}

// Say of whatever goes wrong inside that it went wrong at this leaf.
export function at(leaf, check) {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const where = String(leaf.position);
    throw new Refused(error.kind, `第 ${where} 条事实：${error.zh}`, `fact ${where}: ${error.en}`, where);
  }
}

export const sameJson = (a, b) =>
  a === undefined || b === undefined ? a === b : writeJson(a) === writeJson(b);

// A value as Python's str() writes it, which is how both programs name what may be missing.
export function asText(value) {
  if (value === undefined || value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  return typeof value === "object" ? writeJson(value) : String(value);
}
