// The trust policy (C2SP tlog-policy): which logs count, which witnesses, and how many of them; the
// same as domain/proof/trust.py.

import { toHex } from "./bytes.js";
import { cosignedAt, openCheckpoint, readCosigner } from "./checkpoint.js";
import { NOTE_ED25519, noteVerifier, readKey, splitNote } from "./note.js";
import { Refused, invalid, notProved } from "./refused.js";

const NONE = "none";
const POLICY_CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f]/;

class Trust {
  constructor() {
    this.quorum = null;
    this.logs = new Map();
    this.witnesses = new Map();
    this.groups = new Map();
  }

  // The checkpoint that a note holds, who cosigned it and when, and the note.
  open(note) {
    const origin = splitNote(note)[0].split("\n", 1)[0];
    if (!this.logs.has(origin))
      throw notProved("信任策略中没有该日志", "the policy has no such log", origin);
    const cosigners = [...this.witnesses.values()];
    const [checkpoint, opened] = openCheckpoint(note, origin, this.logs.get(origin), cosigners);
    const cosigned = [];
    for (const [witness, { key }] of this.witnesses) {
      const signature = opened.signers.get(key.label);
      if (signature) cosigned.push({ witness, name: key.name, at: cosignedAt(signature) });
    }
    const names = new Set(cosigned.map((each) => each.witness));
    if (!this.agrees(this.quorum, names))
      throw notProved("附署的见证方不足", "too few witnesses cosigned", origin);
    return { checkpoint, cosigned, note: opened };
  }

  // C2SP tlog-policy, "Defining a witness group".
  agrees(name, cosigned) {
    const group = this.groups.get(name);
    if (!group) return name === NONE || cosigned.has(name);
    return group.members.filter((member) => this.agrees(member, cosigned)).length >= group.needed;
  }
}

// C2SP tlog-policy, "Policy file syntax and structure".
export function readTrust(text) {
  const reading = new Reading();
  text.split("\n").forEach((line, index) => {
    try {
      reading.line(line);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      throw invalid(`信任策略第 ${index + 1} 行：${error.zh}`, error.en, String(index + 1));
    }
  });
  if (reading.trust.quorum === null)
    throw invalid("信任策略缺少 quorum 行", "the policy has no quorum line");
  return reading.trust;
}

class Reading {
  constructor() {
    this.trust = new Trust();
    this.grouped = new Set();
    this.keys = new Set();
  }

  line(line) {
    if (POLICY_CONTROL.test(line)) throw invalid("含控制字符", "the line has control characters");
    const words = line.split(/[ \t]+/).filter((word) => word !== "");
    const [kind, name, third, ...rest] = words;
    if (words.length === 0 || kind.startsWith("#")) return;
    if (kind === "log" && (words.length === 2 || words.length === 3)) this.log(name);
    else if (kind === "witness" && (words.length === 3 || words.length === 4)) this.witness(name, third);
    else if (kind === "group" && rest.length) this.group(name, third, rest);
    else if (kind === "quorum" && words.length === 2 && this.trust.quorum === null) this.quorum(name);
    else throw invalid("格式有误或重复", "the line is malformed or stands twice");
  }

  log(vkey) {
    const key = readKey(vkey);
    const verifier = key.kind === NOTE_ED25519 ? noteVerifier(key) : readCosigner(vkey);
    this.once("log", key);
    this.trust.logs.set(key.name, [...(this.trust.logs.get(key.name) ?? []), verifier]);
  }

  witness(name, vkey) {
    this.define(name);
    const verifier = readCosigner(vkey);
    this.trust.witnesses.set(name, verifier);
    this.once("witness", verifier.key);
  }

  group(name, needed, members) {
    for (const member of members) {
      this.known(member);
      if (this.grouped.has(member)) throw invalid("同一成员只能列入一次", "a member is listed twice", member);
      this.grouped.add(member);
    }
    this.define(name);
    const count = { any: "1", all: String(members.length) }[needed] ?? needed;
    if (!/^[1-9][0-9]{0,3}$/.test(count) || Number(count) > members.length)
      throw invalid("所需成员数有误", "the number needed is malformed", needed);
    this.trust.groups.set(name, { needed: Number(count), members });
  }

  quorum(name) {
    if (name !== NONE) this.known(name);
    this.trust.quorum = name;
  }

  define(name) {
    if (name === NONE || this.trust.witnesses.has(name) || this.trust.groups.has(name))
      throw invalid("名称已被使用", "the name is taken", name);
  }

  known(name) {
    if (!this.trust.witnesses.has(name) && !this.trust.groups.has(name))
      throw invalid("名称未定义", "the name is not defined", name);
  }

  once(role, key) {
    const entry = `${role} ${toHex(key.material)}`;
    if (this.keys.has(entry)) throw invalid("同一公钥出现两次", "a key stands twice", key.name);
    this.keys.add(entry);
  }
}
