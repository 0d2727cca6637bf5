// The page on which a tip is written. What is typed is sealed here and leaves only as ciphertext; the
// receipt code is made here, and the server gets its digest.

import { envelope, random } from "./age.js";
import { toHex, toUtf8 } from "./verifier/bytes.js";
import { sha256 } from "./verifier/sha2.js";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const form = document.querySelector("form[data-offices]");
const offices = JSON.parse(form.dataset.offices);
const said = document.getElementById("said");
const field = (name) => document.getElementById(name);
const plainCode = (code) => code.toUpperCase().replaceAll(/[\s-]/g, "");

// 80 random bits in base32 (RFC 4648 §6).
function makeCode() {
  const bits = Array.from(random(10), (byte) => byte.toString(2).padStart(8, "0")).join("");
  const letters = bits.match(/.{5}/g).map((five) => LETTERS[parseInt(five, 2)]);
  return letters.join("").match(/.{4}/g).join("-");
}

async function send(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Accept-Language": document.documentElement.lang },
    body: JSON.stringify(body),
    credentials: "omit",
  });
  const told = await answer.json();
  if (!answer.ok) throw new Error([told.detail, told.todo].filter(Boolean).join("；"));
  return told;
}

// Made once and kept until it has arrived: sent again after a lost answer, it is the same tip.
let prepared = null;
const forget = () => (prepared = null);

function prepare() {
  const office = offices.find((each) => each.body === field("office").value);
  const code = makeCode();
  const who = field("who").value.trim();
  const body = {
    body: office.body,
    receipt: toHex(sha256(toUtf8(plainCode(code)))),
    content: envelope(field("words").value, [office.content]),
    identity: who && office.identity.length ? envelope(who, office.identity) : null,
  };
  return { code, body };
}

async function report() {
  prepared ??= prepare();
  const { code, body } = prepared;
  said.textContent = `${form.dataset.sending} ${code}`;
  const { promise } = await send("/api/v1/tips/inbox", body);
  return { code, promise };
}

async function add(code) {
  const { body } = await send("/api/v1/tips/follow", { code });
  const office = offices.find((each) => each.body === body);
  if (!office) throw new Error(form.dataset.closed);
  prepared ??= { content: envelope(field("words").value, [office.content]) };
  const { promise } = await send("/api/v1/tips/additions", { code, content: prepared.content });
  return { code, promise };
}

function show({ code, promise }) {
  field("made").textContent = code;
  const link = field("promise");
  link.href = URL.createObjectURL(new Blob([promise], { type: "text/plain" }));
  form.hidden = true;
  document.getElementById("done").hidden = false;
  document.getElementById("done").focus();
}

function offerWho() {
  const office = offices.find((each) => each.body === field("office").value);
  document.getElementById("named").hidden = Boolean(field("code").value.trim()) || !office?.identity.length;
  document.getElementById("to").hidden = Boolean(field("code").value.trim());
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  said.textContent = form.dataset.sealing;
  await new Promise((resolve) => setTimeout(resolve, 20)); // let the words above be painted
  try {
    const code = field("code").value.trim();
    show(await (code ? add(code) : report()));
    said.textContent = "";
  } catch (error) {
    said.textContent = [form.dataset.failed, error.message, prepared?.code].filter(Boolean).join(" ");
  }
  button.disabled = false;
});
for (const name of ["office", "words", "who", "code"]) field(name).addEventListener("input", forget);
field("office").addEventListener("change", offerWho);
field("code").addEventListener("input", offerWho);
form.querySelector("button").disabled = false;
offerWho();
