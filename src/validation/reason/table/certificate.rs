//! Reasons about certificates: the signer's, and those above it.

macro_rules! certificate {
    ($next:ident $($more:ident)* { $($before:tt)* }) => {
        $next! { $($more)* {
            $($before)*

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
        } }
    };
}

pub(super) use certificate;
