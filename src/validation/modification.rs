//! Judges what was done to a document after it was signed. A signature is over its revision alone; whoever looks
//! at the document sees the last one.

use crate::signature::facts::modification::ChangeFact;
use crate::signature::facts::modification::ModificationExtent;
use crate::signature::facts::modification::ModificationFacts;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::report::ChangeReport;
use crate::validation::report::Indication;
use crate::validation::report::Modifications;
use crate::validation::report::SignatureReport;
use crate::validation::report::SubIndication;

/// Changes that are named in a reason; the report lists more.
const NAMED: usize = 3;

/// Restricts the report by what was done.
pub(super) fn judge(report: &mut SignatureReport, facts: &ModificationFacts) {
    let changes = facts.changes.iter();
    report.changes_after = changes.map(ChangeReport::after_signature).collect();
    let (extent, reason) = match facts.extent {
        ModificationExtent::None => (Modifications::None, None),
        ModificationExtent::Permitted => {
            (Modifications::Permitted, Some(ReasonCode::DocumentExtended))
        }
        ModificationExtent::Unknown => (
            Modifications::Unknown,
            Some(ReasonCode::ModificationsUndecided),
        ),
        ModificationExtent::Forbidden => {
            (Modifications::Forbidden, Some(ReasonCode::DocumentModified))
        }
    };
    report.modifications_after = Some(extent);
    let Some(code) = reason else {
        return;
    };
    let is_meant =
        |change: &&ChangeFact| facts.extent != ModificationExtent::Forbidden || !change.permitted;
    let named: Vec<String> = facts.changes.iter().filter(is_meant).map(named).collect();
    let more = named.len().saturating_sub(NAMED);
    let mut detail = match &facts.undecided {
        Some(why) => why.clone(),
        None => named.get(..NAMED).unwrap_or(&named).join("; "),
    };
    if more > 0 {
        detail.push_str(&format!("; +{more}"));
    }
    let reason = Reason::new(code).with("detail", detail);
    match facts.extent {
        // What is shown is not what was signed: the document as a whole is malformed in the sense of ETSI EN
        // 319 102-1 §5.2.2, as far as that names changes outside of what is signed.
        ModificationExtent::Forbidden => report.restrict(
            Indication::TotalFailed,
            Some(SubIndication::FormatFailure),
            reason,
        ),
        ModificationExtent::Unknown => report.restrict(
            Indication::Indeterminate,
            Some(SubIndication::SigConstraintsFailure),
            reason,
        ),
        ModificationExtent::None | ModificationExtent::Permitted => report.remark(reason),
    }
}

fn named(change: &ChangeFact) -> String {
    match &change.object {
        Some(object) => format!("{} ({object})", change.place),
        None => change.place.clone(),
    }
}
