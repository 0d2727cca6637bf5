// What an opened bundle proves, and what not; the same as domain/proof/claims.py, whose words, in
// claims.json, both take. A value is a text or a number, or a label, which has words of its own.

import { afterFirst, asText } from "./leaf.js";
import { isObject } from "./shape.js";
import { SIGNED } from "./standing.js";
import { KEYS, POSTS, REPORTS } from "./rolls.js";

const ZERO_ROLES = ["deputy", "principal"];
const BEIJING = 8 * 3600;

const FOUND = ["hazard.found", "ledger_row.imported"];
const CLOSED = ["hazard.closed", "listing.delisted"];

const label = (key) => ({ label: key });

export function claimWords(claim, language, words) {
  return words.claims[claim.key][language].replace(/\{([a-z_]+)\}/g, (_, name) =>
    inWords(claim.values[name], language, words),
  );
}

function inWords(value, language, words) {
  if (!isObject(value)) return String(value);
  return words.labels[value.label]?.[language] ?? afterFirst(value.label, ".");
}

export function claimsOf(evidence) {
  const telling = new Telling(evidence);
  return { proved: [...telling.proved()], open: [...telling.leftOpen()] };
}

const claim = (key, values, facts = []) => ({ key, values, facts });

class Telling {
  constructor(evidence) {
    this.evidence = evidence;
    this.leaves = [...evidence.leaves.values()];
  }

  *proved() {
    yield* this.record();
    yield* {
      report: this.report,
      order: this.order,
      hazard: this.hazardLife,
      inspection: this.inspection,
      expert_inspection: this.inspection,
      trace: this.trace,
      extract: this.extract,
    }[this.evidence.about.kind].call(this);
    for (const signed of this.evidence.signatures) yield* this.signed(signed);
    yield* this.together();
    yield* this.withdrawn();
    for (const looked of this.evidence.rolls) yield* this.looked(looked);
  }

  *leftOpen() {
    const { trusted, about, signatures, trace } = this.evidence;
    const { size } = trusted.checkpoint;
    if (!trusted.cosigned.length) yield claim("not_witnessed", {});
    if (about.kind === "report") yield* this.withoutEffect();
    for (const signed of signatures) yield* this.unbounded(signed);
    if (trace !== null) {
      yield claim("rules_not_checked", {});
      yield* this.incomplete();
    } else {
      yield claim("others_left_out", { size });
    }
    yield claim("later_facts", { size });
    yield claim("truth", {});
    yield claim("own_clock", {});
  }

  // The record itself.

  *record() {
    const { trusted, leaves } = this.evidence;
    const opened = leaves.get(1).data;
    const { origin, size } = trusted.checkpoint;
    const jurisdiction = "jurisdiction" in opened ? asText(opened.jurisdiction) : "";
    yield claim("in_the_log", { log: origin, jurisdiction, size, count: leaves.size }, [...leaves.keys()]);
    if (opened.clock !== "real") yield claim("simulated", {}, [1]);
    for (const { witness, at } of trusted.cosigned) {
      const moment = at === null ? "" : momentOf(at);
      yield claim(moment ? "witnessed" : "witnessed_sometime", { witness, at: moment, size });
    }
  }

  // Subjects.

  *report() {
    for (const leaf of this.own("report.filed")) {
      const { month, kind, to_org: to, older } = leaf.data;
      const values = {
        ...this.about(leaf),
        month: asText(month),
        kind: label(`report.${asText(kind)}`),
        to: this.organisation(asText(to)),
      };
      yield claim("report_filed", values, [leaf.position]);
      for (const each of objects(older)) yield claim("hazard_still_open", this.hazard(each), [leaf.position]);
      if (kind === "zero" && isEmpty(older)) yield claim("none_still_open", {}, [leaf.position]);
    }
    for (const leaf of this.own("report.filed"))
      if (leaf.data.kind === "zero" && this.of(leaf).length) {
        yield* this.effect(leaf);
        yield* this.foundIn(asText(leaf.data.month), leaf);
      }
  }

  *effect(filed) {
    const signatures = this.of(filed);
    if (ZERO_ROLES.every((role) => signatures.some((signed) => roleOf(signed) === role)))
      yield claim("zero_in_effect", { position: filed.position }, signatures.map(({ leaf }) => leaf.position));
  }

  // The hazards of the month, by whether they were found before somebody signed.
  *foundIn(month, filed) {
    for (const leaf of this.leaves) {
      const found = foundAt(leaf);
      if (found === undefined || local(found).slice(0, 7) !== month) continue;
      const by = label(`finder.${"found_by" in leaf.data ? asText(leaf.data.found_by) : "imported"}`);
      const told = { ...this.hazard({ hazard: leaf.record }), ...timesOf(leaf) };
      const values = { ...told, happened: local(found), position: leaf.position, by };
      const after = this.of(filed).filter((signed) => isEarlier(found, signed.leaf));
      for (const signed of after) {
        const person = this.person(signed.person.record);
        yield claim("hazard_before_signing", { ...values, person }, [leaf.position, signed.leaf.position]);
      }
      if (!after.length) yield claim("hazard_after_signing", values, [leaf.position]);
    }
  }

  *order() {
    for (const leaf of this.own("order.issued")) {
      const values = {
        ...this.about(leaf),
        number: asText(leaf.data.number),
        by: this.organisation(asText(leaf.data.by_org)),
        count: objects(leaf.data.items).length,
      };
      yield claim("order_issued", values, [leaf.position]);
    }
    yield* this.steps();
  }

  *hazardLife() {
    const first = this.first();
    const values = { ...this.about(first), ...this.hazard({ hazard: first.record }) };
    yield claim("hazard_life", values, [first.position]);
    yield* this.steps();
  }

  *inspection() {
    const first = this.first();
    yield claim("inspection", this.about(first), [first.position]);
    yield* this.steps();
  }

  first() {
    return this.leaves.find((leaf) => leaf.record === this.evidence.about.id);
  }

  // Every fact about the subject, in order.
  *steps() {
    for (const leaf of this.leaves) {
      if (!leaf.about.has(this.evidence.about.id) || leaf.topic === SIGNED) continue;
      const values = {
        topic: label(`topic.${leaf.topic}`),
        position: leaf.position,
        person: this.person(personOf(leaf.actor)),
        ...timesOf(leaf),
      };
      yield claim("step", values, [leaf.position]);
    }
  }

  *trace() {
    const { trace } = this.evidence;
    const values = {
      organisation: asText(trace.place.name),
      code: asText(trace.enterprise),
      at: local(asText(trace.at)),
      count: trace.facts.length,
      findings: objects(trace.findings).length,
    };
    yield claim("trace_rests_on_facts", values, trace.facts.map((line) => line.position));
  }

  // What a bank is told of an enterprise: its hazards in numbers, and its grades.
  *extract() {
    const first = this.first();
    const gone = this.takenBack();
    const found = new Map();
    const closed = new Set();
    for (const leaf of this.leaves) {
      if (gone.has(leaf.position) || !leaf.about.has(first.record)) continue;
      if (FOUND.includes(leaf.topic)) found.set(leaf.record, leaf.position);
      if (FOUND.includes(leaf.topic) && closedAtOnce(leaf)) closed.add(leaf.record);
      else if (leaf.topic === "ledger_row.imported") closed.delete(leaf.record);
      else if (CLOSED.includes(leaf.topic)) closed.add("hazard" in leaf.data ? asText(leaf.data.hazard) : leaf.record);
    }
    const shown = [...found.keys()].filter((record) => closed.has(record)).length;
    const values = {
      organisation: this.organisation(first.record),
      code: "code" in first.data ? asText(first.data.code) : "",
      found: found.size,
      closed: shown,
      open: found.size - shown,
    };
    yield claim("extract", values, [first.position, ...found.values()]);
    yield* this.grades(gone);
  }

  *grades(gone) {
    for (const leaf of this.leaves) {
      if (gone.has(leaf.position) || !leaf.about.has(this.evidence.about.id)) continue;
      const values = { position: leaf.position, by: this.organisation(asText(leaf.data.by_org)), ...timesOf(leaf) };
      if (leaf.topic === "grade.awarded") {
        const told = {
          kind: label(`grade.${"kind" in leaf.data ? asText(leaf.data.kind) : "enterprise"}`),
          grade: asText(leaf.data.grade),
          since: asText(leaf.data.valid_from),
          until: "valid_to" in leaf.data ? asText(leaf.data.valid_to) : "",
        };
        yield claim("grade_awarded", { ...values, ...told }, [leaf.position]);
      }
      if (leaf.topic === "grade.withdrawn") yield claim("grade_withdrawn", values, [leaf.position]);
    }
  }

  // Where facts stand that a correction took back without putting another there.
  takenBack() {
    const corrections = this.leaves.filter((leaf) => leaf.topic === "fact.corrected" && !("replacement" in leaf.data));
    return new Set(corrections.flatMap((leaf) => leaf.data.positions ?? []));
  }

  // Signatures.

  *signed(signed) {
    const { leaf, statement, document, post, appointment, key } = signed;
    const values = {
      person: this.person(signed.person.record),
      organisation: this.organisation(asText(post.data.organisation)),
      post: label(`post.${roleOf(signed)}`),
      title: "title" in post.data ? asText(post.data.title) : "",
      meaning: statement.meaning,
      document: document.position,
      position: leaf.position,
      seen: statement.seen.size,
      recorded: local(leaf.recorded),
      suite: label(`suite.${key.data.key.suite}`),
    };
    yield claim("signed", values, [leaf.position, document.position]);
    const held = {
      position: leaf.position,
      appointment: appointment.position,
      since: local(appointment.happened),
      key: key.position,
      registrar: this.person(personOf(key.actor)),
    };
    yield claim("held_post_and_key", held, [appointment.position, key.position]);
  }

  // What several signatures show together: one text, one after the other.
  *together() {
    for (const second of this.evidence.signatures) {
      const { after } = second.statement;
      const first = this.evidence.signatures.find((each) => each.leaf.hashHex === after);
      if (!first) continue;
      const values = {
        first: this.person(first.person.record),
        second: this.person(second.person.record),
        document: second.document.position,
      };
      const facts = [first.leaf.position, second.leaf.position];
      yield claim("same_text_in_order", values, facts);
      if (first.person.record === second.person.record)
        yield claim("one_person_two_posts", { person: values.first }, facts);
    }
  }

  *withdrawn() {
    for (const leaf of this.leaves)
      if (leaf.topic.endsWith(".withdrawn"))
        yield claim("withdrawn", { topic: label(`topic.${leaf.topic}`), ...timesOf(leaf) }, [leaf.position]);
  }

  *withoutEffect() {
    const filed = this.standingReport();
    if (filed?.data.kind !== "zero") return;
    const roles = this.of(filed).map(roleOf);
    for (const role of ZERO_ROLES.filter((each) => !roles.includes(each))) {
      const values = { post: label(`post.${role}`), position: filed.position };
      yield claim("signature_missing", values, [filed.position]);
    }
  }

  // Rolls.

  *looked(looked) {
    const { content, leaf, id } = looked;
    const values = { of: afterFirst(looked.of, " "), upto: looked.upto, deadline: local(looked.deadline) };
    const facts = [leaf.position];
    if (content !== null && looked.kind !== REPORTS) {
      yield* this.bounded(looked, values);
      return;
    }
    values.organisation = this.organisation(id);
    if (content === null) {
      yield claim("not_on_the_roll", values, facts);
      return;
    }
    values.count = content.count;
    yield claim(content.filed.length ? "filed_by_deadline" : "not_filed", { ...values }, facts);
    const late = this.standingReport();
    if (late && !content.filed.some((each) => each.document === late.hashHex)) {
      values.position = late.position;
      yield claim("filed_late", { ...values }, [...facts, late.position]);
    }
    if (this.evidence.trace !== null) yield claim("complete_up_to_roll", values, facts);
  }

  // Of each signature that a roll bounds, that its post or key counted throughout.
  *bounded(looked, values) {
    const what = looked.kind === POSTS ? "post" : "key";
    for (const signed of this.evidence.signatures) {
      const until = countsUntil(signed, looked);
      if (until === null) continue;
      const person = this.person(signed.person.record);
      const said = { ...values, person, position: signed.leaf.position, until };
      const facts = [looked.leaf.position, signed.leaf.position];
      yield claim(`${what}_${until ? "until" : "throughout"}`, said, facts);
    }
  }

  *unbounded(signed) {
    const kinds = this.evidence.rolls
      .filter((looked) => countsUntil(signed, looked) !== null)
      .map((looked) => looked.kind);
    const { position } = signed.leaf;
    if (!kinds.includes(POSTS) || !kinds.includes(KEYS)) yield claim("not_bounded", { position }, [position]);
  }

  *incomplete() {
    const reports = this.evidence.rolls.filter((each) => each.kind === REPORTS && each.content !== null);
    const uptos = reports.map((each) => each.upto);
    if (uptos.length) yield claim("after_the_roll", { upto: Math.max(...uptos) });
    else yield claim("trace_not_bounded", {});
  }

  // Whom and what.

  own(topic) {
    return this.leaves.filter((leaf) => leaf.topic === topic && leaf.record === this.evidence.about.id);
  }

  standingReport() {
    return this.own("report.filed").at(-1);
  }

  of(document) {
    return this.evidence.signatures.filter((signed) => signed.document === document);
  }

  about(leaf) {
    const organisation = this.organisation(asText(leaf.data.enterprise));
    return { organisation, position: leaf.position, ...timesOf(leaf) };
  }

  // An organisation's name as it was registered or last changed.
  organisation(id) {
    const named = this.leaves.filter(
      (leaf) => leaf.record === id && leaf.topic.startsWith("organisation.") && "name" in leaf.data,
    );
    return named.length ? asText(named.at(-1).data.name) : id;
  }

  // A person's name, or that it is kept back or erased.
  person(id) {
    const facts = this.leaves.filter((leaf) => leaf.record === id);
    for (const leaf of facts) {
      const name = this.evidence.disclosed.get(`${leaf.position} name`);
      if (name !== undefined) return name;
    }
    if (facts.some((leaf) => leaf.topic === "person.erased")) return label("name.erased");
    return label(id ? "name.masked" : "name.none");
  }

  hazard(said) {
    const id = asText(said.hazard);
    const found = this.leaves.find((leaf) => leaf.record === id && "number" in leaf.data);
    return { number: found ? asText(found.data.number) : id, state: "state" in said ? asText(said.state) : "" };
  }
}

// Whether the fact that tells of a hazard tells that it is closed, too.
const closedAtOnce = (leaf) => leaf.data.fixed_on_spot === true || "closed" in leaf.data;

const roleOf = (signed) => asText(signed.leaf.data.role);

const personOf = (actor) => ("person" in actor ? asText(actor.person) : "");

// Where the roll says that the signer's post or key ended after the signature: 0 where it had not
// ended, null where the roll says nothing of this signature.
function countsUntil(signed, { upto, kind, content, id }) {
  if (upto < signed.leaf.position || content === null) return null;
  if (kind === POSTS && id === signed.post.record) {
    const time = content.held.find((each) => each.since === signed.appointment.position);
    return time ? time.until ?? 0 : null;
  }
  return kind === KEYS && id === signed.key.record ? content.until ?? 0 : null;
}

// When a hazard was found, by the fact that says so: a finding or an imported row.
const foundAt = (leaf) => {
  if (leaf.topic === "hazard.found") return leaf.happened;
  return leaf.topic === "ledger_row.imported" ? asText(leaf.data.found) : undefined;
};

const timesOf = (leaf) => ({ happened: local(leaf.happened), recorded: local(leaf.recorded) });

// An instant in UTC as Beijing time, to the second; a day as it is.
function local(moment) {
  const found = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d{1,6})?Z$/.exec(moment);
  if (!found) return moment;
  const date = new Date(`${found[1]}T${found[2]}Z`);
  if (Number.isNaN(date.getTime()) || date.toISOString().slice(0, 19) !== `${found[1]}T${found[2]}`) return moment;
  return momentOf(date.getTime() / 1000);
}

// Seconds since 1970 as Beijing time.
export function momentOf(seconds) {
  return new Date((seconds + BEIJING) * 1000).toISOString().slice(0, 19).replace("T", " ");
}

// Whether something happened before a signature was recorded; days compare as days.
function isEarlier(happened, signed) {
  const moment = local(happened);
  return moment < local(signed.recorded).slice(0, moment.length);
}

const objects = (value) => (Array.isArray(value) ? value.filter(isObject) : []);

const isEmpty = (value) =>
  value === undefined || value === null || value === "" || value === 0 || value === false ||
  (typeof value === "object" && Object.keys(value).length === 0);
