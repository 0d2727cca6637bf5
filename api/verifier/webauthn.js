// Passkeys (WebAuthn Level 3): what a browser's user signed, by the specification's limited
// verification algorithm (§5.8.1.2), byte for byte; the same as domain/proof/webauthn.py.

import { concat, includesBytes, sameBytes, startsWith, toUtf8, writeBase64url } from "./bytes.js";
import { isP256Key, verifyP256 } from "./curves.js";
import { isEd25519Key, verifyEd25519 } from "./ed25519.js";
import { invalid, notProved } from "./refused.js";
import { sha256 } from "./sha2.js";

const ORIGIN = /^(?:https:\/\/([a-z0-9.-]+)|http:\/\/(localhost))(:[0-9]{1,5})?$/;
const SAME_ORIGIN = toUtf8(',"crossOrigin":false');
const NOT_AGAIN = ['"type":', '"challenge":', '"origin":', '"crossOrigin":', '"topOrigin":'].map(toUtf8);

// §6.1, the flags of authenticator data.
const PRESENT = 0x01;
const VERIFIED = 0x04;
const BACKUP_ELIGIBLE = 0x08;
const BACKED_UP = 0x10;
const ATTESTED = 0x40;
const EXTENDED = 0x80;
const FIXED_SIZE = 37;

export function checkPasskey({ algorithm, raw, rpId, origins }) {
  if (!(algorithm === "es256" ? isP256Key(raw) : isEd25519Key(raw)))
    throw invalid("不是可用的通行密钥公钥", "not a good passkey");
  for (const origin of origins) {
    const found = ORIGIN.exec(origin);
    if (!found || !`.${found[1] ?? found[2]}`.endsWith(`.${rpId}`))
      throw invalid("网页来源与依赖方不符", "the origin is not of the relying party", origin);
  }
  if (!origins.length) throw invalid("未指定网页来源", "no origin is given");
}

// §7.2, steps 11 to 22, with user verification required and framing refused.
export function verifyAssertion(passkey, challenge, { authenticatorData, clientData, signature }) {
  checkClientData(clientData, challenge, passkey.origins);
  const flags = checkAuthenticatorData(authenticatorData, passkey.rpId);
  if (flags & ATTESTED || authenticatorData.length > FIXED_SIZE !== Boolean(flags & EXTENDED))
    throw notProved("认证器数据的形式不合规", "malformed authenticator data", "length");
  const verify = passkey.algorithm === "es256" ? verifyP256 : verifyEd25519;
  if (!verify(passkey.raw, concat(authenticatorData, sha256(clientData)), signature))
    throw notProved("通行密钥的签名不成立", "the passkey's signature is invalid", "signature");
}

// §5.8.1.2.
function checkClientData(clientData, challenge, origins) {
  let rest = clientData;
  const past = (head) => {
    const there = startsWith(rest, toUtf8(head));
    if (there) rest = rest.subarray(toUtf8(head).length);
    return there;
  };
  if (!past('{"type":"webauthn.get","challenge":'))
    throw notProved("不是签名操作", "not this ceremony", "type");
  if (!past(`"${writeBase64url(challenge)}","origin":`))
    throw notProved("所签内容不符", "the challenge is another", "challenge");
  if (!origins.some((origin) => startsWith(rest, toUtf8(`"${origin}",`)) && past(`"${origin}"`)))
    throw notProved("网页来源不在许可之列", "the origin is not allowed", "origin");
  if (sameBytes(rest, concat(SAME_ORIGIN, toUtf8("}")))) return;
  const more = rest.subarray(SAME_ORIGIN.length);
  if (!startsWith(rest, SAME_ORIGIN) || NOT_AGAIN.some((name) => includesBytes(more, name)))
    throw notProved("网页被其他来源嵌入", "the page was framed by another", "crossOrigin");
  if (!startsWith(more, toUtf8(",")) || more[more.length - 1] !== 0x7d)
    throw notProved("客户端数据的形式不合规", "malformed client data", "clientData");
}

// §6.1 and §7.2, steps 16 to 19.
function checkAuthenticatorData(data, rpId) {
  if (data.length < FIXED_SIZE)
    throw notProved("认证器数据过短", "the authenticator data is too short", "length");
  if (!sameBytes(data.subarray(0, 32), sha256(toUtf8(rpId))))
    throw notProved("签名属于另一个网站", "the signature is for another site", "rpIdHash");
  const flags = data[32];
  if (!(flags & PRESENT)) throw notProved("本人未在场", "the user was not present", "UP");
  if (!(flags & VERIFIED)) throw notProved("未验证本人身份", "the user was not verified", "UV");
  if (flags & BACKED_UP && !(flags & BACKUP_ELIGIBLE))
    throw notProved("认证器数据自相矛盾", "the flags contradict each other", "BS");
  return flags;
}
