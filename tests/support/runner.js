// Lets a test call what the verifier's modules export, in whatever browser this is loaded.
//
// `run` takes and gives JSON. Bytes come as {"hex": "…"}, whole numbers of any size as
// {"int": "…"}. Of each call the answer is {"value": …}, {"refused": [kind, zh, where]} or, where the
// program is at fault, {"crashed": "…"}.

function decoded(value) {
  if (Array.isArray(value)) return value.map(decoded);
  if (value === null || typeof value !== "object") return value;
  if ("hex" in value) return modules.bytes.fromHex(value.hex);
  if ("int" in value) return BigInt(value.int);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, decoded(item)]));
}

function encoded(value) {
  if (value instanceof Uint8Array) return { hex: modules.bytes.toHex(value) };
  if (typeof value === "bigint") return { int: String(value) };
  return value === undefined ? null : value;
}

function answered(called) {
  try {
    return { value: encoded(called()) };
  } catch (error) {
    if (error instanceof modules.refused.Refused) return { refused: [error.kind, error.zh, error.where] };
    return { crashed: String(error.stack ?? error) };
  }
}

globalThis.run = (asked) => {
  const { module, name, calls } = JSON.parse(asked);
  const called = modules[module][name];
  return JSON.stringify(calls.map((args) => answered(() => called(...decoded(args)))));
};

// What a bundle proves, as the page tells it: key, facts and words of each claim. The words,
// `claimTexts`, stand in the page that this is part of.
modules.whole = {
  told(data, policy) {
    const claims = modules.claims.claimsOf(modules.bundle.openBundle(data, modules.trust.readTrust(policy)));
    const tell = (claim) => [claim.key, claim.facts, ...["zh", "en"].map((each) => modules.claims.claimWords(claim, each, claimTexts))];
    return { proved: claims.proved.map(tell), open: claims.open.map(tell) };
  },
  verifyHmac(key, message, tag) {
    const { concat, sameBytes } = modules.bytes;
    const { sm3 } = modules.sm3;
    const block = concat(key.length > 64 ? sm3(key) : key, new Uint8Array(64)).subarray(0, 64);
    const [inner, outer] = [0x36, 0x5c].map((pad) => block.map((byte) => byte ^ pad));
    return sameBytes(sm3(concat(outer, sm3(concat(inner, message)))).subarray(0, tag.length), tag);
  },
};
