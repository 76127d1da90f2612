//! Reasons about the document as a whole, its form, and its cryptography.

macro_rules! document {
    ($next:ident $($more:ident)* { $($before:tt)* }) => {
        $next! { $($more)* {
            $($before)*

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
        } }
    };
}

pub(super) use document;
