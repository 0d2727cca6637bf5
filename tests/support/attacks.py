"""What an attack suite must show, by the tag of its scenarios: ``@证明-改动``."""

from __future__ import annotations

ATTACKS = {
    "改动": "edit facts: columns only, leaf only, both, tags, commands",
    "删除": "delete facts",
    "插入": "insert facts",
    "调换": "reorder facts",
    "截断": "truncate the ledger",
    "回滚": "roll back to an old backup",
    "重写": "rewrite history and re-sign it with the log's own key",
    "分叉": "split view: two histories for two readers",
    "倒签": "backdate",
    "密钥": "sign with a revoked, rotated or never registered key",
    "岗位": "sign in a post not held",
    "换文": "sign over another text",
    "换签": "swap two signatures",
    "重放": "replay a signature for another month",
    "小阶": "small-order keys",
    "可延展": "malleable ECDSA",
    "跨源": "crossOrigin, topOrigin, user verification, another site",
    "名册": "take a roll that says otherwise than the record, or change one that was taken",
    "瓦片": "tamper with the log's tiles",
    "附署": "forge or replay a cosignature",
    "证据包": "tamper with a bundle",
    "删除个人信息": "bring an erased person back",
}
