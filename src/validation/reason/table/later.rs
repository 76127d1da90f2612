//! Reasons about what came to be examined later.

macro_rules! later {
    ($next:ident $($more:ident)* { $($before:tt)* }) => {
        $next! { $($more)* {
            $($before)*

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
        } }
    };
}

pub(super) use later;
