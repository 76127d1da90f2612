//! Reasons about signed documents, with their timestamps and originals.

macro_rules! signed {
    ($next:ident $($more:ident)* { $($before:tt)* }) => {
        $next! { $($more)* {
            $($before)*

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
        } }
    };
}

pub(super) use signed;
