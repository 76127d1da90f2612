//! The one table of problems: what can keep us from answering, and what to do then.
//!
//! Names and codes are stable: callers build on them. A text may be improved; a name or code is never
//! renamed or reused.

use axum::http::StatusCode;

/// One row of [`PROBLEMS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProblemEntry {
    /// The problem as a type.
    pub kind: ProblemType,
    /// The last segment of its URI, `{public_url}/problems/{name}`.
    pub name: &'static str,
    /// Its code, for programs.
    pub code: &'static str,
    /// The status it is answered with.
    pub status: StatusCode,
    /// What is the matter, in English.
    pub title: &'static str,
    /// The same in Chinese.
    pub title_zh: &'static str,
    /// What the caller does next, in English.
    pub action: &'static str,
    /// The same in Chinese.
    pub action_zh: &'static str,
}

macro_rules! problems {
    ($($(#[$doc:meta])* $kind:ident $name:literal $code:literal $status:ident {
        $title:literal $title_zh:literal
        $action:literal $action_zh:literal
    })+) => {
        /// What kind of problem it is; alphabetical.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ProblemType {
            $($(#[$doc])* $kind,)+
        }

        /// Every problem, alphabetically.
        pub const PROBLEMS: &[ProblemEntry] = &[$(ProblemType::$kind.entry(),)+];

        impl ProblemType {
            /// Its row in the table.
            #[must_use]
            pub const fn entry(self) -> ProblemEntry {
                match self {
                    $(Self::$kind => ProblemEntry {
                        kind: Self::$kind,
                        name: $name,
                        code: $code,
                        status: StatusCode::$status,
                        title: $title,
                        title_zh: $title_zh,
                        action: $action,
                        action_zh: $action_zh,
                    },)+
                }
            }
        }
    };
}

impl ProblemType {
    /// The problem of that name, if there is one.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        let entry = PROBLEMS.iter().find(|entry| entry.name == name)?;
        Some(entry.kind)
    }
}

problems! {
    /// The caller may not call from this address.
    AddressNotAllowed "address-not-allowed" "ADDRESS_NOT_ALLOWED" FORBIDDEN {
        "This caller may not call from this address" "该调用方不得从此地址访问"
        "Call from a network that was agreed on, or ask the operator to add the one in `address`."
        "请从约定的网络访问，或请运营方添加 `address` 所示地址。"
    }
    /// The API key is not in force, for whatever reason.
    ApiKeyInvalid "api-key-invalid" "API_KEY_INVALID" UNAUTHORIZED {
        "The API key is not valid" "API 密钥无效"
        "Check that the whole key was sent. If it has expired or was revoked, ask the operator for a new one."
        "请确认密钥完整无误；如已过期或被撤销，请向运营方申请新密钥。"
    }
    /// No API key came with the request.
    ApiKeyMissing "api-key-missing" "API_KEY_MISSING" UNAUTHORIZED {
        "An API key is required" "需要 API 密钥"
        "Send the header `Authorization: Bearer <key>`. The operator gives out keys."
        "请在请求头中携带 `Authorization: Bearer <密钥>`；密钥由运营方发放。"
    }
    /// `asOf` lies in the future.
    AsOfInFuture "as-of-in-future" "AS_OF_IN_FUTURE" UNPROCESSABLE_ENTITY {
        "The time asked about lies in the future" "查询的时点在未来"
        "Ask about a time that has passed, or leave `asOf` out for the present."
        "请查询已经过去的时点；查询当前状态时请勿提供 `asOf`。"
    }
    /// The body is larger than the route takes.
    BodyTooLarge "body-too-large" "BODY_TOO_LARGE" PAYLOAD_TOO_LARGE {
        "What was sent is too large" "提交的内容过大"
        "Send less at a time."
        "请减小内容后重新提交。"
    }
    /// The body did not arrive as a whole.
    BodyUnreadable "body-unreadable" "BODY_UNREADABLE" BAD_REQUEST {
        "What was sent did not arrive as a whole" "提交的内容未能完整接收"
        "Send it again."
        "请重新提交。"
    }
    /// Others changed the same thing each time it was tried.
    Busy "busy" "BUSY" CONFLICT {
        "Somebody else is changing the same thing" "该对象正被他人修改"
        "Try again in a moment. Nothing was changed."
        "未作任何更改，请稍后重试。"
    }
    /// The request named a certificate authority that its profile does not hold.
    CaOutsideProfile "ca-outside-profile" "CA_OUTSIDE_PROFILE" UNPROCESSABLE_ENTITY {
        "The certificate authority is not one of your profile" "所列电子认证机构不在贵单位认可范围内"
        "Name only authorities in `profileCas`; a request may narrow its profile, never widen it."
        "请仅列出 `profileCas` 中的机构；请求只能缩小认可范围，不能扩大。"
    }
    /// The caller asked more than was agreed on.
    CallerRateLimited "caller-rate-limited" "CALLER_RATE_LIMITED" TOO_MANY_REQUESTS {
        "More requests than this caller may make" "该调用方的请求次数超出限额"
        "Wait for the seconds in `Retry-After`; the operator sets the limits."
        "请在 `Retry-After` 所示秒数后重试；限额由运营方设定。"
    }
    /// The challenge is not in force, for whatever reason.
    ChallengeInvalid "challenge-invalid" "CHALLENGE_INVALID" FORBIDDEN {
        "The challenge is not valid" "挑战无效"
        "Ask for a new challenge and sign it exactly as it is. A challenge is good for ten minutes, for one company and once."
        "请重新获取挑战文本并原样签名；挑战仅限本企业、10 分钟内使用一次。"
    }
    /// What was handed in is not a signature over the challenge.
    ChallengeNotSigned "challenge-not-signed" "CHALLENGE_NOT_SIGNED" FORBIDDEN {
        "This is not a signature over the challenge" "提交的内容不是对挑战文本的签名"
        "Sign exactly the text of the challenge, as CMS or JWS, by one signer, and send the signature."
        "请由一个签名人对挑战文本原样签名（CMS 或 JWS），并提交签名结果。"
    }
    /// The TLS client certificate stands for nobody, or its time is not now.
    ClientCertificateInvalid "client-certificate-invalid" "CLIENT_CERTIFICATE_INVALID" UNAUTHORIZED {
        "The client certificate is not valid here" "客户端证书无效"
        "Check its validity period, and have the operator register the certificate or its key for you; or send an API key."
        "请检查证书有效期，并由运营方为贵方登记该证书或其密钥；亦可使用 API 密钥。"
    }
    /// A forwarded client certificate from somebody who is no proxy of ours.
    ClientCertificateNotForwarded "client-certificate-not-forwarded" "CLIENT_CERTIFICATE_NOT_FORWARDED" FORBIDDEN {
        "A forwarded client certificate is not taken from this address" "不接受此地址转发的客户端证书"
        "Leave the header `Client-Cert` out: it counts only from proxies that the operator configured."
        "请勿携带请求头 `Client-Cert`；仅接受运营方所配置代理的转发。"
    }
    /// The clock went back.
    ClockBehind "clock-behind" "CLOCK_BEHIND" SERVICE_UNAVAILABLE {
        "Nothing is signed at present: the service's clock is wrong" "服务时钟异常，暂停签发"
        "Try again later. The operator must set the clock right."
        "请稍后重试；运营方须校准服务器时钟。"
    }
    /// The company changed while its credential was being made.
    CompanyChanged "company-changed" "COMPANY_CHANGED" CONFLICT {
        "The company changed while the credential was being made" "制证期间企业信息发生变更"
        "Look at the company again, then try again. Nothing was issued."
        "未签发任何凭证，请重新核对企业信息后再试。"
    }
    /// The credential's state forbids the change.
    CredentialState "credential-state" "CREDENTIAL_STATE" CONFLICT {
        "The credential's state does not allow this" "凭证当前状态不允许此操作"
        "Look at the credential's state. Revoked, superseded and expired are final: issue a new one."
        "请查看凭证状态。已撤销、已被取代和已过期的凭证不可恢复，请重新签发。"
    }
    /// The database cannot be used at present.
    DatabaseUnavailable "database-unavailable" "DATABASE_UNAVAILABLE" SERVICE_UNAVAILABLE {
        "The service cannot reach its records at present" "服务暂时无法读取数据"
        "Try again in a moment. With an `Idempotency-Key` a repetition is never carried out twice."
        "请稍后重试；携带 `Idempotency-Key` 的请求不会被重复执行。"
    }
    /// Only the digest of a document was sent.
    DigestOnly "digest-only" "DIGEST_ONLY" UNPROCESSABLE_ENTITY {
        "A digest alone cannot be judged" "仅凭摘要无法验证"
        "Send the signature itself in `document.bytes`; digests of content that stays with you go into `originals`."
        "请在 `document.bytes` 中提交签名文件本身；不便提交的原文，请在 `originals` 中提交其摘要值。"
    }
    /// Both the bytes and the digest of a document were sent.
    DocumentAmbiguous "document-ambiguous" "DOCUMENT_AMBIGUOUS" BAD_REQUEST {
        "The document was given twice" "文件内容重复提供"
        "Send the document once: in one form, and in one field."
        "请只以一种形式、在一个字段中提供文件。"
    }
    /// The document has no bytes.
    DocumentEmpty "document-empty" "DOCUMENT_EMPTY" BAD_REQUEST {
        "The document is empty" "文件为空"
        "Check which file was chosen and send it again."
        "请检查所选文件后重新提交。"
    }
    /// No document came.
    DocumentMissing "document-missing" "DOCUMENT_MISSING" BAD_REQUEST {
        "There is nothing to verify" "没有可验证的内容"
        "Choose a file or paste its text."
        "请选择文件或粘贴其内容。"
    }
    /// The facts do not fit the registry or a credential type.
    FactsRefused "facts-refused" "FACTS_REFUSED" UNPROCESSABLE_ENTITY {
        "The facts were refused" "登记信息未被接受"
        "Correct what `detail` names. Nothing was recorded."
        "请更正 `detail` 所列内容；未作任何登记。"
    }
    /// The first request with this idempotency key has not been answered yet.
    IdempotencyInFlight "idempotency-in-flight" "IDEMPOTENCY_IN_FLIGHT" CONFLICT {
        "The first request with this idempotency key is still being worked on" "使用该幂等键的首个请求仍在处理中"
        "Wait a moment and send the same request again to get its answer."
        "请稍候，再次发送相同请求即可取得结果。"
    }
    /// The idempotency key was used with another body.
    IdempotencyKeyReused "idempotency-key-reused" "IDEMPOTENCY_KEY_REUSED" UNPROCESSABLE_ENTITY {
        "The idempotency key was used for another request" "该幂等键已用于其他请求"
        "Use a new key for a new request; repeat a request with exactly the same body."
        "新请求请使用新的幂等键；重复请求时请求体须完全一致。"
    }
    /// A line of an import was refused, and with it all of them.
    ImportLineRefused "import-line-refused" "IMPORT_LINE_REFUSED" UNPROCESSABLE_ENTITY {
        "A line of the import was refused" "导入内容中有一行未被接受"
        "Correct the line in `line` and import the whole file again. Nothing was imported."
        "请更正 `line` 所指的行后重新导入整个文件；未导入任何内容。"
    }
    /// Our fault.
    InternalError "internal-error" "INTERNAL_ERROR" INTERNAL_SERVER_ERROR {
        "Something went wrong on our side" "服务内部错误"
        "Try again. If it happens again, give the operator the reference of this answer: it finds the cause in our logs."
        "请重试；如仍出错，请将本次编号告知运营方，以便查找原因。"
    }
    /// A member of the body is unknown, missing or wrong.
    InvalidBody "invalid-body" "INVALID_BODY" BAD_REQUEST {
        "The request body is not as described" "请求体不符合接口说明"
        "Correct what `detail` names; /docs describes every member."
        "请更正 `detail` 所指内容；各字段说明见 /docs。"
    }
    /// A header cannot be understood.
    InvalidHeader "invalid-header" "INVALID_HEADER" BAD_REQUEST {
        "A request header cannot be understood" "请求头无法识别"
        "Correct the header in `header`."
        "请更正 `header` 所指的请求头。"
    }
    /// A path segment cannot be understood.
    InvalidPath "invalid-path" "INVALID_PATH" BAD_REQUEST {
        "The address holds something that cannot be understood" "地址中含有无法识别的内容"
        "Check the address."
        "请检查地址。"
    }
    /// A query parameter is unknown, missing or wrong.
    InvalidQuery "invalid-query" "INVALID_QUERY" BAD_REQUEST {
        "A query parameter cannot be understood" "查询参数无法识别"
        "Correct what `detail` names; /docs describes every parameter."
        "请更正 `detail` 所指内容；各参数说明见 /docs。"
    }
    /// Not a unified social credit code.
    InvalidUscc "invalid-uscc" "INVALID_USCC" BAD_REQUEST {
        "This is not a unified social credit code" "统一社会信用代码有误"
        "Compare all 18 characters with the licence. The letters I, O, S, V and Z never occur."
        "请逐位核对执照上的 18 位代码；代码中不含字母 I、O、S、V、Z。"
    }
    /// The issuer register does not authorise the city's key.
    IssuerNotAuthorised "issuer-not-authorised" "ISSUER_NOT_AUTHORISED" SERVICE_UNAVAILABLE {
        "The issuer register does not authorise this service to issue the type" "签发机构名册未授权本服务签发该类凭证"
        "Nothing was issued. The operator must enter the issuing key in the issuer register."
        "未签发任何凭证；运营方须将签发密钥登记于签发机构名册。"
    }
    /// Not base64.
    MalformedBase64 "malformed-base64" "MALFORMED_BASE64" BAD_REQUEST {
        "The document's bytes are not standard base64" "文件内容不是标准 base64 编码"
        "Encode the file's bytes with the standard alphabet (RFC 4648 section 4), not base64url."
        "请使用标准字母表（RFC 4648 第 4 节）编码文件内容，而非 base64url。"
    }
    /// Not JSON, or JSON that two readers could understand differently.
    MalformedJson "malformed-json" "MALFORMED_JSON" BAD_REQUEST {
        "The request body is not acceptable JSON" "请求体不是合格的 JSON"
        "Correct what `detail` names. Duplicate members and very deep nesting are refused."
        "请更正 `detail` 所指内容；不接受重复成员和过深的嵌套。"
    }
    /// Not a form that can be read.
    MalformedMultipart "malformed-multipart" "MALFORMED_MULTIPART" BAD_REQUEST {
        "The form could not be read" "表单内容无法读取"
        "Send multipart/form-data with one part `document`, parts `original` if there are any, and text fields."
        "请以 multipart/form-data 提交一个 `document` 部分、必要的 `original` 部分及文本字段。"
    }
    /// The address exists, but not for this method.
    MethodNotAllowed "method-not-allowed" "METHOD_NOT_ALLOWED" METHOD_NOT_ALLOWED {
        "This address does not take that method" "该地址不支持此请求方法"
        "The header `Allow` lists the methods it takes."
        "响应头 `Allow` 列出了支持的方法。"
    }
    /// There is nothing at this address.
    NotFound "not-found" "NOT_FOUND" NOT_FOUND {
        "There is nothing at this address" "该地址不存在"
        "Check the address. /docs lists what there is."
        "请检查地址；可用地址见 /docs。"
    }
    /// The service is starting or cannot work.
    NotReady "not-ready" "NOT_READY" SERVICE_UNAVAILABLE {
        "The service is not ready" "服务尚未就绪"
        "Try again in a moment. The operator finds the cause in the logs."
        "请稍后重试；原因见服务日志。"
    }
    /// The credential's type belongs to another department.
    NotYourCredential "not-your-credential" "NOT_YOUR_CREDENTIAL" FORBIDDEN {
        "The credential belongs to another department" "该凭证属于其他部门"
        "Ask the department in `owner`: it alone changes the credential's state."
        "请联系 `owner` 所指部门，凭证状态只能由其变更。"
    }
    /// The credential type belongs to another department.
    NotYourCredentialType "not-your-credential-type" "NOT_YOUR_CREDENTIAL_TYPE" FORBIDDEN {
        "This credential type belongs to another department" "该凭证类型属于其他部门"
        "Ask the department in `owner`: it alone issues this type."
        "请联系 `owner` 所指部门，该类凭证只能由其签发。"
    }
    /// The caller's department may not record this.
    NotYourDepartment "not-your-department" "NOT_YOUR_DEPARTMENT" FORBIDDEN {
        "Your department may not record this" "贵部门无权登记该事项"
        "Use the key of the department whose fact it is."
        "请使用该事项主管部门的密钥。"
    }
    /// The receipt is about a company.
    NothingToReplay "nothing-to-replay" "NOTHING_TO_REPLAY" UNPROCESSABLE_ENTITY {
        "There is nothing to replay" "没有可重演的内容"
        "Only receipts of verifications are replayed. For a company, ask again with `asOf`."
        "只有核验回执可以重演；查询企业的，请用 `asOf` 重新查询。"
    }
    /// Too much is going on.
    Overloaded "overloaded" "OVERLOADED" SERVICE_UNAVAILABLE {
        "The service is too busy" "服务繁忙"
        "Wait a moment and try again."
        "请稍候再试。"
    }
    /// The pick-up code is not in force, for whatever reason.
    PickUpCodeInvalid "pick-up-code-invalid" "PICK_UP_CODE_INVALID" FORBIDDEN {
        "The pick-up code is not valid" "取件码无效"
        "Compare it with the letter. If it has expired or was replaced, ask the department that issued the credential for a new one."
        "请与通知单逐位核对；如已过期或已更换，请向签发部门申请新的取件码。"
    }
    /// The pick-up code cannot be right.
    PickUpCodeMistyped "pick-up-code-mistyped" "PICK_UP_CODE_MISTYPED" BAD_REQUEST {
        "The pick-up code was mistyped" "取件码输入有误"
        "Compare all 28 characters with the letter. The letters I, L, O and U never occur."
        "请逐位核对通知单上的 28 位取件码；其中不含字母 I、L、O、U。"
    }
    /// The proposal is decided already.
    ProposalNotOpen "proposal-not-open" "PROPOSAL_NOT_OPEN" CONFLICT {
        "The proposal is decided already" "该提案已处理"
        "Look at the proposal's state; make a new proposal for what is still to be changed."
        "请查看提案状态；如仍需变更，请另行提出。"
    }
    /// The caller may not name this purpose.
    PurposeNotAllowed "purpose-not-allowed" "PURPOSE_NOT_ALLOWED" FORBIDDEN {
        "This caller may not name this purpose" "该调用方不得使用此用途"
        "Name one of the purposes in `allowedPurposes`; the operator decides on them."
        "请使用 `allowedPurposes` 所列用途；可用用途由运营方核定。"
    }
    /// The public asked too often from one address.
    RateLimited "rate-limited" "RATE_LIMITED" TOO_MANY_REQUESTS {
        "Too many requests without an API key from this address" "该地址的无密钥请求过于频繁"
        "Wait a moment and try again, or use an API key."
        "请稍候再试，或使用 API 密钥。"
    }
    /// The signed form of a receipt was erased.
    ReceiptErased "receipt-erased" "RECEIPT_ERASED" GONE {
        "The signed form of this receipt was erased" "该验证回执的签名文本已删除"
        "Operator and matter code are kept for a limited time, and the receipt named them. Your own copy still counts; ask as `application/json` for what it said otherwise."
        "经办人和事项编号的保存期限已满，而该回执载有这些信息。贵单位留存的回执仍然有效；其余内容可以 `application/json` 查询。"
    }
    /// A change of the recognition table does not fit.
    RecognitionRefused "recognition-refused" "RECOGNITION_REFUSED" UNPROCESSABLE_ENTITY {
        "This change of the recognition table was refused" "该项认可关系变更未被接受"
        "Correct what `detail` names. Nothing was changed."
        "请更正 `detail` 所指内容；认可关系未作任何变更。"
    }
    /// The body arrived too slowly.
    RequestTimeout "request-timeout" "REQUEST_TIMEOUT" REQUEST_TIMEOUT {
        "What was sent arrived too slowly" "提交内容接收超时"
        "Send it again over a better connection."
        "请在网络良好时重新提交。"
    }
    /// Whoever proposed a change cannot approve it.
    SamePerson "same-person" "SAME_PERSON" FORBIDDEN {
        "Whoever proposed a change cannot approve it" "提案人不能批准自己的提案"
        "Another operator has to approve it, with a key of their own caller."
        "请由另一名运维人员以其本人的调用方密钥批准。"
    }
    /// The key does not carry the scope.
    ScopeMissing "scope-missing" "SCOPE_MISSING" FORBIDDEN {
        "The API key may not do this" "该 API 密钥无此权限"
        "Use a key with one of the scopes in `requiredScopes`; the operator gives out keys."
        "请使用具有 `requiredScopes` 所列任一权限的密钥；密钥由运营方发放。"
    }
    /// The session is not in force, for whatever reason.
    SessionInvalid "session-invalid" "SESSION_INVALID" UNAUTHORIZED {
        "The session is not valid" "会话无效"
        "Sign in again with the pick-up code or a new challenge: a session ends after half an hour, and when the code is replaced."
        "请用取件码或新的挑战重新登录；会话于半小时后或取件码更换时失效。"
    }
    /// No session came with the request.
    SessionMissing "session-missing" "SESSION_MISSING" UNAUTHORIZED {
        "A company's session is required" "需要企业会话"
        "Sign in at `POST /v1/holder/sessions` and send the header `Authorization: Bearer <token>`."
        "请先通过 `POST /v1/holder/sessions` 登录，并在请求头中携带 `Authorization: Bearer <token>`。"
    }
    /// The signature over the challenge was judged and does not count.
    SignatureRefused "signature-refused" "SIGNATURE_REFUSED" FORBIDDEN {
        "The signature does not count for signing in" "该签名不能用于登录"
        "Look at `reasons`: each says what to do. The certificate must name the company, and its CA must be recognised here."
        "请查看 `reasons` 中各项原因及处理办法；证书须载明本企业，且其认证机构须为本服务认可。"
    }
    /// It took too long.
    TimedOut "timed-out" "TIMED_OUT" SERVICE_UNAVAILABLE {
        "The answer took too long" "处理超时"
        "Try again. With an `Idempotency-Key` a repetition is never carried out twice."
        "请重试；携带 `Idempotency-Key` 的请求不会被重复执行。"
    }
    /// Facts of this company were guessed at too often.
    TooManyMatchAttempts "too-many-match-attempts" "TOO_MANY_MATCH_ATTEMPTS" TOO_MANY_REQUESTS {
        "The facts of this company were compared too often" "该企业信息比对次数过多"
        "Try again after the seconds in `Retry-After`: attempts are limited per company."
        "每家企业的比对次数有限，请在 `Retry-After` 所示秒数后重试。"
    }
    /// A trust store is broken; the set before stays in force.
    TrustStoresRefused "trust-stores-refused" "TRUST_STORES_REFUSED" UNPROCESSABLE_ENTITY {
        "The trust stores were refused" "信任配置未被接受"
        "Correct the file that `detail` names and reload. The set in `digest` stays in force."
        "请更正 `detail` 所指文件后重新加载；`digest` 所示的原有配置继续有效。"
    }
    /// No such company.
    UnknownCompany "unknown-company" "UNKNOWN_COMPANY" NOT_FOUND {
        "No company with this code is registered here" "本地未登记该代码的企业"
        "Compare the code with the licence. Companies of other cities are found at gsxt.gov.cn."
        "请核对执照上的代码；外地企业请到国家企业信用信息公示系统（gsxt.gov.cn）查询。"
    }
    /// No such credential.
    UnknownCredential "unknown-credential" "UNKNOWN_CREDENTIAL" NOT_FOUND {
        "There is no such credential" "没有该凭证"
        "Check the number. If it stands on a paper or in a QR code, the paper is not genuine."
        "请核对编号；如该编号印于纸质件或二维码中，则该件不真实。"
    }
    /// No such credential type.
    UnknownCredentialType "unknown-credential-type" "UNKNOWN_CREDENTIAL_TYPE" UNPROCESSABLE_ENTITY {
        "There is no such credential type" "没有该凭证类型"
        "Use one of the types in `knownTypes`."
        "请使用 `knownTypes` 所列类型。"
    }
    /// No such fact can be compared.
    UnknownFact "unknown-fact" "UNKNOWN_FACT" UNPROCESSABLE_ENTITY {
        "There is no such fact to compare" "没有可比对的该项信息"
        "Leave out the member in `field`; /docs lists the facts that can be compared."
        "请去掉 `field` 所指成员；可比对的信息见 /docs。"
    }
    /// No such proposal.
    UnknownProposal "unknown-proposal" "UNKNOWN_PROPOSAL" NOT_FOUND {
        "There is no such proposal" "没有该提案"
        "Check the number."
        "请检查编号。"
    }
    /// No such purpose.
    UnknownPurpose "unknown-purpose" "UNKNOWN_PURPOSE" UNPROCESSABLE_ENTITY {
        "There is no such purpose" "没有该用途"
        "Use one of the purposes in `knownPurposes`, or leave it out."
        "请使用 `knownPurposes` 所列用途，或不提供用途。"
    }
    /// No such receipt, for this caller.
    UnknownReceipt "unknown-receipt" "UNKNOWN_RECEIPT" NOT_FOUND {
        "There is no such receipt" "没有该验证回执"
        "Check the number, `jti` in the receipt. A receipt is given again only to whom it was given, and for as long as the operator keeps receipts."
        "请核对编号（回执中的 `jti`）；回执只再次提供给其取得者，且以运营方的保存期限为限。"
    }
    /// No such version of the recognition table.
    UnknownRecognitionVersion "unknown-recognition-version" "UNKNOWN_RECOGNITION_VERSION" NOT_FOUND {
        "There is no such version of the recognition table" "认可关系表没有该版本"
        "Use a version up to the one in `version`."
        "请使用不大于 `version` 的版本号。"
    }
    /// No such status list.
    UnknownStatusList "unknown-status-list" "UNKNOWN_STATUS_LIST" NOT_FOUND {
        "There is no such status list" "没有该状态列表"
        "Take the address from the credential's `status.status_list.uri`."
        "请使用凭证中 `status.status_list.uri` 所载地址。"
    }
    /// A container that we know by name but do not read.
    UnsupportedFormat "unsupported-format" "UNSUPPORTED_FORMAT" UNPROCESSABLE_ENTITY {
        "Documents of this format cannot be read yet" "暂不支持该文件格式"
        "Send a signed document (CMS, CAdES), a timestamp, a credential (SD-JWT) or certificates (PEM, DER)."
        "请提交已签名的文件（CMS、CAdES）、时间戳、凭证（SD-JWT）或数字证书（PEM、DER）。"
    }
    /// A content type that this route does not take.
    UnsupportedMediaType "unsupported-media-type" "UNSUPPORTED_MEDIA_TYPE" UNSUPPORTED_MEDIA_TYPE {
        "This content type is not taken here" "不支持该内容类型"
        "Send one of the content types in `expected`."
        "请使用 `expected` 所列内容类型。"
    }
    /// The validation time lies in the future.
    ValidationTimeInFuture "validation-time-in-future" "VALIDATION_TIME_IN_FUTURE" UNPROCESSABLE_ENTITY {
        "The validation time lies in the future" "验证时点在未来"
        "Leave `validationTime` out to have it judged now."
        "如需按当前时间验证，请勿提供 `validationTime`。"
    }
    /// Another time than now needs a scope.
    ValidationTimeNotPermitted "validation-time-not-permitted" "VALIDATION_TIME_NOT_PERMITTED" FORBIDDEN {
        "This API key may not choose the validation time" "该 API 密钥无权指定验证时点"
        "Leave `validationTime` out, or use a key with the scope `audit`."
        "请勿提供 `validationTime`，或使用具有 `audit` 权限的密钥。"
    }
    /// `If-Match` named another version.
    VersionConflict "version-conflict" "VERSION_CONFLICT" PRECONDITION_FAILED {
        "The company changed since you looked" "企业信息已在您查看之后变更"
        "Look at the company again and repeat the change with its present version. Nothing was recorded."
        "未作任何登记；请重新查看企业信息，并以最新版本号重试。"
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_and_codes_are_unique_and_say_the_same() {
        let names: BTreeSet<_> = PROBLEMS.iter().map(|entry| entry.name).collect();
        assert_eq!(names.len(), PROBLEMS.len());
        for entry in PROBLEMS {
            assert_eq!(entry.code, entry.name.to_uppercase().replace('-', "_"));
            assert_eq!(ProblemType::by_name(entry.name), Some(entry.kind));
        }
        assert_eq!(ProblemType::by_name("no-such-problem"), None);
    }

    #[test]
    fn the_table_is_alphabetical() {
        assert!(PROBLEMS.is_sorted_by_key(|entry| entry.name));
    }

    #[test]
    fn every_problem_is_an_error_and_complete_in_both_languages() {
        for entry in PROBLEMS {
            assert!(entry.status.is_client_error() || entry.status.is_server_error());
            for text in [entry.title, entry.action] {
                assert!(
                    text.is_ascii() && !text.is_empty(),
                    "{}: {text}",
                    entry.name
                );
            }
            for text in [entry.title_zh, entry.action_zh] {
                assert!(
                    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)),
                    "{}: {text}",
                    entry.name
                );
            }
            assert!(
                !entry.title.ends_with('.') && entry.action.ends_with('.'),
                "{}",
                entry.name
            );
        }
    }
}
