// Rolls: who owed something, who held a post, whose a key was; the same as domain/proof/roll.py and
// taken.py.

import { compareTexts, concat, fromHex, sameBytes, toHex, toUtf8 } from "./bytes.js";
import { readJson } from "./json.js";
import { beforeFirst } from "./leaf.js";
import { EMPTY_ROOT, leafHash, verifyInclusion } from "./merkle.js";
import { invalid, notProved } from "./refused.js";
import { sha256 } from "./sha2.js";
import { HASH, fields, integer, isObject, list, maybe, text } from "./shape.js";

export const TAKEN = "roll.taken";
export const [REPORTS, POSTS, KEYS] = ["monthly_report", "posts", "keys"];
const BEGINS_OR_ENDS = ["appointment.made", "appointment.ended", "key.registered"];

const HEAD = fields({ of: text({ min: 1, max: 100 }), size: integer(0), root: HASH });
const ENTRY = fields({ id: text({ min: 1, max: 100, pattern: /^[ -~]+$/ }), content: isObject });
const TAKEN_FACT = fields({ deadline: text(), head: HEAD, upto: integer(1) });
const CONTENT = {
  [REPORTS]: fields({
    filed: list(fields({ document: HASH, effect: maybe(HASH) })),
    count: integer(1),
    chain: HASH,
  }),
  [POSTS]: fields({
    organisation: text(),
    kind: text(),
    held: list(fields({ person: text(), since: integer(1), until: maybe(integer(1)) })),
  }),
  [KEYS]: fields({ key: HASH, person: text(), since: integer(1), until: maybe(integer(1)) }),
};

// What the roll of that head holds about an id; null when it is shown not to be on it. `parts` are
// the entry, or its neighbours: { index, leaf, path }.
export function lookUp(head, id, parts) {
  const entries = parts.map((part) => [part.index, checkEntry(head, part)]);
  if (entries.length === 1 && entries[0][1].id === id) return entries[0][1].content;
  if (!isAbsent(head, id, entries)) throw notProved("名册证明不成立", "the proof does not show it", id);
  return null;
}

function isAbsent(head, id, entries) {
  if (entries.length === 0) return head.size === 0 && sameBytes(fromHex(head.root), EMPTY_ROOT);
  const [[firstAt, first], second] = entries;
  if (second) {
    const between = compareTexts(first.id, id) < 0 && compareTexts(id, second[1].id) < 0;
    return between && second[0] === firstAt + 1;
  }
  if (compareTexts(id, first.id) < 0) return firstAt === 0;
  return compareTexts(first.id, id) < 0 && firstAt === head.size - 1;
}

function checkEntry(head, { index, leaf, path }) {
  const data = toUtf8(leaf);
  verifyInclusion(BigInt(index), BigInt(head.size), leafHash(data), path, fromHex(head.root));
  const entry = readJson(leaf);
  if (!ENTRY(entry)) throw invalid("不是名册条目", "not an entry of a roll");
  return entry;
}

// What the roll whose fact is `taken` says of an id, if the facts in hand do not belie it.
export function lookUpTaken(taken, id, parts, leaves) {
  const said = taken.data;
  if (!TAKEN_FACT(said) || said.upto >= taken.position)
    throw invalid("名册的事实有误", "the roll's fact is malformed");
  const { head, upto, deadline } = said;
  const found = lookUp(head, id, parts);
  const kind = beforeFirst(head.of, " ");
  if (found !== null) checkContent(head.of, kind, found);
  if (kind !== REPORTS) {
    const known = leaves.filter((leaf) => leaf.position <= upto && leaf.about.has(id));
    checkTold(kind, found, id, known);
  }
  return { leaf: taken, of: head.of, kind, upto, deadline, id, content: found };
}

function checkContent(of, kind, content) {
  if (!Object.hasOwn(CONTENT, kind)) throw invalid("未知的名册", "a roll of an unknown kind", of);
  if (!CONTENT[kind](content)) throw invalid("名册条目有误", "the entry is malformed", of);
}

// Check a post's or key's facts in hand against what the roll knows of it: no less, no more.
function checkTold(kind, content, id, known) {
  const own = known.filter((leaf) => leaf.record === id);
  if (!own.length) return;
  let told = [];
  const shown = new Set(own.filter(({ topic }) => BEGINS_OR_ENDS.includes(topic)).map((leaf) => leaf.position));
  if (content && kind === POSTS) {
    told = content.held.flatMap(({ since, until }) => (until ? [since, until] : [since]));
    for (const leaf of own) if (told.includes(leaf.position)) shown.add(leaf.position);
  } else if (content) {
    told = content.until ? [content.since, content.until] : [content.since];
    const ends = known.filter((leaf) => leaf.topic.startsWith("key.") && !shown.has(leaf.position));
    const first = ends.map((leaf) => leaf.position).sort((a, b) => a - b)[0];
    if (first !== undefined) shown.add(first);
  }
  const same = new Set(told).size === shown.size && told.every((position) => shown.has(position));
  if (content === null || !same)
    throw notProved(
      "名册所载的任免或密钥变动与证据包中的事实不符",
      "the facts in the bundle are not those that the roll knows of",
    );
}

// Check that all facts about an enterprise are in hand that a roll asked about it reflects.
export function checkComplete(rolls, leaves, enterprise) {
  const about = leaves.filter((leaf) => leaf.tags.has(`org:${enterprise}`));
  for (const { kind, id, content, upto, of } of rolls) {
    if (kind !== REPORTS || content === null || id !== enterprise) continue;
    const reflected = about.filter((leaf) => leaf.position <= upto);
    const chain = reflected.reduce((before, leaf) => sha256(concat(before, leaf.hash)), new Uint8Array(32));
    if (reflected.length !== content.count || toHex(chain) !== content.chain)
      throw notProved(
        `该单位的事实不全：名册载有 ${content.count} 条`,
        `facts about the enterprise are left out: the roll knows of ${content.count}`,
        of,
      );
  }
}
