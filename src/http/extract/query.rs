//! Reads a query strictly: nothing unknown, nothing twice.

use std::collections::BTreeSet;

use axum::extract::FromRequestParts;
use axum::extract::Query;
use axum::http::Uri;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::http::extract::context::Place;
use crate::http::extract::json::invalid;
use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;

/// A query of the right shape. `T` denies unknown members; `lang`, which every address takes, is not among
/// them.
#[derive(Debug)]
pub(in crate::http) struct StrictQuery<T>(pub(in crate::http) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for StrictQuery<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        read_query(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

/// A whole number that is at least that.
///
/// # Errors
/// A problem that names the parameter.
pub(in crate::http) fn number<T: TryFrom<i64>>(
    name: &str,
    given: Option<i64>,
    least: i64,
) -> Result<Option<T>, Problem> {
    let read = |number: i64| {
        let number = T::try_from(number).ok().filter(|_| number >= least);
        number.ok_or_else(|| Place::Query.refused(name, &format!("must be at least {least}")))
    };
    given.map(read).transpose()
}

fn read_query<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.starts_with("lang="))
        .collect();
    // What came as a query stays one when a part is left out.
    let uri: Uri = format!("/?{}", kept.join("&")).parse().map_err(|error| {
        let _: axum::http::uri::InvalidUri = error;
        Problem::new(ProblemType::InvalidQuery)
    })?;
    if !are_plainly_distinct(&kept) {
        refuse_repeated(&uri)?;
    }
    let read = Query::<T>::try_from_uri(&uri);
    read.map(|Query(value)| value)
        .map_err(|rejection| invalid(ProblemType::InvalidQuery, "parameter", &rejection))
}

/// More parameters than this are not compared one by one.
const FEW: usize = 16;

/// Whether the names of few parameters stand there as they are, and no two are the same; then none has to be decoded to
/// see that nothing is given twice.
fn are_plainly_distinct(pairs: &[&str]) -> bool {
    let names = || {
        let given = pairs.iter().filter(|pair| !pair.is_empty());
        given.map(|pair| pair.split_once('=').map_or(*pair, |(name, _)| name))
    };
    pairs.len() <= FEW
        && names().enumerate().all(|(place, name)| {
            !name.contains(['%', '+']) && names().take(place).all(|other| other != name)
        })
}

fn refuse_repeated(uri: &Uri) -> Result<(), Problem> {
    let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri);
    let Query(pairs) =
        pairs.map_err(|rejection| invalid(ProblemType::InvalidQuery, "parameter", &rejection))?;
    let mut seen = BTreeSet::new();
    match pairs
        .into_iter()
        .map(|(name, _)| name)
        .find(|name| !seen.insert(name.clone()))
    {
        None => Ok(()),
        Some(name) => Err(Problem::new(ProblemType::InvalidQuery)
            .explained(format!("{name}: given twice"))
            .with("parameter", name)),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::clock::Timestamp;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Asked {
        as_of: Option<Timestamp>,
        limit: Option<u32>,
    }

    fn refused(query: &str) -> (String, String) {
        let problem = read_query::<Asked>(query).unwrap_err();
        assert_eq!(problem.kind(), ProblemType::InvalidQuery);
        let json = problem.to_json("", crate::http::language::Language::En, None);
        let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
        (text("parameter"), text("detail"))
    }

    #[test]
    fn a_query_is_read_and_the_language_is_left_to_others() {
        let asked: Asked = read_query("limit=5&lang=en&asOf=2026-01-01T00%3A00%3A00Z").unwrap();
        assert_eq!(asked.limit, Some(5));
        assert!(asked.as_of.is_some());
        assert_eq!(
            read_query::<Asked>("").unwrap(),
            Asked {
                as_of: None,
                limit: None
            }
        );
        assert_eq!(
            read_query::<Asked>("lang=zh").unwrap(),
            Asked {
                as_of: None,
                limit: None
            }
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(refused("limit=x").0, "limit");
        assert_eq!(refused("asOf=yesterday").0, "asOf");
        assert_eq!(refused("limit=1&limit=2").0, "limit");
        assert_eq!(refused("limit=1&&li%6Dit=2").0, "limit");
        assert_eq!(refused("limit&limit=2").0, "limit");
        assert!(refused("unknown=1").1.contains("unknown field `unknown`"));
    }

    #[test]
    fn a_number_is_at_least_what_is_asked_and_no_more_than_its_type_holds() {
        assert_eq!(number::<u64>("before", None, 1).unwrap(), None);
        assert_eq!(number::<u64>("before", Some(1), 1).unwrap(), Some(1));
        for (given, least) in [(0, 1), (-1, 0)] {
            let problem = number::<u64>("before", Some(given), least).unwrap_err();
            assert_eq!(problem.kind(), ProblemType::InvalidQuery, "{given}");
            assert_eq!(problem.member("parameter"), Some(&"before".into()));
        }
        assert!(number::<u8>("before", Some(256), 0).is_err());
    }
}
