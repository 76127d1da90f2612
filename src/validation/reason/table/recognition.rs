//! The rows on limits that a caller set on its recognition of a CA.

macro_rules! recognition {
    ($next:ident $($rest:ident)* { $($rows:tt)* }) => {
        $next! { $($rest)* { $($rows)*
            // -- limits of a row of the recognition table
            LimitAlgorithm "LIMIT_ALGORITHM" Error
                "“{caller}” recognises the CA “{ca}” only with certain algorithms, and “{algorithm}” is not among them."
                "“{caller}”仅在指定算法范围内认可电子认证机构“{caZh}”，算法“{algorithm}”不在其中。"
                => "Ask for a signature with one of these algorithms: {permitted}."
                "请使用下列算法之一重新签名：{permitted}。";
            LimitKeyBits "LIMIT_KEY_BITS" Error
                "“{caller}” recognises the CA “{ca}” from {minimum} bits on, and the key {key} of “{subject}” is weaker."
                "“{caller}”认可电子认证机构“{caZh}”的密钥强度下限为 {minimum} 位，“{subject}”的密钥 {key} 低于该下限。"
                => "Ask for a signature with a stronger key, or have the operator review the limit."
                "请使用强度更高的密钥重新签名，或由运维单位复核该下限。";
            LimitEvidenceAge "LIMIT_EVIDENCE_AGE" Error
                "The revocation status of “{subject}” is from {thisUpdate}, older than “{caller}” accepts of the CA “{ca}”."
                "“{subject}”的吊销状态信息出具于{thisUpdate}，超过“{caller}”对电子认证机构“{caZh}”设定的最长时限。"
                => "Try again once the CA has published a newer status."
                "请待该机构发布更新的状态信息后重试。";
            LimitPolicy "LIMIT_POLICY" Error
                "“{caller}” recognises the CA “{ca}” only for certificates under {expected}, and this one is under none of them."
                "“{caller}”仅认可电子认证机构“{caZh}”依据证书策略 {expected} 签发的证书，本证书不属于此类。"
                => "Ask for a signature with a certificate of that kind."
                "请使用该类证书重新签名。";
        } }
    };
}

pub(super) use recognition;
