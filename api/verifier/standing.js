// What a personal signature rests on, read from the facts before it; the same as
// domain/proof/standing.py.

import { afterFirst, asText, at, readPart, sameJson } from "./leaf.js";
import { notProved } from "./refused.js";
import { PERSONAL_SIGNATURE, PUBLIC_KEY, STATEMENT, checkKey, keyId, verifyStatement } from "./signature.js";

export const SIGNED = "signature.made";
const OWN_REPORT = "report.";

// What stood before a place in the log.
class Before {
  constructor() {
    this.byHash = new Map();
    this.organisations = new Map();
    this.persons = new Map();
    this.posts = new Map();
    this.holders = new Map();
    this.keys = new Map();
  }

  add(leaf) {
    if (Object.hasOwn(READ, leaf.topic)) READ[leaf.topic](this, leaf);
    this.byHash.set(leaf.hashHex, leaf);
  }

  held(post) {
    if (!this.holders.has(post)) this.holders.set(post, new Map());
    return this.holders.get(post);
  }
}

const READ = {
  "organisation.registered": (before, leaf) => before.organisations.set(leaf.record, leaf),
  "person.registered": (before, leaf) => before.persons.set(leaf.record, leaf),
  "post.created": (before, leaf) => before.posts.set(leaf.record, leaf),
  "post.abolished": (before, leaf) => before.posts.delete(leaf.record),
  "appointment.made": (before, leaf) => {
    const held = before.held(leaf.record);
    const person = asText(leaf.data.person);
    if (!held.has(person)) held.set(person, leaf);
  },
  "appointment.ended": (before, leaf) => before.held(leaf.record).delete(asText(leaf.data.person)),
  "key.registered": (before, leaf) => {
    const key = readPart(PUBLIC_KEY, leaf, "key");
    checkKey(key);
    before.keys.delete(asText(leaf.data.replaces));
    before.keys.set(keyId(key), [key, leaf]);
  },
  "key.revoked": (before, leaf) => before.keys.delete(asText(leaf.data.key)),
};

// Check every personal signature among facts in the log's order, and return them.
export function checkSignatures(leaves, log) {
  const before = new Before();
  const signatures = [];
  for (const leaf of leaves)
    at(leaf, () => {
      if (leaf.topic === SIGNED) signatures.push(checkSignature(leaf, log, before));
      before.add(leaf);
    });
  return signatures;
}

function checkSignature(leaf, log, before) {
  const statement = readPart(STATEMENT, leaf, "statement");
  const signature = readPart(PERSONAL_SIGNATURE, leaf, "signature");
  if (statement.log !== log) throw notProved("签署的是另一份日志的文书", "it was signed for another log");
  if (statement.seen.size >= leaf.position)
    throw notProved("签署人所见不可能晚于签名", "what the signer saw is younger than this");
  const document = findDocument(leaf, statement, before);
  const [person, post, appointment] = findSigner(leaf, statement, document, before);
  const [key, registered] = before.keys.get(statement.key) ?? [];
  if (!key || registered.data.person !== person.record)
    throw notProved("签署人在此没有这把密钥", "the signer does not have this key here");
  verifyStatement(statement, key, signature);
  return { leaf, statement, document, key: registered, person, post, appointment };
}

// The document that was signed, after checking what the fact says of it.
function findDocument(leaf, statement, before) {
  const document = before.byHash.get(statement.document);
  if (!document) throw notProved("所签文书不在证据包中", "the document is not in the bundle");
  const { data } = leaf;
  if (data.document !== document.position || afterFirst(asText(data.about), ":") !== document.record)
    throw notProved("签名所称的文书是另一份", "the fact names another document");
  const { organisation } = statement;
  if (!before.organisations.has(organisation))
    throw notProved("文书所涉单位不在证据包中", "the organisation is not in the bundle");
  if (data.enterprise !== organisation || document.data.enterprise !== organisation)
    throw notProved("文书属于另一家单位", "the document is about another organisation");
  if ((statement.period ?? null) !== (document.data.month ?? null))
    throw notProved("所签文书属于另一期间", "the document is of another period");
  if (statement.after !== undefined) {
    const earlier = before.byHash.get(statement.after);
    if (earlier?.topic !== SIGNED)
      throw notProved("前一签名不在证据包中", "the earlier signature is not in the bundle");
    if (earlier.data.statement.document !== statement.document)
      throw notProved("前一签名签的是另一份文书", "the earlier signature is of another text");
  }
  return document;
}

// The signer's registration, post and appointment as they stood here.
function findSigner(leaf, statement, document, before) {
  const person = before.persons.get(statement.person);
  if (!person) throw notProved("签署人不在证据包中", "the signer is not in the bundle");
  const post = before.posts.get(statement.post);
  if (!post || !sameJson(post.data.kind, leaf.data.role))
    throw notProved("没有这一岗位，或岗位类别不符", "there is no such post of this kind");
  if (document.topic.startsWith(OWN_REPORT) && post.data.organisation !== leaf.data.enterprise)
    throw notProved("岗位属于另一家单位", "the post is of another organisation");
  const appointment = before.held(post.record).get(person.record);
  if (!appointment) throw notProved("签署人在此未担任该岗位", "the signer does not hold the post here");
  return [person, post, appointment];
}
