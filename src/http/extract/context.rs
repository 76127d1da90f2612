//! What callers say about a call, and codes that they send as text.

use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;
use crate::service::call::CallContext;
use crate::service::call::CallerText;

/// Where something was said, for naming it in a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Place {
    /// In a JSON body or a form.
    Body,
    /// In the query.
    Query,
}

impl Place {
    /// A problem about the member or parameter `name`.
    pub(in crate::http) fn refused(self, name: &str, what: &str) -> Problem {
        let (kind, member) = match self {
            Self::Body => (ProblemType::InvalidBody, "member"),
            Self::Query => (ProblemType::InvalidQuery, "parameter"),
        };
        Problem::new(kind)
            .explained(format!("{name}: {what}"))
            .with(member, name)
    }
}

/// Purpose, operator and matter code of a call, checked.
///
/// # Errors
/// A problem that names the text and what is wrong with it.
pub(in crate::http) fn call_context(
    place: Place,
    purpose: Option<String>,
    operator: Option<String>,
    matter_code: Option<String>,
) -> Result<CallContext, Problem> {
    let text = |name: &'static str, given: Option<String>| {
        let parsed = given.map(|text| CallerText::parse(&text)).transpose();
        parsed.map_err(|error| place.refused(name, &error.to_string()))
    };
    Ok(CallContext {
        purpose,
        operator: text("operator", operator)?,
        matter_code: text("matterCode", matter_code)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_checked_and_the_wrong_one_is_named() {
        let context = call_context(
            Place::Body,
            Some("loan".to_owned()),
            Some("柜员 7".to_owned()),
            None,
        )
        .unwrap();
        assert_eq!(context.operator.unwrap().as_str(), "柜员 7");
        let long = Some("x".repeat(65));
        let problem = call_context(Place::Query, None, None, long).unwrap_err();
        assert_eq!(problem.kind(), ProblemType::InvalidQuery);
        assert_eq!(problem.member("parameter"), Some(&"matterCode".into()));
    }
}
