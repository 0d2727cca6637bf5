/* Sending what was done on site, when there is a connection. A draft is one command with one id for
   good: however often it is sent, and whoever is asked again after an answer was lost, it is
   recorded once. Photographs follow, each a command of its own. */

import { all, drop, get, goBy, put } from "./site_store.js";

const PATIENCE = 60000;
export const LOCK = "daocha-site-sending";
const LATER = new Set([408, 425, 429, 500, 502, 503, 504]);

/* What an inspection comes to: everything of it is recorded, or nothing. */
export function acts(draft) {
  const { record, body } = draft;
  const held = {
    enterprise: draft.enterprise, by_org: body, kind: draft.kind, officers: draft.officers,
    until: draft.until || undefined, place: draft.place || undefined,
    check_list: draft.standardName || undefined,
    attended_by: draft.signing.person ? [draft.signing.person] : undefined,
  };
  const found = [{ topic: "inspection.held", record, happened: draft.begun, data: held }];
  if (draft.standard) {
    found.push({ topic: "inspection.checklist_used", record, happened: draft.begun,
      data: { checklist: draft.standard } });
  }
  draft.findings.forEach((finding, index) => {
    const item = index + 1;
    if (finding.isHazard) {
      found.push({
        topic: "hazard.found", record: finding.hazard, happened: finding.at,
        data: {
          enterprise: draft.enterprise, number: `${draft.number}-${item}`,
          description: finding.text, place: draft.place || undefined, found_by: "department",
          finder_org: body, finder: draft.person, inspection: record,
          suspected_major: finding.isMajor, fixed_on_spot: finding.onSpot,
        },
      });
    }
    found.push({
      topic: "inspection.finding_recorded", record, happened: finding.at,
      data: {
        item, text: finding.text, hazard: finding.isHazard ? finding.hazard : undefined,
        unlawful_act: finding.isUnlawful,
      },
    });
    if (finding.onSpot) {
      found.push({ topic: "inspection.finding_disposed", record, happened: finding.at,
        data: { item, disposition: "on_spot" } });
    }
  });
  for (const person of draft.signedBy) {
    found.push({ topic: "inspection.record_signed", record, happened: draft.signing.at,
      data: { person } });
  }
  const { signing } = draft;
  if (signing.how) {
    found.push({
      topic: "inspection.record_signed", record, happened: signing.at,
      data: {
        person: signing.person || undefined,
        signer: signing.person ? undefined : signing.name || undefined,
        refused: signing.how === "refused", reason: signing.reason || undefined,
        witness: signing.witness || undefined,
      },
    });
  }
  return found;
}

/* Ask who is signed in, and take along what is new. null: no connection; false: nobody is. */
export async function refresh() {
  let answer;
  try {
    answer = await fetch("/inspections/pack", { headers: { Accept: "application/json" } });
  } catch {
    return null;
  }
  if (answer.status === 401 || answer.status === 403) return false;
  if (!answer.ok) return null;
  const pack = await answer.json();
  if (!pack.me.person) return false;
  pack.apart = pack.clock ? Date.parse(pack.clock) - Date.now() : 0;
  goBy(pack);
  await put("pack", pack, "pack");
  return pack;
}

async function post(path, command, token, type, body) {
  try {
    return await fetch(path, {
      method: "POST",
      signal: AbortSignal.timeout(PATIENCE),
      headers: {
        "Content-Type": type, "Idempotency-Key": command, "X-CSRF-Token": token,
        Accept: "application/json", "Accept-Language": document.documentElement.lang,
      },
      body,
    });
  } catch {
    return null;
  }
}

async function told(answer) {
  try {
    return await answer.json();
  } catch {
    return { detail: `${answer.status}` };
  }
}

const isReused = (problem) => String(problem.type).endsWith("/command-reused");

async function isRecorded(record) {
  try {
    const answer = await fetch(`/api/v1/inspections/${record}`,
      { headers: { Accept: "application/json" } });
    return answer.ok;
  } catch {
    return false;
  }
}

/* What was sent before its answer was known is remembered: were the draft changed after that, the
   record holds what was sent first, and says nothing of the change. */
async function sendDraft(waiting, pack) {
  const draft = { ...waiting, tried: waiting.tried || waiting.sent };
  await put("draft", draft);
  const answer = await post("/api/v1/commands", draft.command, pack.me.token,
    "application/json", draft.sent);
  if (answer === null || LATER.has(answer.status)) return "later";
  if (answer.status === 401) return "signIn";
  if (answer.ok) {
    const { acts: recorded } = await answer.json();
    await put("draft", { ...draft, state: "sent", position: recorded[0].position, problem: null });
    return "sent";
  }
  const problem = await told(answer);
  if (!isReused(problem) || !await isRecorded(draft.record)) {
    await put("draft", { ...draft, state: "refused", problem, tried: "" });
    return "refused";
  }
  if (draft.tried === draft.sent) {
    await put("draft", { ...draft, state: "sent", problem: null });
    return "sent";
  }
  await put("draft", { ...draft, state: "refused", problem: null, note: "reused" });
  return "refused";
}

async function sendPhoto(photo, draft, pack) {
  const item = draft.findings.findIndex((finding) => finding.id === photo.finding) + 1;
  const query = new URLSearchParams({
    captured: photo.captured, by_post: draft.post, ...(item ? { item } : {}),
  });
  const path = `/api/v1/inspections/${draft.record}/photos?${query}`;
  const answer = await post(path, photo.id, pack.me.token, "image/jpeg", photo.blob);
  if (answer === null || LATER.has(answer.status)) return "later";
  if (answer.status === 401) return "signIn";
  const problem = answer.ok ? null : await told(answer);
  if (problem && !isReused(problem)) await put("photo", { ...photo, problem });
  else await drop("photo", photo.id);
  return "sent";
}

/* Whether the record holds an inspection, if only as it was sent first. */
export const isOnRecord = (draft) => draft?.state === "sent" || draft?.note === "reused";

/* Send whatever waits and is this person's own; return what keeps the rest: "", "later", "signIn".
   One page at a time does it, however many are open. */
export function sendAll(changed) {
  return navigator.locks.request(LOCK, async () => {
    const waiting = (await all("draft")).filter((draft) => draft.state === "waiting");
    const photos = (await all("photo")).filter((photo) => !photo.problem);
    const drafts = new Map((await all("draft")).map((draft) => [draft.id, draft]));
    const due = photos.some((photo) => isOnRecord(drafts.get(photo.draft)));
    if (!waiting.length && !due) return "";
    const pack = await refresh();
    if (pack === null) return "later";
    if (pack === false) return "signIn";
    for (const draft of waiting.filter((each) => each.person === pack.me.person)) {
      const how = await sendDraft(draft, pack);
      changed();
      if (how === "later" || how === "signIn") return how;
    }
    for (const photo of photos) {
      const draft = await get("draft", photo.draft);
      if (!isOnRecord(draft) || draft.person !== pack.me.person) continue;
      const how = await sendPhoto(photo, draft, pack);
      changed();
      if (how !== "sent") return how;
    }
    return "";
  });
}
