// Traces: that what a trace says rests on the facts beside it; the same as domain/proof/traced.py.

import { readJson } from "./json.js";
import { asText } from "./leaf.js";
import { Refused, invalid, notProved } from "./refused.js";
import { isObject } from "./shape.js";

const CORRECTED = "fact.corrected";

// `leaves` by position; `nameAt` gives the disclosed name at a position.
export function readTrace(text, leaves, nameAt, enterprise) {
  let trace;
  try {
    trace = readJson(text);
  } catch (error) {
    if (error instanceof Refused) throw invalid("不是倒查结论", "not a trace");
    throw error;
  }
  if (!isObject(trace) || !Array.isArray(trace.facts))
    throw invalid("倒查结论不是规范形式", "the trace is not in its canonical form");
  if (!isObject(trace.place) || trace.place.id !== enterprise)
    throw notProved("倒查的是另一家单位", "the trace is about another enterprise");
  const known = new Map();
  for (const leaf of leaves.values()) if (leaf.version === 1) known.set(leaf.record, leaf.position);
  for (const part of partsOf(trace)) {
    checkCited(part, leaves);
    checkNames(part, known, nameAt);
  }
  for (const line of trace.facts) checkLine(line, leaves);
  return trace;
}

// Every object in a trace.
function* partsOf(value) {
  if (isObject(value)) yield value;
  if (isObject(value) || Array.isArray(value))
    for (const item of Object.values(value)) yield* partsOf(item);
}

function checkCited(part, leaves) {
  const facts = "facts" in part ? part.facts : [];
  for (const position of Array.isArray(facts) ? facts : [facts])
    if (!isObject(position) && !leaves.has(position)) throw notThere(position);
}

function checkNames(part, known, nameAt) {
  const { person } = part;
  if (person === undefined || person === null) return;
  const name = "person_name" in part ? part.person_name : part.name;
  if (name === undefined || name === null) return;
  if (name !== nameAt(known.get(asText(person))))
    throw notProved("倒查中的姓名与公开的不符", "a name in the trace is not the disclosed one");
}

function checkLine(line, leaves) {
  const position = isObject(line) ? line.position : undefined;
  const leaf = leaves.get(position);
  if (!leaf) throw notThere(position);
  const recorded = leaf.recorded.replaceAll(".000000Z", "Z");
  const told = [[leaf.topic, leaf.happened]];
  const { replacement } = leaf.data;
  if (leaf.topic === CORRECTED && isObject(replacement)) {
    const topic = isObject(replacement.fact) ? replacement.fact.topic : undefined;
    told.push([asText(topic), asText(replacement.happened)]);
  }
  const fits = ([topic, happened]) => line.topic === topic && line.happened === happened;
  if (line.recorded !== recorded || !told.some(fits))
    throw notProved("倒查所述与事实不符", "the trace tells a fact otherwise", String(position));
}

const notThere = (position) =>
  notProved("倒查所依据的事实不在证据包中", "a fact of the trace is not here", String(position));
