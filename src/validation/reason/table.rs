//! The rows. New ones go at the end; see the parent module for what may change.

use crate::validation::reason::ReasonEntry;
use crate::validation::reason::Severity;
use crate::validation::reason::rows::reasons;

reasons! {
    // -- the document as a whole
    NoSignatureFound "NO_SIGNATURE_FOUND" Error
        "The document carries no electronic signature."
        "文件中没有电子签名。"
        => "Ask for the signed original; a scan or a printout cannot be verified."
        "请向提交人索取带有电子签名的原始文件；扫描件、打印件无法核验。";
    DocumentNotSeen "DOCUMENT_NOT_SEEN" Info
        "Only the digest of the document was submitted; its content was not examined."
        "仅提交了文件的摘要值，未查看文件内容。"
        => "Keep the document that has this digest together with the receipt."
        "请将与该摘要值对应的文件和核验回执一并保存。";
    ContentWithheld "CONTENT_WITHHELD" Error
        "The signed content was not submitted, so the signature cannot be decided."
        "未提交被签名的内容，无法判断签名是否有效。"
        => "Submit the signed content together with the signature."
        "请将被签名的原文与签名一并提交。";
    CertificateOnly "CERTIFICATE_ONLY" Info
        "A certificate was submitted, not a signed document; only the certificate was examined."
        "提交的是数字证书，不是已签名的文件，仅对证书本身作了核验。"
        => "To verify a document, submit the signed document itself."
        "如需核验文件，请提交已签名的文件。";
    DemoTrust "DEMO_TRUST" Info
        "The result rests on the demonstration CA “{ca}”, which has no legal standing."
        "本结果依据演示用电子认证机构“{caZh}”作出，不具有法律效力。"
        => "Use it for trials only."
        "仅供试用，请勿用于正式业务。";
    PastValidationTime "PAST_VALIDATION_TIME" Warning
        "Judged as of {at}, at the caller's request; this does not prove that the signature existed then."
        "应请求按{at}的时点核验，不能证明该签名当时已经存在。"
        => "Decide only after checking by other means when the document was signed."
        "请先通过其他途径核实文件的签署时间，再作决定。";

    // -- form
    FormatMalformed "FORMAT_MALFORMED" Error
        "The file is damaged or not well formed: {detail}."
        "文件已损坏或格式不符合规范（{detail}）。"
        => "Ask for the original file again, unchanged."
        "请提交人重新提供未经改动的原始文件。";
    FormatEncoding "FORMAT_ENCODING" Error
        "“{field}” is not correctly encoded: {detail}."
        "“{field}”的编码有误（{detail}）。"
        => "Ask for the original file again; copying it through e-mail or chat text may have damaged it."
        "请重新提供原始文件；经邮件正文或聊天窗口复制粘贴，可能造成内容损坏。";
    FormatHeader "FORMAT_HEADER" Error
        "The signature header is wrong at “{field}”: {detail}."
        "签名头中的“{field}”有误（{detail}）。"
        => "Ask the issuer for a file whose header follows the standard."
        "请签发单位按标准重新出具文件。";
    FormatLimitExceeded "FORMAT_LIMIT_EXCEEDED" Error
        "The file exceeds what is examined: {detail}."
        "文件超出核验上限（{detail}）。"
        => "Ask for a smaller file, or have the limit reviewed by the operator."
        "请提供较小的文件，或联系运维单位评估是否调整上限。";
    FormatCertificate "FORMAT_CERTIFICATE" Error
        "A certificate inside the file cannot be read: {detail}."
        "文件所附数字证书无法读取（{detail}）。"
        => "Ask the signer to sign again with a working certificate."
        "请签名人更换可用的数字证书后重新签名。";
    TypNotExpected "TYP_NOT_EXPECTED" Error
        "The signed object is of type “{typ}”, not “{expected}”."
        "该签名对象的类型为“{typ}”，应为“{expected}”。"
        => "Submit the right file; an object signed for one purpose is not accepted for another."
        "请提交正确的文件；为某一用途签署的内容不能挪作他用。";
    AlgNone "ALG_NONE" Error
        "The header says that there is no signature (alg “none”)."
        "签名头声明未签名（alg 为“none”）。"
        => "Do not rely on the file: anybody can have written it."
        "请勿采信该文件，其内容任何人都可以编造。";
    AlgSymmetric "ALG_SYMMETRIC" Error
        "The algorithm “{alg}” uses a shared secret and proves no signer."
        "算法“{alg}”使用共享密钥，不能证明由谁签署。"
        => "Ask the issuer for a file signed with a certificate."
        "请签发单位使用数字证书签名后重新出具。";
    AlgUnknown "ALG_UNKNOWN" Error
        "The signature algorithm “{alg}” is not known here."
        "本系统不支持签名算法“{alg}”。"
        => "Ask the issuer for a signature with a common algorithm, such as ES256."
        "请签发单位改用通用算法（如 ES256）重新签名。";
    CritRefused "CRIT_REFUSED" Error
        "The header demands the extension “{names}”, which is not known here."
        "签名头要求必须处理扩展项“{names}”，本系统不支持。"
        => "Ask the issuer for a file without it."
        "请签发单位出具不含该扩展项的文件。";
    JkuRefused "JKU_REFUSED" Error
        "The header refers to a key at an outside address (jku); such keys are never fetched."
        "签名头要求到外部网址（jku）获取公钥，本系统一律不予获取。"
        => "Ask the issuer for a file that carries its certificate (x5c)."
        "请签发单位出具随附数字证书（x5c）的文件。";
    X5uRefused "X5U_REFUSED" Error
        "The header refers to a certificate at an outside address (x5u); such certificates are never fetched."
        "签名头要求到外部网址（x5u）获取证书，本系统一律不予获取。"
        => "Ask the issuer for a file that carries its certificate (x5c)."
        "请签发单位出具随附数字证书（x5c）的文件。";
    JwkRefused "JWK_REFUSED" Error
        "The header brings its own key (jwk), for which nobody vouches."
        "签名头自带公钥（jwk），没有任何机构为其证明。"
        => "Ask the issuer for a file that carries its certificate (x5c)."
        "请签发单位出具随附数字证书（x5c）的文件。";
    B64Refused "B64_REFUSED" Error
        "The payload is not encoded as usual (b64), which is not accepted."
        "载荷采用了非常规编码方式（b64），不予受理。"
        => "Ask the issuer for a file in the usual form."
        "请签发单位按常规格式重新出具文件。";
    SigningCertificateMissing "SIGNING_CERTIFICATE_MISSING" Error
        "The signature carries no certificate, so the signer is unknown."
        "签名未附数字证书，无法确认签名人。"
        => "Ask the issuer for a file that carries its certificate (x5c)."
        "请签发单位出具随附数字证书（x5c）的文件。";

    // -- cryptography
    SignatureWrong "SIGNATURE_WRONG" Error
        "The signature does not match the content: the file was altered, or is forged."
        "签名与内容不符，文件已被改动或系伪造。"
        => "Do not rely on the file. Ask the issuer directly for the original."
        "请勿采信该文件，并直接向签发单位索取原件。";
    DigestMismatch "DIGEST_MISMATCH" Error
        "The content is not what was signed: its digest differs."
        "内容与签名时不一致（摘要值不符）。"
        => "Do not rely on the file. Ask the issuer directly for the original."
        "请勿采信该文件，并直接向签发单位索取原件。";
    SignatureKeyMismatch "SIGNATURE_KEY_MISMATCH" Error
        "The algorithm “{algorithm}” does not fit the key of the certificate ({key})."
        "签名算法“{algorithm}”与证书的密钥类型（{key}）不匹配。"
        => "Ask the issuer for a correctly signed file."
        "请签发单位重新正确签名。";
    KeyNotSupported "KEY_NOT_SUPPORTED" Error
        "The kind of key in the certificate is not known here ({key}), so the signature could not be computed."
        "本系统不支持证书的密钥类型（{key}），无法验签。"
        => "Ask for a signature with a common kind of key, or have support added by the operator."
        "请改用通用密钥类型重新签名，或联系运维单位增加支持。";
    AlgorithmTooWeak "ALGORITHM_TOO_WEAK" Error
        "The algorithm “{algorithm}” has not been reliable since {sunset}."
        "算法“{algorithm}”自{sunset}起不再安全可靠。"
        => "Ask for a signature with a current algorithm."
        "请使用现行安全算法重新签名。";
    KeyTooWeak "KEY_TOO_WEAK" Error
        "The key of “{subject}” is too weak ({key})."
        "“{subject}”的密钥强度不足（{key}）。"
        => "Ask the signer to obtain a certificate with a stronger key and to sign again."
        "请签名人申领密钥强度符合要求的证书后重新签名。";
    AlgorithmNotPermitted "ALGORITHM_NOT_PERMITTED" Error
        "The algorithm “{algorithm}” is not among those permitted for the CA “{ca}”."
        "算法“{algorithm}”不在电子认证机构“{caZh}”获准使用的算法之列。"
        => "Ask for a signature with a permitted algorithm, or have the operator review ca.toml."
        "请使用获准的算法重新签名，或由运维单位复核该机构的信任配置。";

    // -- the signer's certification authority
    CaUnknown "CA_UNKNOWN" Error
        "The certificate was issued by “{issuer}”, which leads to no known certification authority."
        "证书由“{issuer}”签发，无法追溯到本系统已知的电子认证机构。"
        => "Ask the signer to use a certificate of a known certification authority."
        "请签名人改用本系统已知的电子认证机构签发的证书。";
    CaNotRecognised "CA_NOT_RECOGNISED" Error
        "“{caller}” does not recognise the certification authority “{ca}”."
        "“{caller}”未认可电子认证机构“{caZh}”。"
        => "Ask for a signature with a certificate that you recognise, or have the recognition of this CA considered."
        "请对方改用贵单位认可的证书签名；确有需要的，可提请认可该机构。";
    UsageNotPermitted "USAGE_NOT_PERMITTED" Error
        "The certification authority “{ca}” is not accepted by “{caller}” for the usage “{usage}”."
        "电子认证机构“{caZh}”签发的证书，“{caller}”不接受其用于“{usageZh}”。"
        => "Ask for a signature with a certificate that is meant for this usage."
        "请对方改用适用于该业务的证书签名。";
    AnchorNotRecognised "ANCHOR_NOT_RECOGNISED" Error
        "“{caller}” recognises “{ca}”, but has not approved this root certificate of it ({anchor})."
        "“{caller}”已认可“{caZh}”，但尚未核准其这一根证书（{anchor}）。"
        => "Compare its fingerprint with the one published by the CA, then approve it."
        "请与该机构公布的根证书指纹核对一致后，再予核准。";
    CaNotYetValid "CA_NOT_YET_VALID" Error
        "The certification authority “{ca}” is accepted only from {validFrom} on."
        "电子认证机构“{caZh}”自{validFrom}起方予采信。"
        => "Check the time of validation, or wait until that date."
        "请核对核验时点，或待该日期之后再行核验。";
    CaDistrusted "CA_DISTRUSTED" Error
        "“{ca}” is not trusted after {distrustAfter}, and nothing proves that this is older."
        "“{caZh}”自{distrustAfter}之后不再采信，且无法证明该签名或证书的形成早于该时点。"
        => "Ask for a signature with a certificate of another certification authority."
        "请对方改用其他电子认证机构签发的证书。";
    CertificatePolicyMissing "CERTIFICATE_POLICY_MISSING" Error
        "The certificate does not carry a policy that “{ca}” uses for “{usage}” (one of {expected})."
        "证书未载明“{caZh}”用于“{usageZh}”的证书策略（应为 {expected} 之一）。"
        => "Ask for a signature with a certificate that is meant for this usage."
        "请对方改用适用于该业务的证书签名。";
    KeyPurposeMismatch "KEY_PURPOSE_MISMATCH" Error
        "The key of the certificate is not meant for “{usage}” (expected {expected}, found {found})."
        "证书密钥的用途不适用于“{usageZh}”（应为 {expected}，实为 {found}）。"
        => "Do not accept it in place of the right one; ask for a signature with the key meant for this usage."
        "不得代替使用；请对方改用适用于该用途的证书重新签名。";
    SignerKeyUsage "SIGNER_KEY_USAGE" Error
        "The certificate's key may not be used for signing (keyUsage)."
        "证书的密钥用法（keyUsage）不允许用于签名。"
        => "Ask the signer to use its signing certificate, not its encryption certificate."
        "请签名人使用签名证书，不要使用加密证书。";
    SignerIsACa "SIGNER_IS_A_CA" Error
        "The signing certificate belongs to a certification authority, not to a signer."
        "签名所用的是电子认证机构自身的证书，不是用户证书。"
        => "Ask for a signature with an end-entity certificate."
        "请使用用户证书签名。";

    // -- certificates on the way to the trust anchor
    CertificateExpired "CERTIFICATE_EXPIRED" Error
        "The certificate of “{subject}” expired at {notAfter}, and nothing proves that the signature is older."
        "“{subject}”的证书已于{notAfter}到期，且无法证明签名在到期前已经存在。"
        => "Ask the signer to sign again with a valid certificate."
        "请签名人使用有效期内的证书重新签名。";
    CertificateNotYetValid "CERTIFICATE_NOT_YET_VALID" Error
        "The certificate of “{subject}” is valid only from {notBefore} on."
        "“{subject}”的证书自{notBefore}起方才生效。"
        => "Check the clock and the time of validation, or wait until that date."
        "请核对系统时钟和核验时点，或待证书生效后再行核验。";
    PathSignatureWrong "PATH_SIGNATURE_WRONG" Error
        "The certificate of “{subject}” was not signed by the authority that it names."
        "“{subject}”的证书验签不通过，并非其所称的机构签发。"
        => "Do not rely on it: the certificate is damaged or forged."
        "请勿采信，该证书已损坏或系伪造。";
    PathNotACa "PATH_NOT_A_CA" Error
        "The certificate was issued with “{subject}”, which is not a certification authority."
        "证书由“{subject}”签发，而后者不是电子认证机构，无权签发证书。"
        => "Do not rely on it: its issuer had no right to issue certificates."
        "请勿采信，签发者无权签发证书。";
    PathTooLong "PATH_TOO_LONG" Error
        "“{subject}” is one authority more than the certificates above it permit (path length)."
        "“{subject}”所处层级超出上级证书允许的路径长度。"
        => "Do not rely on it, and tell the certification authority."
        "请勿采信，并告知相关电子认证机构。";
    PathKeyUsage "PATH_KEY_USAGE" Error
        "The key of “{subject}” may not be used to issue certificates (keyUsage)."
        "“{subject}”的密钥用法（keyUsage）不允许签发证书。"
        => "Do not rely on it, and tell the certification authority."
        "请勿采信，并告知相关电子认证机构。";
    PathUnknownCriticalExtension "PATH_UNKNOWN_CRITICAL_EXTENSION" Error
        "The certificate of “{subject}” has a critical extension that is not known here ({oid})."
        "“{subject}”的证书含有本系统无法识别的关键扩展项（{oid}）。"
        => "Ask the signer for a certificate without it, or have support added by the operator."
        "请签名人更换证书，或联系运维单位增加支持。";
    PathNameConstraints "PATH_NAME_CONSTRAINTS" Error
        "The certificate of “{subject}” does not keep to the names that an authority above it may certify: {detail}."
        "“{subject}”的证书超出了上级机构获准签发的名称范围（名称限制：{detail}）。"
        => "Do not rely on it, and tell the certification authority."
        "请勿采信，并告知相关电子认证机构。";
    PathAlgorithmUnsupported "PATH_ALGORITHM_UNSUPPORTED" Error
        "The certificate of “{subject}” is signed with an algorithm that is not known here ({algorithm})."
        "“{subject}”的证书采用了本系统不支持的签名算法（{algorithm}）。"
        => "Ask the signer to use another certificate, or have support added by the operator."
        "请签名人更换证书，或联系运维单位增加支持。";
    PathBudgetExhausted "PATH_BUDGET_EXHAUSTED" Error
        "The search for a certification path was stopped because the file offers too many candidates."
        "文件所附的候选证书过多，证书路径查找已中止。"
        => "Ask for a file that carries only the signer's certificate and its issuers."
        "请提供仅附签名人证书及其上级证书的文件。";
    PathAnchorItself "PATH_ANCHOR_ITSELF" Error
        "The certificate is a trust anchor of “{ca}” itself; there is nothing above it to examine."
        "该证书本身即为“{caZh}”的根证书，没有可供核验的上级证书。"
        => "Submit the certificate of the signer."
        "请提交签名人的证书。";
    PathInvalid "PATH_INVALID" Error
        "No valid certification path was found: {detail}."
        "未能建立有效的证书路径（{detail}）。"
        => "Ask for a signature with another certificate, and tell the certification authority."
        "请对方更换证书重新签名，并告知相关电子认证机构。";

    // -- revocation of certificates
    CertificateRevoked "CERTIFICATE_REVOKED" Error
        "The certificate of “{subject}” was revoked at {revokedAt}, and nothing proves that the signature is older."
        "“{subject}”的证书已于{revokedAt}被吊销，且无法证明签名在吊销前已经存在。"
        => "Do not rely on the signature; ask the signer to sign again with a valid certificate."
        "请勿采信该签名，并请签名人使用有效证书重新签名。";
    CaCertificateRevoked "CA_CERTIFICATE_REVOKED" Error
        "The authority's certificate “{subject}” was revoked at {revokedAt}."
        "上级机构“{subject}”的证书已于{revokedAt}被吊销。"
        => "Do not rely on the signature; ask for one with a certificate of another authority."
        "请勿采信该签名，并请对方改用其他机构签发的证书。";
    CertificateOnHold "CERTIFICATE_ON_HOLD" Error
        "The certificate of “{subject}” is on hold for the time being."
        "“{subject}”的证书已被暂停使用。"
        => "Ask the signer what happened, and try again later."
        "请向签名人了解情况，稍后再行核验。";
    RevocationUnknown "REVOCATION_UNKNOWN" Error
        "Whether the certificate of “{subject}” has been revoked is not known at present."
        "目前无法确认“{subject}”的证书是否已被吊销。"
        => "Try again in {retryAfterSeconds} seconds."
        "请在 {retryAfterSeconds} 秒后重试。";
    RevocationStale "REVOCATION_STALE" Error
        "The latest revocation information of “{issuer}” is out of date (due {nextUpdate})."
        "“{issuer}”的吊销信息已过期（应于{nextUpdate}更新）。"
        => "Try again in {retryAfterSeconds} seconds; if it lasts, tell the certification authority."
        "请在 {retryAfterSeconds} 秒后重试；仍未更新的，请告知该电子认证机构。";
    RevocationNotChecked "REVOCATION_NOT_CHECKED" Info
        "Revocation of certificates was not examined: {why}."
        "未核查证书是否被吊销（{why}）。"
        => "Take this into account where much depends on the signature."
        "涉及重要事项的，请结合这一情况审慎判断。";

    // -- who signed
    SignerNotExpected "SIGNER_NOT_EXPECTED" Error
        "The document was not signed by {expected}, as was expected."
        "签名人不是所要求的主体（{expected}）。"
        => "Ask for the file signed by the expected company."
        "请提供由指定主体签名的文件。";
    SignerUsccInvalid "SIGNER_USCC_INVALID" Warning
        "The company identifier in the certificate ({source}) is not a valid USCC."
        "证书中的主体代码（{source}）不是有效的统一社会信用代码。"
        => "Establish the company by other means, and tell the certification authority."
        "请通过其他方式核实签名主体，并告知该电子认证机构。";
    SignerIdentityAmbiguous "SIGNER_IDENTITY_AMBIGUOUS" Warning
        "The certificate names several different companies ({sources}); none was taken."
        "证书中载有多个互不一致的主体代码（{sources}），均不予采用。"
        => "Establish the company by other means, and tell the certification authority."
        "请通过其他方式核实签名主体，并告知该电子认证机构。";

    // -- credentials
    CredentialRevoked "CREDENTIAL_REVOKED" Error
        "The credential has been revoked by its issuer."
        "该电子凭证已被签发单位撤销。"
        => "Do not rely on it; look the company up in the register."
        "请勿采信，并查询该主体的登记信息。";
    CredentialSuperseded "CREDENTIAL_SUPERSEDED" Error
        "The credential has been replaced by a newer one, because registered facts changed."
        "登记事项已变更，该电子凭证已由新凭证取代。"
        => "Ask for the current credential, or look the company up in the register."
        "请提供最新的电子凭证，或查询该主体的登记信息。";
    CredentialExpired "CREDENTIAL_EXPIRED" Error
        "The credential expired at {expiresAt}."
        "该电子凭证已于{expiresAt}到期。"
        => "Ask for the current credential, or look the company up in the register."
        "请提供有效期内的电子凭证，或查询该主体的登记信息。";
    CredentialSuspended "CREDENTIAL_SUSPENDED" Error
        "The credential is suspended by its issuer for the time being."
        "该电子凭证已被签发单位暂停使用。"
        => "Do not decide now; ask the issuer, or try again later."
        "请暂缓办理，向签发单位了解情况，或稍后再行核验。";
    CredentialNotYetValid "CREDENTIAL_NOT_YET_VALID" Error
        "The credential is valid only from {validFrom} on."
        "该电子凭证自{validFrom}起方才生效。"
        => "Check the clock, or wait until that time."
        "请核对系统时钟，或待凭证生效后再行核验。";
    CredentialUnknown "CREDENTIAL_UNKNOWN" Error
        "The issuer's register has no credential of this number ({id})."
        "签发单位的登记中没有该编号的电子凭证（{id}）。"
        => "Do not rely on it, and tell the issuer."
        "请勿采信，并告知签发单位。";
    CredentialTypeUnknown "CREDENTIAL_TYPE_UNKNOWN" Error
        "The type of the credential is not known here ({vct})."
        "本系统不识别该凭证类型（{vct}）。"
        => "Ask for a credential of a known type."
        "请提供本系统可识别的电子凭证。";
    CredentialClaimsInvalid "CREDENTIAL_CLAIMS_INVALID" Error
        "The credential's content does not follow its type: {detail}."
        "凭证内容不符合该类凭证的规范（{detail}）。"
        => "Tell the issuer, and ask for a corrected credential."
        "请告知签发单位，并索取更正后的电子凭证。";
    IssuerNotAuthorised "ISSUER_NOT_AUTHORISED" Error
        "The signer is not registered as an issuer of credentials of this type ({vct}) for this region and date."
        "签名人不是该类凭证（{vct}）在该地区、该时期的登记签发单位。"
        => "Do not rely on it as an official credential; look the company up in the register."
        "不得作为官方凭证采信，请查询该主体的登记信息。";
    IssuerMismatch "ISSUER_MISMATCH" Error
        "The credential names “{iss}” as its issuer, but another party signed it."
        "凭证所载签发者为“{iss}”，与实际签名人不符。"
        => "Do not rely on it, and tell the issuer that it names."
        "请勿采信，并告知凭证所载的签发单位。";
    StatusUnknown "STATUS_UNKNOWN" Error
        "Whether the credential is still valid is not known at present."
        "目前无法确认该电子凭证是否仍然有效。"
        => "Try again in {retryAfterSeconds} seconds."
        "请在 {retryAfterSeconds} 秒后重试。";
    StatusListRefused "STATUS_LIST_REFUSED" Error
        "The status list of the credential cannot be accepted: {detail}."
        "该电子凭证的状态列表不予采信（{detail}）。"
        => "Try again later; if it lasts, tell the issuer."
        "请稍后重试；问题持续存在的，请告知签发单位。";
    StatusNotStated "STATUS_NOT_STATED" Error
        "The credential does not say where its state can be looked up."
        "该电子凭证未载明状态查询方式，无法确认是否仍然有效。"
        => "Ask the issuer whether it is still valid."
        "请向签发单位核实该凭证是否仍然有效。";
    ClaimsWithheld "CLAIMS_WITHHELD" Info
        "The holder has not disclosed everything ({count} withheld)."
        "持有人未披露全部内容（隐去 {count} 项）。"
        => "If you need what is withheld, ask the holder to disclose it."
        "如需了解隐去的内容，请持有人另行披露。";
    HolderNotBound "HOLDER_NOT_BOUND" Info
        "The credential states facts about the company; it does not prove who presents it."
        "该电子凭证仅证明主体的登记事项，不能证明出示人的身份。"
        => "Establish by other means who stands before you, where that matters."
        "需要确认出示人身份的，请另行核实。";
    KeyBindingNotChecked "KEY_BINDING_NOT_CHECKED" Warning
        "The presentation carries a proof of its holder, which was not examined."
        "出示材料附有持有人证明，本次未予核验。"
        => "Do not treat it as proof of who presents the credential."
        "请勿据此认定出示人的身份。";
    DisclosureMalformed "DISCLOSURE_MALFORMED" Error
        "A disclosed claim is not well formed: {detail}."
        "披露的内容格式有误（{detail}）。"
        => "Ask the holder to present the credential again."
        "请持有人重新出示电子凭证。";
    DisclosureUnreferenced "DISCLOSURE_UNREFERENCED" Error
        "A disclosed claim does not belong to this credential: {detail}."
        "披露的内容不属于该电子凭证（{detail}）。"
        => "Do not rely on it: something was added that the issuer did not sign."
        "请勿采信，其中添加了签发单位未签署的内容。";
    DisclosureDuplicateDigest "DISCLOSURE_DUPLICATE_DIGEST" Error
        "A disclosed claim occurs more than once: {detail}."
        "同一披露项重复出现（{detail}）。"
        => "Ask the issuer for a correct credential."
        "请签发单位重新出具正确的电子凭证。";
    DisclosureDuplicateClaim "DISCLOSURE_DUPLICATE_CLAIM" Error
        "A claim occurs twice: {detail}."
        "同一内容重复出现，无法确定以哪一项为准（{detail}）。"
        => "Ask the issuer for a correct credential."
        "请签发单位重新出具正确的电子凭证。";
    DisclosureReservedName "DISCLOSURE_RESERVED_NAME" Error
        "A disclosed claim has a name that it may not have: {detail}."
        "披露的内容使用了不允许的名称（{detail}）。"
        => "Do not rely on it, and tell the issuer."
        "请勿采信，并告知签发单位。";
    DisclosureHashUnsupported "DISCLOSURE_HASH_UNSUPPORTED" Error
        "The digest algorithm of the disclosures is not known here: {detail}."
        "本系统不支持该凭证披露项所用的摘要算法（{detail}）。"
        => "Ask the issuer for a credential with sha-256."
        "请签发单位改用 sha-256 重新出具。";

    // -- added later, in the order in which they came
    PathPolicyConstraints "PATH_POLICY_CONSTRAINTS" Error
        "The certification path is not valid for any of the certificate policies that are required."
        "证书路径不符合所要求的任何证书策略（策略约束）。"
        => "Ask for a signature with a certificate that is issued under one of them."
        "请对方改用按所要求的证书策略签发的证书签名。";
    PathTooManyCertificates "PATH_TOO_MANY_CERTIFICATES" Error
        "The certification path has more than {maximum} certificates."
        "证书路径超过 {maximum} 级，已停止核验。"
        => "Ask the signer to use another certificate, and tell the certification authority."
        "请签名人更换证书，并告知相关电子认证机构。";
    RevocationSkipped "REVOCATION_SKIPPED" Info
        "Revocation of certificates was not examined, as the caller asked."
        "按请求方要求，未核查证书是否被吊销。"
        => "Take this into account where much depends on the signature."
        "涉及重要事项的，请结合这一情况审慎判断。";
    PathIssuerMissing "PATH_ISSUER_MISSING" Info
        "Neither a trust anchor nor a certificate of “{issuer}” is at hand, where one of the paths that were tried would go on."
        "所尝试的证书路径中，缺少“{issuer}”的根证书或上级证书。"
        => "If the signer's authority is this one, ask for a file with its certificate, or have the authority added by the operator."
        "若签名人的证书确由该机构签发，请提供附有其证书的文件，或联系运维单位添加该机构。";
    PathPolicyMapping "PATH_POLICY_MAPPING" Error
        "The certificate of “{subject}” maps certificate policies in a way that the standard forbids (anyPolicy)."
        "“{subject}”的证书以标准所禁止的方式映射证书策略（anyPolicy）。"
        => "Do not rely on it, and tell the certification authority."
        "请勿采信，并告知相关电子认证机构。";
    PathPurpose "PATH_PURPOSE" Error
        "“{subject}” may not issue certificates for this purpose ({expected})."
        "“{subject}”无权签发用于该用途的证书（{expected}）。"
        => "Do not rely on it for this purpose; ask for a certificate that is meant for it."
        "不得用于该用途，请对方改用适用的证书。";
    CertificatePurpose "CERTIFICATE_PURPOSE" Error
        "The certificate is not meant for what was asked (expected {expected}, found {found})."
        "证书用途不符合要求（应为 {expected}，实为 {found}）。"
        => "Ask for a certificate that is meant for it."
        "请对方改用适用的证书。";
    CertificateName "CERTIFICATE_NAME" Error
        "The certificate does not bear the name {expected}: {detail}."
        "证书不含所要求的名称 {expected}（{detail}）。"
        => "Do not accept it for this name."
        "不得作为该名称的证书采信。";
    PathRule "PATH_RULE" Error
        "The certification path does not follow the rules {rules}: {detail}."
        "证书路径不符合 {rules} 规则（{detail}）。"
        => "Tell the certification authority."
        "请告知相关电子认证机构。";
    RevocationEvidenceUnusable "REVOCATION_EVIDENCE_UNUSABLE" Warning
        "Revocation information on the certificate of “{subject}” could not be used: {detail}."
        "关于“{subject}”证书的吊销信息无法采用（{detail}）。"
        => "If it lasts, tell the certification authority."
        "问题持续存在的，请告知该电子认证机构。";
    RevocationLdapOnly "REVOCATION_LDAP_ONLY" Warning
        "The certificate of “{subject}” names its revocation information by LDAP alone, from which nothing is fetched here."
        "“{subject}”的证书仅以 LDAP 方式提供吊销信息，本系统不通过 LDAP 获取。"
        => "Have the operator name an address of the authority's list by HTTP, or ask for a certificate that does."
        "请联系运维单位配置该机构的 HTTP 吊销列表地址，或请对方更换证书。";
    RevocationStaleUsed "REVOCATION_STALE_USED" Warning
        "Revocation information that is out of date was used for the certificate of “{subject}” (due {nextUpdate})."
        "对“{subject}”的证书采用了已过期的吊销信息（应于{nextUpdate}更新）。"
        => "Take this into account where much depends on the signature."
        "涉及重要事项的，请结合这一情况审慎判断。";
    InputLeftOut "INPUT_LEFT_OUT" Warning
        "“{name}” could not be read and was left out: {detail}."
        "“{name}”无法读取，未予采用（{detail}）。"
        => "If it is needed, hand in a copy that can be read."
        "如需采用，请重新提交可读取的文件。";

    // -- signed documents
    SigningCertificateMismatch "SIGNING_CERTIFICATE_MISMATCH" Error
        "The certificate that verifies the signature is not the one that the signature names."
        "能够验证该签名的证书，与签名中指明的签名证书不一致。"
        => "Do not rely on it; ask the signer to sign again with its own certificate."
        "请勿采信该文件，并请签名人使用本人证书重新签名。";
    SigningCertificateNotNamed "SIGNING_CERTIFICATE_NOT_NAMED" Info
        "The signature does not name its certificate, so another one for the same key could have been put in its place."
        "签名未指明签名证书，同一密钥的其他证书可能被替换进来。"
        => "Nothing need be done where one key has one certificate."
        "同一密钥仅有一张证书时，无须处理。";
    FormatConflict "FORMAT_CONFLICT" Error
        "Parts of the signature contradict each other, or a rule of its standard is broken, at “{field}”: {detail}."
        "签名在“{field}”处自相矛盾或违反标准（{detail}）。"
        => "Do not rely on it; ask for a signature that follows the standard."
        "请勿采信该签名，并请对方按标准重新签名。";
    FormatUnprocessed "FORMAT_UNPROCESSED" Error
        "The signature demands something that is not processed here, at “{field}”: {detail}."
        "签名在“{field}”处要求的处理，本系统不支持（{detail}）。"
        => "Ask for a signature without it, or have it verified by whoever processes it."
        "请对方提供不含此项的签名，或交由支持此项的系统核验。";
    FormatIrregular "FORMAT_IRREGULAR" Info
        "The signature is not written quite as its standard has it, at “{field}”: {detail}."
        "签名在“{field}”处的写法与标准略有出入（{detail}）。"
        => "Nothing need be done; the maker of the signing software should know."
        "无须处理；建议告知签名软件的开发单位。";
    SignatureTimeProven "SIGNATURE_TIME_PROVEN" Info
        "A timestamp proves that the signature existed at {at}."
        "时间戳证明该签名在{at}已经存在。"
        => "Nothing need be done."
        "无须处理。";
    TimestampNotUsed "TIMESTAMP_NOT_USED" Warning
        "The timestamp {id} proves nothing: {detail}."
        "时间戳{id}不能作为证明（{detail}）。"
        => "Look at what is said of that timestamp."
        "请查看该时间戳的核验说明。";
    TimestampImprintDiffers "TIMESTAMP_IMPRINT_DIFFERS" Error
        "The timestamp is about something else."
        "该时间戳所对应的并非此内容。"
        => "Do not rely on the timestamp; ask for the file as it was stamped."
        "请勿采信该时间戳，并索取加盖时间戳时的原文件。";
    TimestampMalformed "TIMESTAMP_MALFORMED" Error
        "The timestamp cannot be read: {detail}."
        "时间戳无法读取（{detail}）。"
        => "Ask for the file as it was stamped."
        "请索取加盖时间戳时的原文件。";
    TimestampAuthorityPurpose "TIMESTAMP_AUTHORITY_PURPOSE" Error
        "The certificate of “{subject}” is not one of a timestamp authority: extended key usage timeStamping has to be critical and alone."
        "“{subject}”的证书不是时间戳服务机构证书（扩展密钥用法须仅含 timeStamping 且为关键项）。"
        => "Do not rely on the timestamp."
        "请勿采信该时间戳。";
    TimestampOrder "TIMESTAMP_ORDER" Error
        "Timestamps contradict each other: content is said to be of {notBefore}, its signature of {at}."
        "时间戳先后矛盾：内容的时间为{notBefore}，其签名的时间为{at}。"
        => "Do not rely on it; ask the signer to sign again."
        "请勿采信该文件，并请签名人重新签名。";
    JudgedAtSignatureTime "JUDGED_AT_SIGNATURE_TIME" Info
        "The signer's certificate was judged as of {at}, when the signature is proven to have existed."
        "签名人证书按{at}的时点核验，该签名已被证明在该时点存在。"
        => "Nothing need be done."
        "无须处理。";
    RevokedAfterSigning "REVOKED_AFTER_SIGNING" Info
        "The certificate of “{subject}” was revoked on {revokedAt}, after the signature is proven to have existed."
        "“{subject}”的证书已于{revokedAt}吊销，该签名已被证明在此之前存在。"
        => "Nothing need be done for this document; do not accept new signatures of this certificate."
        "本文件无须处理；请勿接受该证书此后的签名。";
    SignedAfterRevocation "SIGNED_AFTER_REVOCATION" Error
        "The signature was made after the certificate of “{subject}” was revoked on {revokedAt}: its content is not older than {notBefore}."
        "该签名是在“{subject}”的证书于{revokedAt}吊销之后作出的：其内容不早于{notBefore}。"
        => "Do not rely on it; report it to the CA and to the company."
        "请勿采信该文件，并告知电子认证服务机构和该企业。";
    CounterSignatureInvalid "COUNTER_SIGNATURE_INVALID" Error
        "The counter-signature {id} does not hold: {detail}."
        "反签{id}无效（{detail}）。"
        => "Find out who changed it; the document is not as it was counter-signed."
        "请查明改动者；文件已不是反签时的状态。";
    ContentDigestNeeded "CONTENT_DIGEST_NEEDED" Warning
        "The content was given by its digest alone ({given}); the signature needs its digest by {needed}."
        "原文仅以摘要值提交（{given}），核验该签名需要 {needed} 摘要值。"
        => "Submit the content itself, or its digest by {needed}."
        "请提交原文，或提交其 {needed} 摘要值。";
    ContentItselfNeeded "CONTENT_ITSELF_NEEDED" Warning
        "The content was given by its digest alone; the signature covers the content itself, not a digest of it."
        "原文仅以摘要值提交，而该签名直接对原文作出，无法凭摘要值核验。"
        => "Submit the content itself."
        "请提交原文。";
    OriginalNotUsed "ORIGINAL_NOT_USED" Warning
        "“{name}” was handed in as signed content, but a document of this kind ({format}) is not signed apart from its content."
        "“{name}”作为被签名的原文提交，但此类文件（{format}）不与原文分离签名，未予采用。"
        => "Submit what “{name}” was signed with, if its signature is meant."
        "如需核验“{name}”的签名，请提交与其对应的签名文件。";
    OriginalNotSigned "ORIGINAL_NOT_SIGNED" Error
        "“{name}” was handed in as signed content, but no signature here covers it."
        "“{name}”作为被签名的原文提交，但未被此处的任何签名涵盖。"
        => "Do not rely on “{name}”; submit the content alone that was signed."
        "请勿采信“{name}”，并仅提交被签名的原文。";
    SignedContentLeftOut "SIGNED_CONTENT_LEFT_OUT" Info
        "The signed content is not returned: {detail}."
        "未返回被签名的内容（{detail}）。"
        => "Take it from the document itself, where the verdict allows."
        "在核验结论允许的情况下，请从文件中自行提取。";
}
