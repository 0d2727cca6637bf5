// Evidence bundles: opening one, the same as open_bundle in domain/proof/bundle.py. Whatever is in a
// bundle is checked, and nothing may be there that is not needed.

import { compareTexts, concat, fromHex, fromUtf8, readHash, toHex, toUtf8 } from "./bytes.js";
import { readJson } from "./json.js";
import { at, beforeFirst, follow, readLeaf } from "./leaf.js";
import { verifyConsistency, verifyInclusion } from "./merkle.js";
import { compareSignatures, writeNote } from "./note.js";
import { Refused, invalid, notProved } from "./refused.js";
import { TAKEN, checkComplete, lookUpTaken } from "./rolls.js";
import { sha256 } from "./sha2.js";
import { UUID, fields, integer, isObject, list, maybe, oneOf, text } from "./shape.js";
import { checkSignatures } from "./standing.js";
import { readTrace } from "./traced.js";

export const MAX_BUNDLE = 20000000;
const NOUNS = {
  report: ["report"],
  order: ["order"],
  hazard: ["hazard", "ledger_row"],
  inspection: ["inspection"],
  expert_inspection: ["expert_inspection"],
  trace: ["organisation"],
  extract: ["organisation"],
};
const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const PATH = list(integer(0));
const BUNDLE = fields({
  bundle: oneOf("daocha.bundle/v1"),
  about: fields({ kind: oneOf(...Object.keys(NOUNS)), id: UUID }),
  checkpoint: text(),
  hashes: list(text()),
  leaves: list(fields({ leaf: text(), path: PATH }), { min: 1 }),
  seen: list(fields({ size: integer(1), path: PATH })),
  rolls: list(
    fields({
      position: integer(1),
      id: text({ min: 1 }),
      entries: list(fields({ index: integer(0), leaf: text(), path: PATH }), { max: 2 }),
    }),
  ),
  disclosed: list(
    fields({
      position: integer(1),
      path: text({ min: 1 }),
      salt: text({ pattern: /^[0-9a-f]{32}$/ }),
      value: text(),
    }),
  ),
  trace: maybe(text()),
});

export function openBundle(data, trust) {
  const bundle = readBundle(data);
  const trusted = trust.open(toUtf8(bundle.checkpoint));
  if (trusted.note.unknown.length)
    throw notProved("检查点上有未知的签名", "an unknown key signed the checkpoint");
  const signed = [...trusted.note.signatures].sort(compareSignatures);
  if (writeNote(trusted.note.text, signed) !== bundle.checkpoint)
    throw invalid("检查点的签名未按序排列", "the checkpoint's signatures are not in order");
  const hashes = new Hashes(bundle.hashes);
  const list = checkLeaves(bundle.leaves, trusted.checkpoint, hashes);
  checkRecords(list);
  const signatures = checkSignatures(list, trusted.checkpoint.origin);
  checkSeen(bundle.seen, signatures, trusted.checkpoint, hashes);
  const leaves = new Map(list.map((leaf) => [leaf.position, leaf]));
  const rolls = checkRolls(bundle.rolls, leaves, hashes);
  hashes.checkAllUsed();
  checkNeeded(bundle.about, list, rolls);
  const disclosed = checkDisclosed(bundle.disclosed, leaves);
  if ((bundle.trace !== undefined) !== (bundle.about.kind === "trace"))
    throw invalid("倒查结论缺失或多余", "the trace is missing or too much");
  let trace = null;
  if (bundle.trace !== undefined) {
    const nameAt = (position) => disclosed.get(`${position} name`);
    trace = readTrace(bundle.trace, leaves, nameAt, bundle.about.id);
    checkComplete(rolls, list, bundle.about.id);
  }
  return { about: bundle.about, trusted, leaves, signatures, rolls, disclosed, trace };
}

function readBundle(data) {
  if (data.length > MAX_BUNDLE) throw invalid("证据包过大", "the bundle is too large");
  let bundle;
  try {
    bundle = readJson(fromUtf8(data));
  } catch (error) {
    if (error instanceof Refused) throw invalid("证据包不是规范 JSON", "the bundle is not canonical JSON");
    if (error instanceof TypeError) throw invalid("不是证据包", "not an evidence bundle: not UTF-8");
    throw error;
  }
  if (!BUNDLE(bundle)) throw invalid("不是证据包", "not an evidence bundle");
  return bundle;
}

// The bundle's hashes: each stands once, in the order of first use, and every one is used.
class Hashes {
  constructor(texts) {
    if (new Set(texts).size !== texts.length) throw invalid("散列值重复", "a hash stands twice");
    this.hashes = texts.map(readHash);
    this.used = 0;
  }

  path(numbers) {
    for (const number of numbers) {
      if (number > this.used || number >= this.hashes.length)
        throw invalid("散列值未按使用次序排列", "the hashes are not in order of use");
      this.used = Math.max(this.used, number + 1);
    }
    return numbers.map((number) => this.hashes[number]);
  }

  checkAllUsed() {
    if (this.used !== this.hashes.length) throw invalid("有多余的散列值", "there are hashes that nothing uses");
  }
}

const isRising = (items, compare) =>
  items.every((item, i) => i === 0 || compare(items[i - 1], item) < 0);

function checkLeaves(found, { origin, size, root }, hashes) {
  const leaves = found.map((proved) => {
    const leaf = readLeaf(proved.leaf);
    at(leaf, () =>
      verifyInclusion(BigInt(leaf.position) - 1n, size, leaf.hash, hashes.path(proved.path), root),
    );
    return leaf;
  });
  if (!isRising(leaves, (a, b) => a.position - b.position))
    throw invalid("事实未按位置排列", "the leaves are not in order");
  const [opened] = leaves;
  if (opened.position !== 1 || opened.data.origin !== origin)
    throw notProved("缺少本台账的第一条事实", "the log's first fact is not in the bundle");
  return leaves;
}

// Check that of each record everything is there from its first fact on, without a gap.
function checkRecords(leaves) {
  const versions = new Map();
  for (const leaf of leaves) {
    if (leaf.version !== (versions.get(leaf.record) ?? 0) + 1)
      at(leaf, () => {
        throw notProved("其所在档案之前的事实不全", "earlier facts of its record are left out");
      });
    versions.set(leaf.record, leaf.version);
  }
}

// Check that what the signers saw is the beginning of this log, and that no more is there.
function checkSeen(found, signatures, { size, root }, hashes) {
  const heads = signatures.map(({ statement }) => statement.seen);
  const sizes = [...new Set(heads.map((head) => head.size))].sort((a, b) => a - b);
  if (found.length !== sizes.length || found.some((tree, i) => tree.size !== sizes[i]))
    throw notProved("签署人所见的树缺少证明或有多余", "a tree that was seen is missing or too much");
  const paths = new Map(found.map((tree) => [tree.size, hashes.path(tree.path)]));
  for (const head of heads)
    verifyConsistency(BigInt(head.size), size, paths.get(head.size), fromHex(head.root), root);
}

function checkRolls(found, leaves, hashes) {
  const byPlace = (a, b) => a.position - b.position || compareTexts(a.id, b.id);
  if (!isRising(found, byPlace)) throw invalid("名册未按位置排列", "the rolls are not in order");
  const list = [...leaves.values()];
  const taken = list.filter((leaf) => leaf.topic === TAKEN).map((leaf) => leaf.position);
  const asked = new Set(found.map((each) => each.position));
  if (taken.length !== asked.size || !taken.every((position) => asked.has(position)))
    throw notProved("名册缺失或多余", "a roll is missing or too much");
  return found.map(({ position, id, entries }) =>
    at(leaves.get(position), () => {
      const parts = entries.map(({ index, leaf, path }) => ({ index, leaf, path: hashes.path(path) }));
      return lookUpTaken(leaves.get(position), id, parts, list);
    }),
  );
}

// Facts that are about nobody, and bear on every trace.
const RULES = ["setting.changed", "calendar.day_decided"];

// Check that the subject is there, and nothing that has nothing to do with it.
function checkNeeded(about, leaves, rolls) {
  const isSubject = (leaf) =>
    leaf.record === about.id && NOUNS[about.kind].includes(beforeFirst(leaf.topic, "."));
  if (!leaves.some(isSubject))
    throw notProved("证据包中没有其所称的事项", "the bundle's subject is not in it");
  const named = new Set([about.id]);
  const isRule = (leaf) => about.kind === "trace" && RULES.includes(leaf.topic);
  let rest = leaves.slice(1).filter((leaf) => leaf.topic !== TAKEN && !isRule(leaf));
  while (rest.length) {
    const needed = new Set(rest.filter((leaf) => [...leaf.about].some((id) => named.has(id))));
    if (!needed.size)
      at(rest[0], () => {
        throw notProved("与所证事项无关", "it has nothing to do with the subject");
      });
    for (const leaf of needed) for (const [id] of leaf.text.matchAll(ID)) named.add(id);
    rest = rest.filter((leaf) => !needed.has(leaf));
  }
  if (rolls.some((looked) => !named.has(looked.id)))
    throw notProved("名册所问与事项无关", "a roll is asked about something else");
}

// The disclosed values, by position and path.
function checkDisclosed(found, leaves) {
  const byPlace = (a, b) => a.position - b.position || compareTexts(a.path, b.path);
  if (!isRising(found, byPlace)) throw invalid("公开的内容未按位置排列", "what is disclosed is not in order");
  const disclosed = new Map();
  for (const { position, path, salt, value } of found) {
    const sealed = leaves.has(position) ? follow(leaves.get(position).data, path) : undefined;
    if (!isObject(sealed) || sealed.digest !== sealDigest(value, fromHex(salt)))
      throw notProved("公开的内容与摘要不符", "a disclosed value does not fit", `${position} ${path}`);
    disclosed.set(`${position} ${path}`, value);
  }
  return disclosed;
}

const sealDigest = (value, salt) =>
  toHex(sha256(concat(toUtf8("daocha.sealed/v1\n"), salt, toUtf8(value))));
