// What a person sees: choose a file, read what it proves. Everything shown is set as text, never as
// markup, because it comes from files of strangers.

import { toHex } from "./bytes.js";
import { openBundle } from "./bundle.js";
import { claimWords, claimsOf, momentOf } from "./claims.js";
import { readJson } from "./json.js";
import { attachedTo, isPdf } from "./pdf.js";
import { Refused } from "./refused.js";
import { sha256 } from "./sha2.js";
import { readTrust } from "./trust.js";

// Claims that speak against what the document says, and claims to take note of.
const GRAVE = ["hazard_before_signing", "not_filed", "filed_late", "withdrawn", "signature_missing"];
const NOTED = ["printed_words", "simulated", "one_person_two_posts", "hazard_after_signing", "hazard_still_open", "not_witnessed"];

// What the verdict tells at once: what the file is about, and whatever speaks against it.
const GIST = [
  "report_filed", "zero_in_effect", "signature_missing", "order_issued", "hazard_life", "trace_rests_on_facts",
  "printed_words", "simulated", "not_witnessed", ...GRAVE,
];

// Of a bundle that came inside a document on paper: its print is nothing that can be checked.
const PRINTED = { key: "printed_words", values: {}, facts: [] };

let data = null;
let language = "zh";
let trust = null; // { text, builtIn }
let file = null; // { name, bytes, checked }, and { bundle } or { error } of what is in it
let outcome = {}; // what they come to: { policy, evidence }, or { error } of either

export function show(given) {
  data = given;
  if (data.trust) trust = { text: data.trust, builtIn: true };
  if (!/^zh/i.test(navigator.language ?? "zh")) language = "en";
  for (const button of document.querySelectorAll("[data-language]"))
    button.addEventListener("click", () => {
      language = button.dataset.language;
      draw();
    });
  const input = document.getElementById("bundle");
  input.addEventListener("change", () => {
    take([...input.files]); // the list itself is emptied with the input
    input.value = "";
  });
  takeDrops();
  check();
  draw();
}

function takeDrops() {
  const drop = document.getElementById("drop");
  addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  addEventListener("dragleave", () => drop.classList.remove("over"));
  addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    take([...event.dataTransfer.files]);
  });
}

// Files may come in any order: a trust policy has a line that begins with "quorum", a bundle is JSON.
async function take(files) {
  for (const each of files) {
    const bytes = new Uint8Array(await each.arrayBuffer());
    if (isTrust(bytes)) trust = { text: new TextDecoder().decode(bytes).replaceAll("\r\n", "\n"), builtIn: false };
    else file = { name: each.name, bytes, checked: new Date(), ...(await bundleIn(bytes)) };
  }
  check();
  draw();
  const answer = document.getElementById("answer");
  if (!answer.hidden) answer.focus();
}

// The bundle is the file itself, or stands in a document on paper.
async function bundleIn(bytes) {
  if (!isPdf(bytes)) return { bundle: bytes };
  try {
    return { bundle: await attachedTo(bytes), onPaper: true };
  } catch (error) {
    return { error };
  }
}

const isTrust = (bytes) => bytes[0] !== 0x7b && !isPdf(bytes) && /^[ \t]*quorum[ \t]/m.test(new TextDecoder().decode(bytes));

function draw() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  document.title = word("document");
  for (const each of document.querySelectorAll("[data-word]")) each.textContent = word(each.dataset.word);
  for (const button of document.querySelectorAll("[data-language]"))
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  document.getElementById("trust").replaceChildren(...trustParts(outcome));
  const answer = document.getElementById("answer");
  answer.hidden = file === null;
  answer.replaceChildren(...(file ? answerParts(outcome) : []));
}

// Read the policy and open the bundle, as far as they are there: once, not for each language.
function check() {
  outcome = {};
  try {
    outcome.policy = trust && readTrust(trust.text);
    if (file?.error) throw file.error;
    outcome.evidence = trust && file && openBundle(file.bundle, outcome.policy);
  } catch (error) {
    outcome.error = error;
  }
}

function word(name, values = {}) {
  return data.words[language][name].replace(/\{([a-z_]+)\}/g, (_, key) => String(values[key]));
}

function element(name, attributes = {}, ...content) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...content);
  return made;
}

const paragraph = (text, kind = "") => element("p", kind ? { class: kind } : {}, text);
const panel = (title, ...content) =>
  element("section", { class: "panel" }, element("h2", {}, word(title)), ...content);

function definitions(rows) {
  const parts = rows.flatMap(([term, ...values]) => [
    element("dt", {}, term),
    ...values.map((value) => element("dd", {}, value)),
  ]);
  return element("dl", { class: "who" }, ...parts);
}

// The trust policy.

function trustParts({ policy, error }) {
  const choose = element("label", { class: "button plain", for: "bundle" });
  choose.textContent = word(trust ? "trust_other" : "choose_trust");
  if (!trust) return [paragraph(word("trust_missing")), element("p", {}, choose)];
  if (!policy) return [paragraph(`${word("bad_trust")}：${said(error)}`), element("p", {}, choose)];
  const rows = [
    [word("trust_log"), ...policy.logs.keys()],
    [word("trust_quorum"), quorumWords(policy)],
  ];
  return [
    paragraph(word(trust.builtIn ? "trust_built_in" : "trust_chosen")),
    definitions(rows),
    element("p", {}, choose),
  ];
}

function quorumWords(policy) {
  const describe = (name) => {
    const group = policy.groups.get(name);
    if (!group) return policy.witnesses.get(name).key.name;
    const names = group.members.map(describe).join(language === "zh" ? "、" : ", ");
    return `（${word("quorum_group", { names, needed: group.needed })}）`;
  };
  if (policy.quorum === "none") return word("quorum_none");
  if (policy.groups.has(policy.quorum)) return describe(policy.quorum).slice(1, -1);
  return word("quorum_one", { name: describe(policy.quorum) });
}

// The answer.

function answerParts({ policy, evidence, error }) {
  if (!trust) return [verdict("unsure", "?", word("unsure"), word("unsure_trust"))];
  return error ? badParts(error) : goodParts(evidence, policy);
}

function verdict(kind, sign, title, lead, ...more) {
  const mark = element("span", { class: "sign", "aria-hidden": "true" }, sign);
  const words = [element("h2", {}, title), paragraph(lead), ...more];
  return element("div", { class: `verdict ${kind}`, role: "status" }, mark, ...words);
}

const said = (error) =>
  error instanceof Refused ? error[language] : `${word("unreadable")} (${error?.message ?? error})`;

function badParts(error) {
  const rows = [
    [word("file"), file.name],
    [word("reason"), said(error)],
  ];
  if (error.where) rows.push([word("where"), error.where]);
  const now = [word("what_now_bad"), word("what_now_trust")];
  rows.push([word("what_now"), ...now], ...fileRows());
  return [
    verdict("bad", "✗", word("bad"), word("bad_lead")),
    element("section", { class: "panel" }, definitions(rows)),
    tools(),
  ];
}

function goodParts(evidence, policy) {
  const { proved, open: others } = claimsOf(evidence);
  const open = file.onPaper ? [PRINTED, ...others] : others;
  return [
    goodVerdict([...proved, ...open]),
    panel("proved", claimList("proved", proved)),
    panel("by_whom", definitions(byWhom(evidence, policy, proved))),
    panel("not_proved", paragraph(word("not_proved_lead"), "quiet"), claimList("open", open)),
    panel("facts", paragraph(word("facts_lead"), "quiet"), ...factParts(evidence)),
    element("section", { class: "panel" }, definitions([[word("file"), file.name], ...fileRows()])),
    tools(),
  ];
}

const toneOf = ({ key }) => (GRAVE.includes(key) ? "grave" : NOTED.includes(key) ? "note" : "usual");

// A genuine file may well show that something is wrong: then it is not told in green.
function goodVerdict(claims) {
  const grave = claims.some(({ key }) => GRAVE.includes(key));
  const [kind, sign, title] = grave ? ["noted", "!", "good_but"] : ["good", "✓", "good"];
  return verdict(kind, sign, word(title), word("good_lead"), gist(claims));
}

function gist(claims) {
  const told = claims.filter(({ key }) => GIST.includes(key));
  const items = told.map((claim) =>
    element("li", { class: toneOf(claim) }, claimWords(claim, language, data.claims)),
  );
  return element("ul", { class: "gist" }, ...items);
}

function claimList(kind, claims) {
  const items = claims.map((claim) => {
    const facts = claim.facts.length > 6 ? [...claim.facts.slice(0, 6), "…"] : claim.facts;
    const item = element("li", { class: toneOf(claim), "data-claim": claim.key });
    item.append(element("span", { class: "words" }, claimWords(claim, language, data.claims)));
    if (facts.length)
      item.append(" ", element("small", { class: "quiet" }, word("refs", { facts: facts.join(language === "zh" ? "、" : ", ") })));
    return item;
  });
  return element("ul", { class: `claims ${kind}` }, ...items);
}

function byWhom({ trusted, leaves }, policy, proved) {
  const { origin, size } = trusted.checkpoint;
  const logs = new Set(policy.logs.get(origin).map(({ key }) => key.label));
  const keys = trusted.note.signatures.filter(({ name, id }) => logs.has(`${toHex(id)} ${name}`));
  const witnesses = trusted.cosigned.map(
    ({ name, at }) => `${name} · ${at === null ? word("at_unknown") : `${momentOf(at)}（${word("beijing")}）`}`,
  );
  const signed = proved.filter((claim) => claim.key === "signed");
  const signers = signed.map((claim) => {
    const { values } = claim;
    const person = claimWords({ key: "signer", values }, language, { claims: { signer: SIGNER }, labels: data.claims.labels });
    return word("signer_words", { ...values, person });
  });
  const jurisdiction = leaves.get(1).data.jurisdiction;
  return [
    [word("log"), typeof jurisdiction === "string" ? `${origin}（${jurisdiction}）` : origin],
    [word("log_key"), ...keys.map(({ id }) => toHex(id))],
    [word("witnesses"), ...(witnesses.length ? witnesses : [word("no_witness")])],
    [word("required"), quorumWords(policy)],
    [word("as_of"), word("as_of_words", { size })],
    [word("signers"), ...(signers.length ? signers : [word("no_signers")])],
  ];
}

const SIGNER = { zh: "{person}，{organisation}{post}", en: "{person}, {post} of {organisation}" };

function factParts({ leaves, disclosed, trace }) {
  const { labels } = data.claims;
  const parts = [...leaves.values()].map((leaf) => {
    const topic = labels[`topic.${leaf.topic}`]?.[language] ?? leaf.topic;
    const head = `${word("fact", { position: leaf.position })} · ${topic}`;
    const summary = element("summary", {}, head, element("span", { class: "quiet" }, leaf.recorded));
    return element("details", { id: `fact-${leaf.position}` }, summary, laidOut(readJson(leaf.text)));
  });
  if (disclosed.size) {
    const lines = [...disclosed].map(([place, value]) => {
      const [position, path] = [place.slice(0, place.indexOf(" ")), place.slice(place.indexOf(" ") + 1)];
      return element("li", {}, word("disclosed_words", { position, path, value }));
    });
    parts.push(element("h3", {}, word("disclosed")), element("ul", { class: "plain" }, ...lines));
  }
  if (trace) parts.push(element("details", {}, element("summary", {}, word("trace")), laidOut(trace)));
  return parts;
}

const laidOut = (value) => element("pre", { tabindex: "0" }, JSON.stringify(value, null, 2));

const fileRows = () => [
  [word("digest"), toHex(sha256(file.bytes))],
  [word("checked"), file.checked.toLocaleString(language === "zh" ? "zh-CN" : "en")],
];

function tools() {
  const print = element("button", { type: "button", class: "button plain" }, word("print"));
  print.addEventListener("click", () => window.print());
  return element("p", { class: "tools" }, print);
}
