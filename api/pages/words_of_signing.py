"""The words of the pages on which people register keys and sign 签署页面文字."""
# ruff: noqa: E501 - a sentence of the interface stands on one line

SIGNING_WORDS: dict[str, tuple[str, str]] = {
    "keys": ("登记签名密钥", "Register a signing key"),
    "keys.lead": (
        "由登记人当面核验本人身份后登记；本人不得为自己登记。私钥只在本人的设备上，从不上传。",
        "The registrar makes sure in person who it is; nobody registers their own key. The private key stays on the person's own device.",
    ),
    "keys.token": ("登记人的令牌", "The registrar's token"),
    "keys.person": ("密钥所属人员的档案编号", "Record id of the person whose key it is"),
    "keys.register": ("登记通行密钥", "Register a passkey"),
    "keys.waiting": (
        "请本人在设备上验证（指纹、人脸或密码）。",
        "Let the person verify themself on the device.",
    ),
    "keys.done": ("已登记，为台账第几条：", "Registered; its place in the ledger:"),
    "signing": ("电子签署", "Sign a document"),
    "signing.lead": (
        "先核对文书和签名的含义，再以本人的通行密钥签署。签名与密钥一经录入不能更改。",
        "Check the document and what a signature says, then sign with your own passkey. What is signed cannot be changed.",
    ),
    "signing.document": ("文书", "Document"),
    "signing.at": ("台账第{position}条", "fact {position}"),
    "signing.meaning": ("签名的含义", "What a signature says"),
    "signing.signed": ("已签署", "Signed by"),
    "signing.withdrawn": ("已撤回", "withdrawn"),
    "signing.note": ("注明", "Note"),
    "signing.signer": ("签署人", "Signer"),
    "signing.token": ("本人的令牌（在本机可不填）", "Your token (not needed on this machine)"),
    "signing.sign": ("签署", "Sign"),
    "signing.asking": ("正在准备……", "Preparing…"),
    "signing.waiting": ("请在设备上验证，签署：", "Verify yourself on the device to sign:"),
    "signing.done": ("已签署，为台账第几条：", "Signed; its place in the ledger:"),
    "signing.refused": ("未完成验证，没有签署。", "Not verified; nothing was signed."),
    "signing.not_passkey": (
        "此密钥不是通行密钥，请用保存该密钥的程序签署。",
        "This key is no passkey; sign with the program that holds it.",
    ),
    "signing.nobody": (
        "现在没有登记过密钥、又在应签署岗位上的人。请先登记密钥或任命。",
        "Nobody in a post that signs this has a registered key now. Register a key, or fill the post.",
    ),
}
