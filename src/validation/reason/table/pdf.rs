//! The rows on documents with revisions.

macro_rules! pdf {
    ($next:ident $($rest:ident)* { $($rows:tt)* }) => {
        $next! { $($rest)* { $($rows)*
            // -- documents with revisions
            DocumentModified "DOCUMENT_MODIFIED" Error
                "The document was changed after it was signed, beyond what the signer allowed: {detail}."
                "文件在签名后被改动，超出签名人允许的范围（{detail}）。"
                => "Do not rely on what the document shows; ask for it as it was signed."
                "请勿采信文件现在显示的内容，并要求提供签名时的版本。";
            DocumentExtended "DOCUMENT_EXTENDED" Info
                "The document was added to after it was signed, as the signer allowed: {detail}."
                "文件在签名后有签名人允许的追加（{detail}）。"
                => "Compare what was added with what you expect."
                "请核对追加的内容是否符合预期。";
            ModificationsUndecided "MODIFICATIONS_UNDECIDED" Error
                "What was changed in the document after it was signed cannot be decided: {detail}."
                "无法判断文件在签名后有何改动（{detail}）。"
                => "Ask for the document as it was signed, without what was added later."
                "请要求提供签名时的版本，不含后来追加的内容。";
            DocumentActive "DOCUMENT_ACTIVE" Warning
                "The document holds what other programs may run or open: {detail}. Nothing of it was run here."
                "文件含有其他程序可能执行或打开的内容（{detail}），本系统未予执行。"
                => "Open it only with a viewer that does not run it."
                "请仅用不会执行此类内容的阅读器打开。";
            DocumentEncrypted "DOCUMENT_ENCRYPTED" Info
                "The document is encrypted: {detail}."
                "文件已加密（{detail}）。"
                => "If something in it could not be read, ask for a copy that is not encrypted."
                "如有内容无法读取，请索取未加密的文件。";
        } }
    };
}

pub(super) use pdf;
