/* Passkeys: making one before a registrar, and signing a document with one. No key leaves the
   device: what is sent is a public key, or a signature. Every word is in the page itself. */
"use strict";

const form = document.querySelector("form[data-signing]");
const said = document.getElementById("said");
const say = (words, tone = "") => {
  said.textContent = words;
  said.className = `said ${tone}`;
};

async function ask(path, body) {
  const headers = { Accept: "application/json", "Accept-Language": document.documentElement.lang };
  const token = form.elements.token.value.trim();
  if (token) headers.Authorization = `Bearer ${token}`;
  else if (form.dataset.csrf) headers["X-CSRF-Token"] = form.dataset.csrf;
  if (body) {
    headers["Content-Type"] = "application/json";
    headers["Idempotency-Key"] = crypto.randomUUID();
  }
  const answer = await fetch(`/api/v1${path}`, {
    method: body ? "POST" : "GET",
    headers,
    body: body && JSON.stringify(body),
  });
  const told = await answer.json();
  if (!answer.ok) throw new Error([told.detail, told.todo].filter(Boolean).join(" "));
  return told;
}

async function register() {
  const person = form.elements.person.value.trim();
  const options = await ask(`/persons/${encodeURIComponent(person)}/passkey`);
  options.challenge = fromBase64url(options.challenge);
  options.user.id = fromBase64url(options.user.id);
  say(form.dataset.waiting);
  const made = await navigator.credentials.create({ publicKey: options });
  const recorded = await ask("/keys/passkey", {
    person,
    client_data: toBase64(made.response.clientDataJSON),
    authenticator_data: toBase64(made.response.getAuthenticatorData()),
  });
  say(`${form.dataset.done} ${recorded.position}`, "good");
}

async function sign() {
  const [person, post, key] = form.elements.signer.value.split(" ");
  const query = new URLSearchParams({ person, post, key });
  const told = await ask(`/facts/${form.dataset.document}/statement?${query}`);
  if (!told.passkey) throw new Error(form.dataset.notPasskey);
  const options = { ...told.passkey, challenge: fromBase64url(told.passkey.challenge) };
  options.allowCredentials = options.allowCredentials.map((each) => ({
    ...each,
    id: fromBase64url(each.id),
  }));
  say(`${form.dataset.waiting} ${told.statement.meaning}`);
  const { response } = await navigator.credentials.get({ publicKey: options });
  const recorded = await ask("/signatures", {
    enterprise: told.enterprise,
    document: told.document,
    role: told.role,
    statement: told.statement,
    signature: {
      value: toBase64(normalForm(response.signature)),
      authenticator_data: toBase64(response.authenticatorData),
      client_data: toBase64(response.clientDataJSON),
    },
  });
  say(`${form.dataset.done} ${recorded.position}`, "good");
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  say(form.dataset.asking);
  try {
    await (form.dataset.signing === "register" ? register() : sign());
  } catch (error) {
    const refused = error.name === "NotAllowedError" ? form.dataset.refused : error.message;
    say(refused, "bad");
  } finally {
    button.disabled = false;
  }
});
