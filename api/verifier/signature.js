// Personal signatures and what is signed; the same as domain/proof/signature.py and statement.py.

import { concat, readBase64, toHex, toUtf8 } from "./bytes.js";
import { isSm2Key, verifySm2 } from "./curves.js";
import { isEd25519Key, verifyEd25519 } from "./ed25519.js";
import { writeJson } from "./json.js";
import { invalid, notProved } from "./refused.js";
import { sha256 } from "./sha2.js";
import { HASH, MONTH, UUID, fields, integer, list, maybe, oneOf, text } from "./shape.js";
import { checkPasskey, verifyAssertion } from "./webauthn.js";

const PREFIX = toUtf8("daocha.signature/v1\n");
const ALGORITHMS = { "passkey-es256": "es256", "passkey-eddsa": "eddsa" };

export const STATEMENT = fields({
  log: text({ min: 1, max: 255 }),
  document: HASH,
  organisation: UUID,
  period: maybe(MONTH),
  person: UUID,
  post: UUID,
  key: HASH,
  meaning: text({ min: 1, max: 1000 }),
  seen: fields({ size: integer(1), root: HASH }),
  after: maybe(HASH),
});

export const PUBLIC_KEY = fields({
  suite: oneOf("ed25519", "passkey-es256", "passkey-eddsa", "sm2"),
  public: text(),
  rp_id: maybe(text()),
  origins: maybe(list(text())),
});

export const PERSONAL_SIGNATURE = fields({
  value: text(),
  authenticator_data: maybe(text()),
  client_data: maybe(text()),
});

export const keyId = (key) => toHex(sha256(toUtf8(writeJson(key))));

// Check that a key, whose form is PUBLIC_KEY, is a good one of its suite.
export function checkKey(key) {
  if (key.suite in ALGORITHMS) {
    checkPasskey(passkey(key));
    return;
  }
  const good = key.suite === "ed25519" ? isEd25519Key : isSm2Key;
  if (!good(readBase64(key.public)) || key.rp_id !== undefined || key.origins !== undefined)
    throw invalid("公钥不合规", "not a good public key", key.suite);
}

function passkey(key) {
  if (key.rp_id === undefined || key.origins === undefined)
    throw invalid("不是通行密钥", "not a passkey", key.suite);
  return {
    algorithm: ALGORITHMS[key.suite],
    raw: readBase64(key.public),
    rpId: key.rp_id,
    origins: key.origins,
  };
}

// Check that the key which the statement names signed it.
export function verifyStatement(statement, key, signature) {
  if (statement.key !== keyId(key))
    throw notProved("声明所指的是另一把密钥", "the statement names another key", "key");
  verifyDigest(key, sha256(concat(PREFIX, toUtf8(writeJson(statement)))), signature);
}

function verifyDigest(key, digest, signature) {
  const { authenticator_data: authenticator, client_data: client } = signature;
  if (key.suite in ALGORITHMS) {
    if (authenticator === undefined || client === undefined)
      throw notProved("缺少通行密钥的应答", "the passkey's answer is missing", key.suite);
    verifyAssertion(passkey(key), digest, {
      authenticatorData: readBase64(authenticator),
      clientData: readBase64(client),
      signature: readBase64(signature.value),
    });
    return;
  }
  const verify = key.suite === "ed25519" ? verifyEd25519 : verifySm2;
  const extra = authenticator !== undefined || client !== undefined;
  if (extra || !verify(readBase64(key.public), digest, readBase64(signature.value)))
    throw notProved("签名不成立", "the signature is invalid", key.suite);
}
