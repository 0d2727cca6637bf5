/* The page for inspecting on site. What is filled in is kept at once; sending is in
   site_sending.js, keeping in site_store.js. Every word is in the page itself. */

import { LOCK, acts, isOnRecord, refresh, sendAll } from "./site_sending.js";
import { all, drop, get, goBy, now, put, uuid } from "./site_store.js";

const WORDS = JSON.parse(document.getElementById("words").textContent);
const at = (id) => document.getElementById(id);
const say = (key, values = {}) =>
  WORDS[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
const AGAIN = 30000;
const WIDEST = 1600;
const TONES = { draft: "grey", waiting: "amber", refused: "red", sent: "green" };

let pack = null;
let draft = null;

function make(tag, text = "", attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function button(text, act, plain = true) {
  const made = make("button", text, { type: "button", ...(plain ? { class: "plain" } : {}) });
  made.addEventListener("click", act);
  return made;
}

/* A local time as its field takes it, and back with the zone of this device. */
const inField = (moment) => (moment ? moment.slice(0, 16) : "");
const fromField = (text, before) => {
  if (!text) return "";
  return inField(before) === text ? before : `${text}:00${now().slice(19)}`;
};

/* The line on top, and the list of what is on this device. */

async function show() {
  const drafts = await all("draft");
  const photos = (await all("photo")).filter((photo) =>
    isOnRecord(drafts.find((each) => each.id === photo.draft)));
  const own = drafts.filter((each) => !pack || each.person === pack.me.person);
  const unsent = own.filter((each) => each.state !== "sent").length;
  const count = unsent ? say("unsent", { n: unsent }) : own.length ? say("all_sent") : "";
  const more = photos.length ? ` ${say("photos_unsent", { n: photos.length })}` : "";
  at("count").textContent = count + more;
  at("net").textContent = say(navigator.onLine ? "online" : "offline");
  at("net").className = `tag ${navigator.onLine ? "green" : "amber"}`;
  at("who").textContent = pack ? `${say("as")} ${pack.me.name ?? ""}` : say("nobody");
  at("others").hidden = own.length === drafts.length;
  at("others").textContent = say("others", { n: drafts.length - own.length });
  own.sort((one, other) => (one.begun < other.begun ? 1 : -1));
  const left = (each) => photos.filter((photo) => photo.draft === each.id);
  at("drafts").replaceChildren(...(own.length ? own.map((each) => card(each, left(each)))
    : [make("li", say("empty"), { class: "empty" })]));
  at("planned").replaceChildren(...agenda());
  at("new").disabled = !pack;
  if (!pack) stop("no_pack");
}

function stop(key) {
  at("stop").replaceChildren(make("span", say(key)));
  at("stop").hidden = false;
  if (key !== "insecure") {
    const lang = document.documentElement.lang === "en" ? "lang=en&" : "";
    const back = encodeURIComponent(location.pathname + location.search);
    at("stop").append(" ", make("a", say("sign_in_now"), { href: `/sign-in?${lang}back=${back}` }));
  }
}

/* A photograph that was refused says why, and is sent again or given up by a person, never lost. */
function refusedPhoto(photo) {
  const box = problem(photo.problem);
  const go = make("div", "", { class: "go" });
  go.append(button(say("photo_again"), async () => {
    await put("photo", { ...photo, problem: null });
    await send();
  }), button(say("photo_remove"), async () => {
    await drop("photo", photo.id);
    await show();
  }));
  box.append(go);
  return box;
}

function card(each, photos) {
  const item = make("li", "", { class: each.state });
  const head = make("p");
  head.append(make("b", each.enterpriseName || "—"), " ",
    make("span", say(`state.${each.state}`), { class: `tag ${TONES[each.state]}` }));
  item.append(head, make("p", inField(each.begun).replace("T", " "), { class: "quiet" }));
  if (each.problem) item.append(problem(each.problem));
  if (each.note) item.append(make("p", say(each.note)));
  const go = make("div", "", { class: "go" });
  const isRecorded = isOnRecord(each);
  if (isRecorded) {
    const lang = document.documentElement.lang === "en" ? "?lang=en" : "";
    go.append(make("a", say("see"), { class: "button", href: `/inspections/${each.record}${lang}` }));
  }
  for (const photo of photos.filter((one) => one.problem)) item.append(refusedPhoto(photo));
  if (isRecorded && !photos.length) {
    go.append(button(say("clear"), async () => {
      await drop("draft", each.id);
      await show();
    }));
  }
  if (each.state !== "sent") {
    const word = each.state === "draft" ? "edit" : "mend";
    go.append(button(say(word), () => edit(each.id), false));
  }
  item.append(go);
  return item;
}

function problem(told) {
  const box = make("div", "", { class: "refusal-told", role: "alert" });
  const clause = told.clause ? `（${say("clause", { clause: told.clause })}）` : "";
  box.append(make("p", say("problem") + told.detail + clause));
  for (const each of told.errors ?? []) box.append(make("p", each.detail));
  if (told.todo) box.append(make("p", say("todo") + told.todo));
  return box;
}

function agenda() {
  const planned = pack?.planned ?? [];
  if (!planned.length) return [make("li", say("no_planned"), { class: "empty" })];
  return planned.map((each) => {
    const place = pack.enterprises.find((one) => one.id === each.enterprise);
    const item = make("li");
    item.append(make("b", place?.name ?? each.enterprise),
      make("p", say("by_day", { day: each.day }), { class: "quiet" }));
    const go = make("div", "", { class: "go" });
    go.append(button(say("begin"), () => begin(place, each.record)));
    item.append(go);
    return item;
  });
}

/* The editor */

async function begin(place, record) {
  const id = uuid();
  const mine = pack.me.posts[0];
  const moment = now();
  draft = {
    id, person: pack.me.person, command: uuid(), record: record ?? uuid(), state: "draft",
    enterprise: place?.id ?? "", enterpriseName: place?.name ?? "", kind: "routine",
    post: mine?.post ?? "", body: mine?.organisation ?? "", begun: moment, until: "", place: "",
    number: `JC${moment.slice(0, 16).replace(/\D/g, "")}-${id.slice(-4)}`,
    officers: [], standard: "", standardName: "", findings: [], signedBy: [],
    signing: { how: "", person: "", name: "", reason: "", witness: "", at: "" },
    problem: null, note: "", sent: "",
  };
  await put("draft", draft);
  await edit(id);
}

async function edit(id) {
  // Not while it is being sent: what comes of that is waited for.
  draft = await navigator.locks.request(LOCK, async () => {
    const found = await get("draft", id);
    if (!found || found.state === "sent") return null;
    if (found.state !== "draft") await put("draft", { ...found, state: "draft" });
    return { ...found, state: "draft" };
  });
  if (!draft) {
    await show();
    return;
  }
  at("places").replaceChildren(...pack.enterprises.map((each) =>
    make("option", each.code, { value: each.name })));
  at("enterprise").value = draft.enterpriseName;
  at("kind").value = draft.kind;
  choices("post", pack.me.posts.map((each) =>
    [each.post, `${each.organisation_name} · ${each.title}`]), draft.post);
  at("begun").value = inField(draft.begun);
  at("until").value = inField(draft.until);
  at("place").value = draft.place;
  choices("standard", [["", say("no_standard")],
    ...pack.standards.map((each) => [each.id, each.name])], draft.standard);
  ticks("officers", pack.officers, draft.officers.map((each) => each.person));
  for (const name of ["how", "name", "reason", "witness"]) at(name).value = draft.signing[name];
  people();
  signers();
  standard();
  await findings();
  signing();
  at("lacks").hidden = true;
  at("editor").hidden = false;
  at("queue").hidden = true;
  at("agenda").hidden = true;
  at("editor-title").focus();
}

function choices(id, options, chosen) {
  at(id).replaceChildren(...options.map(([value, text]) => make("option", text, { value })));
  at(id).value = chosen;
}

function ticks(id, people, chosen) {
  at(id).replaceChildren(...people.map((each) => {
    const row = make("div", "", { class: "tick" });
    const box = make("input", "", { type: "checkbox", id: `${id}-${each.person}`,
      value: each.person });
    box.checked = chosen.includes(each.person);
    const number = each.certificate ? `（${each.certificate}）` : "";
    row.append(box, make("label", `${each.name} · ${each.title}${number}`, { for: box.id }));
    return row;
  }));
}

const ticked = (id) =>
  [...at(id).querySelectorAll("input:checked")].map((box) => box.value);

function signers() {
  const chosen = pack.officers.filter((each) => ticked("officers").includes(each.person));
  ticks("signers", chosen, draft.signedBy);
}

function people() {
  const here = pack.people.filter((each) => each.enterprise === draft.enterprise);
  choices("person", [...here.map((each) => [each.person, `${each.name} · ${each.title}`]),
    ["", say("person_other")]], draft.signing.person);
}

function signing() {
  at("signing").hidden = !at("how").value;
  at("of-name").hidden = Boolean(at("person").value);
  for (const each of document.querySelectorAll(".refusal")) {
    each.hidden = at("how").value !== "refused";
  }
}

function standard() {
  const chosen = pack.standards.find((each) => each.id === at("standard").value);
  at("items").replaceChildren(...(chosen?.items ?? []).map((text) => {
    const row = make("li");
    row.append(button(text, () => addFinding(text)));
    return row;
  }));
}

async function addFinding(text = "") {
  draft.findings.push({ id: uuid(), hazard: uuid(), at: now(), text, isHazard: true,
    isMajor: false, isUnlawful: false, onSpot: false });
  await keep();
  await findings();
  at("findings").lastElementChild.querySelector("textarea").focus();
}

async function findings() {
  const photos = (await all("photo")).filter((photo) => photo.draft === draft.id);
  const boxes = await Promise.all(draft.findings.map((finding, index) =>
    box(finding, index, photos.filter((photo) => photo.finding === finding.id))));
  at("findings").replaceChildren(...(boxes.length ? boxes
    : [make("p", say("no_findings"), { class: "quiet" })]));
}

async function box(finding, index, photos) {
  const made = at("finding").content.firstElementChild.cloneNode(true);
  made.querySelector("legend").textContent = say("finding", { n: index + 1 });
  for (const field of made.querySelectorAll("[data-is]")) {
    const name = field.dataset.is;
    const label = field.parentElement.querySelector("label");
    if (name === "remove") {
      field.addEventListener("click", () => remove(finding, photos));
      continue;
    }
    field.id = `${name}-${finding.id}`;
    label.htmlFor = field.id;
    if (field.type === "checkbox") field.checked = finding[name];
    else field.value = finding[name];
    field.addEventListener("input", () => {
      finding[name] = field.type === "checkbox" ? field.checked : field.value;
    });
  }
  made.querySelector("input[type=file]").addEventListener("change", (event) =>
    photograph(finding, event.target.files));
  const shown = await Promise.all(photos.map(figure));
  made.querySelector(".photos").append(...shown);
  return made;
}

async function remove(finding, photos) {
  for (const photo of photos) await drop("photo", photo.id);
  draft.findings = draft.findings.filter((each) => each.id !== finding.id);
  await keep();
  await findings();
}

/* A photograph is kept as JPEG, no wider than is needed to see what it shows. */
async function photograph(finding, files) {
  for (const file of files) {
    const image = await createImageBitmap(file);
    const scale = Math.min(1, WIDEST / Math.max(image.width, image.height));
    const canvas = make("canvas");
    canvas.width = Math.round(image.width * scale);
    canvas.height = Math.round(image.height * scale);
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.8); });
    await put("photo", { id: uuid(), draft: draft.id, finding: finding.id, captured: now(), blob });
  }
  await findings();
}

async function figure(photo) {
  const made = make("figure");
  const canvas = make("canvas", "", { role: "img",
    "aria-label": say("photo_of", { at: inField(photo.captured).replace("T", " ") }) });
  const image = await createImageBitmap(photo.blob);
  canvas.width = 160;
  canvas.height = Math.round((160 * image.height) / image.width);
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  made.append(canvas, make("figcaption", inField(photo.captured).replace("T", " ")),
    button(say("photo_remove"), async () => {
      await drop("photo", photo.id);
      await findings();
    }));
  return made;
}

/* Keeping: at every change, and before the page goes. */

function read() {
  const place = pack.enterprises.find((each) =>
    [each.name, each.code, each.id].includes(at("enterprise").value.trim()));
  const post = pack.me.posts.find((each) => each.post === at("post").value);
  const list = pack.standards.find((each) => each.id === at("standard").value);
  const moved = place?.id !== draft.enterprise;
  const officers = ticked("officers");
  const how = at("how").value;
  Object.assign(draft, {
    enterprise: place?.id ?? "", enterpriseName: place?.name ?? at("enterprise").value,
    kind: at("kind").value, post: post?.post ?? "", body: post?.organisation ?? "",
    begun: fromField(at("begun").value, draft.begun), until: fromField(at("until").value, draft.until),
    place: at("place").value, standard: list?.id ?? "", standardName: list?.name ?? "",
    officers: pack.officers.filter((each) => officers.includes(each.person)).map((each) => ({
      person: each.person, post: each.post, certificate: each.certificate || undefined,
    })),
    signedBy: ticked("signers"),
    signing: {
      how, person: how ? at("person").value : "", name: at("name").value,
      reason: at("reason").value, witness: at("witness").value,
      at: how === draft.signing.how && draft.signing.at ? draft.signing.at : now(),
    },
  });
  return moved;
}

async function keep() {
  const moved = read();
  await put("draft", draft);
  if (moved) people();
  at("saved").textContent = say("saved");
}

function lacking() {
  const lacks = [];
  if (!draft.enterprise) lacks.push(say("enterprise"));
  if (!draft.begun) lacks.push(say("begun"));
  if (!draft.officers.length) lacks.push(say("officers"));
  draft.findings.forEach((finding, index) => {
    if (!finding.text.trim()) lacks.push(say("lacks_text", { n: index + 1 }));
  });
  const { how, person, name, reason, witness } = draft.signing;
  if (how === "signed" && !person && !name.trim()) lacks.push(say("lacks_name"));
  if (how === "refused" && !(reason.trim() && witness.trim())) lacks.push(say("lacks_witness"));
  return lacks;
}

async function finish(event) {
  event.preventDefault();
  await keep();
  const lacks = lacking();
  at("lacks").hidden = !lacks.length;
  if (lacks.length) {
    at("lacks").textContent = say("lacks", { what: lacks.join("、") });
    return;
  }
  draft.until ||= now();
  draft.state = "waiting";
  draft.problem = null;
  draft.note = "";
  draft.sent = JSON.stringify({ acts: acts(draft), by_post: draft.post });
  await put("draft", draft);
  await close();
  await send();
}

async function close() {
  draft = null;
  at("editor").hidden = true;
  at("queue").hidden = false;
  at("agenda").hidden = false;
  await show();
}

async function erase() {
  const sure = at("delete");
  if (sure.textContent !== say("sure")) {
    sure.textContent = say("sure");
    return;
  }
  for (const photo of await all("photo")) {
    if (photo.draft === draft.id) await drop("photo", photo.id);
  }
  await drop("draft", draft.id);
  sure.textContent = say("delete");
  await close();
}

/* Sending: when asked, when the connection comes back, and now and then. */

async function send() {
  const left = await sendAll(() => { if (!draft) show(); });
  pack = (await get("pack", "pack")) ?? pack;
  at("stop").hidden = true;
  if (left === "signIn") stop("sign_in");
  if (!draft) await show();
}

async function start() {
  pack = (await get("pack", "pack")) ?? null;
  goBy(pack);
  await show();
  if (!("serviceWorker" in navigator)) {
    stop("insecure");
  } else {
    await navigator.serviceWorker.register("/inspections/worker.js");
    await navigator.serviceWorker.ready;
    at("ready").textContent = say("ready");
    navigator.storage?.persist?.();
  }
  const fresh = await refresh();
  if (fresh) {
    pack = fresh;
    at("stop").hidden = true;
    await show();
  } else if (fresh === false) {
    stop("sign_in");
  }
  if (fresh !== false) await send();
}

at("form").addEventListener("input", (event) => {
  if (event.target.type === "file") return;
  if (event.target.closest("#officers")) signers();
  signing();
  at("lacks").hidden = true;
  if (event.target.id === "standard") standard();
  keep();
});
at("form").addEventListener("submit", finish);
at("add").addEventListener("click", () => addFinding());
at("later").addEventListener("click", async () => { await keep(); await close(); });
at("delete").addEventListener("click", erase);
at("new").addEventListener("click", () => begin(null, null));
at("send").addEventListener("click", send);
addEventListener("online", send);
addEventListener("offline", () => { if (!draft) show(); });
addEventListener("pagehide", () => { if (draft) keep(); });
setInterval(() => { if (navigator.onLine) send(); }, AGAIN);
start();
