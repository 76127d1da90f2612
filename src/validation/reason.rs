//! The one table of reasons: why a verdict is what it is, and what to do next.
//!
//! Codes are stable and append-only: callers build on them, receipts carry them. A text may be
//! improved; a code is never renamed, reused or removed. Sub-indications are ETSI's own words; what is
//! particular to us is said here.

mod rows;
mod table;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error as _;
use serde_json::Value;

use crate::clock::Timestamp;

pub use table::REASONS;
pub use table::ReasonCode;

/// How much a reason weighs for a reader. The verdict itself is the indication, never this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; changes nothing.
    Info,
    /// Somebody should look at it, although it did not decide the verdict.
    Warning,
    /// It decided the verdict, or would have done so alone.
    Error,
}

impl Severity {
    /// The word for it in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One row of [`REASONS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReasonEntry {
    /// The code as a type.
    pub code: ReasonCode,
    /// The code as it stands in JSON, for example `CA_NOT_RECOGNISED`.
    pub name: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// What was found, in English; `{param}` stands for a parameter.
    pub message: &'static str,
    /// What was found, in Chinese.
    pub message_zh: &'static str,
    /// What the reader does next, in English.
    pub action: &'static str,
    /// What the reader does next, in Chinese.
    pub action_zh: &'static str,
}

impl ReasonCode {
    /// The code as it stands in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.entry().name
    }

    /// How much a reason of this code weighs.
    #[must_use]
    pub fn severity(self) -> Severity {
        self.entry().severity
    }

    /// The code of that name, if there is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let entry = REASONS.iter().find(|entry| entry.name == name)?;
        Some(entry.code)
    }
}

impl fmt::Display for ReasonCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Serialize for ReasonCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ReasonCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::from_name(&name).ok_or_else(|| D::Error::custom("unknown reason code"))
    }
}

/// A reason with its particulars filled in.
///
/// Its texts are made from the table when they are asked for, so that they exist once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    code: ReasonCode,
    params: BTreeMap<String, Value>,
}

impl Reason {
    /// A reason without particulars.
    #[must_use]
    pub fn new(code: ReasonCode) -> Self {
        Self {
            code,
            params: BTreeMap::new(),
        }
    }

    /// Adds a particular; `name` is camelCase, as in JSON.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.params.insert(name.to_owned(), value.into());
        self
    }

    /// Its code.
    #[must_use]
    pub fn code(&self) -> ReasonCode {
        self.code
    }

    /// How much it weighs.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }

    /// The particulars by name.
    #[must_use]
    pub fn params(&self) -> &BTreeMap<String, Value> {
        &self.params
    }

    /// What was found, in English.
    #[must_use]
    pub fn message(&self) -> String {
        self.fill(self.code.entry().message, as_it_stands)
            .into_owned()
    }

    /// What was found, in Chinese.
    #[must_use]
    pub fn message_zh(&self) -> String {
        self.fill(self.code.entry().message_zh, in_chinese)
            .into_owned()
    }

    /// What the reader does next, in English.
    #[must_use]
    pub fn action(&self) -> String {
        self.fill(self.code.entry().action, as_it_stands)
            .into_owned()
    }

    /// What the reader does next, in Chinese.
    #[must_use]
    pub fn action_zh(&self) -> String {
        self.fill(self.code.entry().action_zh, in_chinese)
            .into_owned()
    }

    /// Puts the particulars, written by `write`, in the place of `{param}`; a missing one shows as an
    /// ellipsis. A value is never looked at again, so one that contains braces stays as it is.
    fn fill(&self, template: &'static str, write: fn(&str) -> Cow<'_, str>) -> Cow<'static, str> {
        if !template.contains('{') {
            return Cow::Borrowed(template);
        }
        let mut filled = String::with_capacity(template.len());
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let Some((name, tail)) = after.split_once('}') else {
                rest = after;
                break;
            };
            match self.params.get(name) {
                Some(Value::String(text)) => filled.push_str(&write(text)),
                Some(value) => filled.push_str(&value.to_string()),
                None => filled.push('…'),
            }
            rest = tail;
        }
        filled.push_str(rest);
        Cow::Owned(filled)
    }
}

const fn as_it_stands(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text)
}

/// A time or day as one reads it in China, times to the minute in Beijing, which keeps UTC+8 all year.
/// Any other text stays as it is.
fn in_chinese(text: &str) -> Cow<'_, str> {
    // Most particulars are neither, and begin otherwise.
    if !text.starts_with(|first: char| first.is_ascii_digit()) {
        return Cow::Borrowed(text);
    }
    const BEIJING: Duration = Duration::from_secs(8 * 60 * 60);
    let day = |time: Timestamp| {
        let date = time.date();
        format!(
            "{}年{}月{}日",
            date.year(),
            u8::from(date.month()),
            date.day()
        )
    };
    if let Ok(time) = Timestamp::parse(text) {
        let local = time.plus(BEIJING);
        let minutes = local.as_unix_seconds().div_euclid(60);
        let (hour, minute) = (
            minutes.div_euclid(60).rem_euclid(24),
            minutes.rem_euclid(60),
        );
        return format!("{}{hour:02}:{minute:02}（北京时间）", day(local)).into();
    }
    let midnight = Timestamp::parse(&format!("{text}T00:00:00Z"));
    midnight.map_or_else(|_other| text.into(), |time| day(time).into())
}

/// The JSON form of a reason (DESIGN.md §4).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReasonJson<'a> {
    code: ReasonCode,
    severity: Severity,
    message: Cow<'static, str>,
    message_zh: Cow<'static, str>,
    action: Cow<'static, str>,
    action_zh: Cow<'static, str>,
    params: &'a BTreeMap<String, Value>,
}

/// What is read back: the texts follow from these two.
#[derive(Deserialize)]
struct ReasonCore {
    code: ReasonCode,
    #[serde(default)]
    params: BTreeMap<String, Value>,
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entry = self.code.entry();
        let json = ReasonJson {
            code: self.code,
            severity: entry.severity,
            message: self.fill(entry.message, as_it_stands),
            message_zh: self.fill(entry.message_zh, in_chinese),
            action: self.fill(entry.action, as_it_stands),
            action_zh: self.fill(entry.action_zh, in_chinese),
            params: &self.params,
        };
        json.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let ReasonCore { code, params } = ReasonCore::deserialize(deserializer)?;
        Ok(Self { code, params })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;

    /// Every code there has ever been, in order. Only ever add lines at the end.
    const PINNED: &[&str] = &[
        "NO_SIGNATURE_FOUND",
        "DOCUMENT_NOT_SEEN",
        "CONTENT_WITHHELD",
        "CERTIFICATE_ONLY",
        "DEMO_TRUST",
        "PAST_VALIDATION_TIME",
        "FORMAT_MALFORMED",
        "FORMAT_ENCODING",
        "FORMAT_HEADER",
        "FORMAT_LIMIT_EXCEEDED",
        "FORMAT_CERTIFICATE",
        "TYP_NOT_EXPECTED",
        "ALG_NONE",
        "ALG_SYMMETRIC",
        "ALG_UNKNOWN",
        "CRIT_REFUSED",
        "JKU_REFUSED",
        "X5U_REFUSED",
        "JWK_REFUSED",
        "B64_REFUSED",
        "SIGNING_CERTIFICATE_MISSING",
        "SIGNATURE_WRONG",
        "DIGEST_MISMATCH",
        "SIGNATURE_KEY_MISMATCH",
        "KEY_NOT_SUPPORTED",
        "ALGORITHM_TOO_WEAK",
        "KEY_TOO_WEAK",
        "ALGORITHM_NOT_PERMITTED",
        "CA_UNKNOWN",
        "CA_NOT_RECOGNISED",
        "USAGE_NOT_PERMITTED",
        "ANCHOR_NOT_RECOGNISED",
        "CA_NOT_YET_VALID",
        "CA_DISTRUSTED",
        "CERTIFICATE_POLICY_MISSING",
        "KEY_PURPOSE_MISMATCH",
        "SIGNER_KEY_USAGE",
        "SIGNER_IS_A_CA",
        "CERTIFICATE_EXPIRED",
        "CERTIFICATE_NOT_YET_VALID",
        "PATH_SIGNATURE_WRONG",
        "PATH_NOT_A_CA",
        "PATH_TOO_LONG",
        "PATH_KEY_USAGE",
        "PATH_UNKNOWN_CRITICAL_EXTENSION",
        "PATH_NAME_CONSTRAINTS",
        "PATH_ALGORITHM_UNSUPPORTED",
        "PATH_BUDGET_EXHAUSTED",
        "PATH_ANCHOR_ITSELF",
        "PATH_INVALID",
        "CERTIFICATE_REVOKED",
        "CA_CERTIFICATE_REVOKED",
        "CERTIFICATE_ON_HOLD",
        "REVOCATION_UNKNOWN",
        "REVOCATION_STALE",
        "REVOCATION_NOT_CHECKED",
        "SIGNER_NOT_EXPECTED",
        "SIGNER_USCC_INVALID",
        "SIGNER_IDENTITY_AMBIGUOUS",
        "CREDENTIAL_REVOKED",
        "CREDENTIAL_SUPERSEDED",
        "CREDENTIAL_EXPIRED",
        "CREDENTIAL_SUSPENDED",
        "CREDENTIAL_NOT_YET_VALID",
        "CREDENTIAL_UNKNOWN",
        "CREDENTIAL_TYPE_UNKNOWN",
        "CREDENTIAL_CLAIMS_INVALID",
        "ISSUER_NOT_AUTHORISED",
        "ISSUER_MISMATCH",
        "STATUS_UNKNOWN",
        "STATUS_LIST_REFUSED",
        "STATUS_NOT_STATED",
        "CLAIMS_WITHHELD",
        "HOLDER_NOT_BOUND",
        "KEY_BINDING_NOT_CHECKED",
        "DISCLOSURE_MALFORMED",
        "DISCLOSURE_UNREFERENCED",
        "DISCLOSURE_DUPLICATE_DIGEST",
        "DISCLOSURE_DUPLICATE_CLAIM",
        "DISCLOSURE_RESERVED_NAME",
        "DISCLOSURE_HASH_UNSUPPORTED",
        "PATH_POLICY_CONSTRAINTS",
        "PATH_TOO_MANY_CERTIFICATES",
        "REVOCATION_SKIPPED",
        "PATH_ISSUER_MISSING",
        "PATH_POLICY_MAPPING",
        "PATH_PURPOSE",
        "CERTIFICATE_PURPOSE",
        "CERTIFICATE_NAME",
        "PATH_RULE",
        "REVOCATION_EVIDENCE_UNUSABLE",
        "REVOCATION_LDAP_ONLY",
        "REVOCATION_STALE_USED",
        "INPUT_LEFT_OUT",
        "SIGNING_CERTIFICATE_MISMATCH",
        "SIGNING_CERTIFICATE_NOT_NAMED",
        "FORMAT_CONFLICT",
        "FORMAT_UNPROCESSED",
        "FORMAT_IRREGULAR",
        "SIGNATURE_TIME_PROVEN",
        "TIMESTAMP_NOT_USED",
        "TIMESTAMP_IMPRINT_DIFFERS",
        "TIMESTAMP_MALFORMED",
        "TIMESTAMP_AUTHORITY_PURPOSE",
        "TIMESTAMP_ORDER",
        "JUDGED_AT_SIGNATURE_TIME",
        "REVOKED_AFTER_SIGNING",
        "SIGNED_AFTER_REVOCATION",
        "COUNTER_SIGNATURE_INVALID",
        "CONTENT_DIGEST_NEEDED",
        "CONTENT_ITSELF_NEEDED",
        "ORIGINAL_NOT_USED",
        "ORIGINAL_NOT_SIGNED",
        "SIGNED_CONTENT_LEFT_OUT",
        "SEAL_MAKER_SIGNATURE_WRONG",
        "SEAL_MAKER_UNDECIDED",
        "SEAL_MAKER_NOT_TRUSTED",
        "SEAL_EXPIRED",
        "SEAL_NOT_YET_VALID",
        "SEAL_USE_NOT_PROVEN",
        "SEAL_SIGNER_NOT_LISTED",
        "DOCUMENT_MODIFIED",
        "DOCUMENT_EXTENDED",
        "MODIFICATIONS_UNDECIDED",
        "DOCUMENT_ACTIVE",
        "DOCUMENT_ENCRYPTED",
        "LIMIT_ALGORITHM",
        "LIMIT_KEY_BITS",
        "LIMIT_EVIDENCE_AGE",
        "LIMIT_POLICY",
    ];

    #[test]
    fn codes_are_append_only() {
        let names: Vec<&str> = REASONS.iter().map(|entry| entry.name).collect();
        assert_eq!(names, PINNED);
    }

    #[test]
    fn every_row_is_complete_and_found_by_its_name() {
        for entry in REASONS {
            for text in texts(entry) {
                assert!(!text.trim().is_empty(), "{}", entry.name);
            }
            for text in [entry.message, entry.action] {
                assert!(text.ends_with('.'), "{}: {text}", entry.name);
            }
            for text in [entry.message_zh, entry.action_zh] {
                assert!(text.ends_with('。'), "{}: {text}", entry.name);
                assert!(!text.contains("  "), "{}: {text}", entry.name);
            }
            assert_eq!(ReasonCode::from_name(entry.name), Some(entry.code));
            assert_eq!(entry.code.as_str(), entry.name);
        }
        assert_eq!(ReasonCode::from_name("NO_SUCH_CODE"), None);
    }

    #[test]
    fn both_languages_name_the_same_particulars() {
        for entry in REASONS {
            let [message, message_zh, action, action_zh] = texts(entry).map(placeholders);
            assert_eq!(message, without_zh(message_zh), "{}", entry.name);
            assert_eq!(action, without_zh(action_zh), "{}", entry.name);
        }
    }

    #[test]
    fn particulars_are_filled_in_once_and_missing_ones_show() {
        let reason = Reason::new(ReasonCode::CaNotRecognised).with("ca", "{caller}");
        assert_eq!(
            reason.message(),
            "“…” does not recognise the certification authority “{caller}”."
        );
        let retry = Reason::new(ReasonCode::StatusUnknown).with("retryAfterSeconds", 30);
        assert_eq!(retry.action_zh(), "请在 30 秒后重试。");
    }

    #[test]
    fn json_has_the_documented_members_and_reads_back() {
        let reason =
            Reason::new(ReasonCode::CredentialExpired).with("expiresAt", "2026-01-01T00:00:00Z");
        let json = serde_json::to_value(&reason).unwrap();
        assert_eq!(
            json,
            json!({
                "code": "CREDENTIAL_EXPIRED",
                "severity": "error",
                "message": "The credential expired at 2026-01-01T00:00:00Z.",
                "messageZh": "该电子凭证已于2026年1月1日08:00（北京时间）到期。",
                "action": "Ask for the current credential, or look the company up in the register.",
                "actionZh": "请提供有效期内的电子凭证，或查询该主体的登记信息。",
                "params": {"expiresAt": "2026-01-01T00:00:00Z"},
            })
        );
        assert_eq!(serde_json::from_value::<Reason>(json).unwrap(), reason);
        assert!(serde_json::from_value::<Reason>(json!({"code": "NOPE"})).is_err());
    }

    #[test]
    fn a_template_with_a_lone_brace_is_left_alone() {
        let reason = Reason::new(ReasonCode::NoSignatureFound).with("a", "1");
        assert_eq!(reason.fill("x {a} y {b", as_it_stands), "x 1 y b");
        assert_eq!(reason.fill("x } y", as_it_stands), "x } y");
    }

    #[test]
    fn chinese_texts_give_beijing_time() {
        assert_eq!(
            in_chinese("2025-12-31T16:05:59Z"),
            "2026年1月1日00:05（北京时间）"
        );
        assert_eq!(
            in_chinese("1969-12-31T15:59:00Z"),
            "1969年12月31日23:59（北京时间）"
        );
        assert_eq!(in_chinese("2014-01-01"), "2014年1月1日");
        assert_eq!(in_chinese("某公司"), "某公司");
    }

    fn texts(entry: &ReasonEntry) -> [&'static str; 4] {
        [
            entry.message,
            entry.message_zh,
            entry.action,
            entry.action_zh,
        ]
    }

    /// The Chinese texts take the Chinese names.
    fn without_zh(names: BTreeSet<&str>) -> BTreeSet<&str> {
        names
            .into_iter()
            .map(|name| name.strip_suffix("Zh").unwrap_or(name))
            .collect()
    }

    fn placeholders(text: &str) -> BTreeSet<&str> {
        let opened = text.split('{').skip(1);
        opened
            .filter_map(|part| Some(part.split_once('}')?.0))
            .collect()
    }
}
