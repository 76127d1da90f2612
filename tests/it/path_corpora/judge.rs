//! Puts a question to the command line, in this process, and reads the report.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

use serde_json::Value;
use yinxin::cli;
use yinxin::cli::exit::Exit;
use yinxin::cli::terminal::Terminal;

use crate::path_corpora::question::Question;

/// What a report says, as far as corpora have an opinion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) passed: bool,
    pub(super) indication: String,
    pub(super) sub_indication: Option<String>,
    /// The codes of the reasons, in order.
    pub(super) reasons: Vec<String>,
    /// The valid policy set, `2.5.29.32.0` for any policy.
    pub(super) policies: BTreeSet<String>,
    /// The digests of the path's certificates, the end entity's first.
    pub(super) path: Vec<String>,
}

/// Something that answers questions; an error is an answer that is no report.
pub(super) type Judge<'a> = &'a (dyn Fn(&Question) -> Result<Outcome, String> + Sync);

/// Asks `yinxin path`.
pub(super) fn judge(question: &Question) -> Result<Outcome, String> {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let exit = catch_unwind(AssertUnwindSafe(|| {
        let mut terminal = Terminal {
            out: &mut out,
            err: &mut err,
            interactive: false,
        };
        cli::run(question.to_arguments(), &mut terminal)
    }))
    .map_err(|_said_already| "panicked".to_owned())?;
    let told = String::from_utf8_lossy(&err);
    let report: Value =
        serde_json::from_slice(&out).map_err(|_no_json| format!("no report ({exit:?}) {told}"))?;
    let outcome = Outcome::of(&report).ok_or_else(|| format!("not a report: {report}"))?;
    let wanted = match outcome.indication.as_str() {
        "TOTAL-PASSED" => Exit::Success,
        "TOTAL-FAILED" => Exit::TotalFailed,
        _ => Exit::Indeterminate,
    };
    if exit != wanted {
        return Err(format!("ends with {exit:?} and says {outcome}"));
    }
    Ok(outcome)
}

impl Outcome {
    /// Reads a report; nothing if it is none.
    pub(super) fn of(report: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let list = |name: &str, member: &str| -> Option<Vec<String>> {
            let values = report.get(name)?.as_array()?.iter();
            values
                .map(|value| text(value.get(member).unwrap_or(value)))
                .collect()
        };
        let indication = text(report.get("indication")?)?;
        Some(Self {
            passed: indication == "TOTAL-PASSED",
            indication,
            sub_indication: text(report.get("subIndication")?),
            reasons: list("reasons", "code")?,
            policies: list("policies", "oid")?.into_iter().collect(),
            path: list("path", "sha256")?,
        })
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sub = self.sub_indication.as_deref().unwrap_or("-");
        write!(f, "{}/{sub} {}", self.indication, self.reasons.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_report_is_read() {
        let report = json!({
            "indication": "INDETERMINATE",
            "subIndication": "TRY_LATER",
            "reasons": [{"code": "A", "severity": "error"}, {"code": "B"}],
            "path": [{"subject": "CN=x", "sha256": "00"}],
            "policies": ["1.2.3"],
        });
        let outcome = Outcome::of(&report).unwrap();
        assert!(!outcome.passed);
        assert_eq!(outcome.to_string(), "INDETERMINATE/TRY_LATER A B");
        assert_eq!(outcome.path, ["00"]);
        assert_eq!(outcome.policies, BTreeSet::from(["1.2.3".to_owned()]));
    }

    #[test]
    fn what_lacks_a_part_is_no_report() {
        assert_eq!(Outcome::of(&json!({"indication": "TOTAL-PASSED"})), None);
        assert_eq!(Outcome::of(&json!([])), None);
    }

    #[test]
    fn what_is_no_report_is_an_error() {
        let question = Question {
            end_entity: "/nowhere/to/be/found".into(),
            at: "not a time".to_owned(),
            ..Question::default()
        };
        let error = judge(&question).unwrap_err();
        assert!(error.starts_with("no report"), "{error}");
    }
}
