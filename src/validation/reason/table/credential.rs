//! Reasons about credentials.

macro_rules! credential {
    ($next:ident $($more:ident)* { $($before:tt)* }) => {
        $next! { $($more)* {
            $($before)*

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
        } }
    };
}

pub(super) use credential;
