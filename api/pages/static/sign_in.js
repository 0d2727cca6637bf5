/* Signing in with a passkey, and making one with an enrolment code. */
"use strict";

const panel = document.getElementById("passkey");
const said = document.getElementById("said");

async function ask(path, body) {
  const answer = await fetch(`/api/v1${path}`, {
    method: "POST",
    headers: {
      Accept: "application/json",
      "Accept-Language": document.documentElement.lang,
      "Content-Type": "application/json",
    },
    body: JSON.stringify(body),
  });
  const told = await answer.json();
  if (!answer.ok) throw new Error([told.detail, told.todo].filter(Boolean).join(" "));
  return told;
}

async function signIn() {
  const { options } = await ask("/sign-in/passkey/options", {});
  const challenge = options.challenge;
  said.textContent = panel.dataset.waiting;
  const made = await navigator.credentials.get({
    publicKey: { ...options, challenge: fromBase64url(challenge) },
  });
  await ask("/sign-in/passkey", {
    credential: toBase64url(made.rawId),
    challenge,
    client_data: toBase64(made.response.clientDataJSON),
    authenticator_data: toBase64(made.response.authenticatorData),
    signature: toBase64(normalForm(made.response.signature)),
  });
  location.assign(panel.dataset.back);
}

async function enrol() {
  const code = document.getElementById("passkey-code").value;
  const { options } = await ask("/enrolments/passkey/options", { code });
  const challenge = options.challenge;
  said.textContent = panel.dataset.waiting;
  const made = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: fromBase64url(challenge),
      user: { ...options.user, id: fromBase64url(options.user.id) },
    },
  });
  await ask("/enrolments/passkey", {
    code,
    challenge,
    client_data: toBase64(made.response.clientDataJSON),
    authenticator_data: toBase64(made.response.getAuthenticatorData()),
  });
  location.assign("/account");
}

if (panel && window.PublicKeyCredential) {
  panel.hidden = false;
  const button = panel.querySelector("button");
  button.addEventListener("click", async () => {
    button.disabled = true;
    said.className = "said";
    said.textContent = panel.dataset.asking;
    try {
      await ("enrol" in panel.dataset ? enrol() : signIn());
    } catch (error) {
      said.className = "said bad";
      said.textContent = error.name === "NotAllowedError" ? panel.dataset.refused : error.message;
    } finally {
      button.disabled = false;
    }
  });
}
