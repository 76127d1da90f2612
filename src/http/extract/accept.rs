//! Which certificate authorities a request wants to count: some of those of its profile, never others.

use std::collections::BTreeSet;

use serde::Deserialize;
use utoipa::ToSchema;

use crate::http::extract::context::Place;
use crate::http::problem::Problem;
use crate::validation::trust_store::CaId;

/// A request names no more than these; a profile with more is not worth narrowing by name.
const MAX_CAS: usize = 32;

/// What is accepted of the caller's profile.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::http) struct AcceptBody {
    /// The ids of the certificate authorities that are to count, all of them among those of the profile.
    #[schema(min_items = 1, max_items = 32)]
    cas: Vec<String>,
}

/// The CAs of a JSON body; none where it says nothing.
pub(in crate::http) fn accepted_cas(
    body: Option<AcceptBody>,
) -> Result<Option<BTreeSet<CaId>>, Problem> {
    body.map(|body| {
        read(
            Place::Body,
            "accept.cas",
            body.cas.iter().map(String::as_str),
        )
    })
    .transpose()
}

/// The CAs of a query or form: ids with commas between them.
pub(in crate::http) fn listed_cas(
    place: Place,
    list: Option<&str>,
) -> Result<Option<BTreeSet<CaId>>, Problem> {
    list.map(|list| read(place, "acceptCas", list.split(',').map(str::trim)))
        .transpose()
}

fn read<'a>(
    place: Place,
    name: &'static str,
    ids: impl Iterator<Item = &'a str>,
) -> Result<BTreeSet<CaId>, Problem> {
    let ids: Vec<&str> = ids.collect();
    if ids.is_empty() || ids.len() > MAX_CAS {
        return Err(place.refused(name, &format!("must have 1 to {MAX_CAS} members")));
    }
    let ids = ids.into_iter().map(CaId::parse);
    ids.collect::<Result<_, _>>()
        .map_err(|error| place.refused(name, &error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::problem::table::ProblemType;

    #[test]
    fn ids_are_read_and_nothing_else() {
        let of_query = |list| listed_cas(Place::Query, Some(list)).map(Option::unwrap);
        assert_eq!(of_query("gdca, cfca").unwrap().len(), 2);
        for wrong in ["", "gdca,", "GDCA", "a b"] {
            let refused = of_query(wrong).unwrap_err();
            assert_eq!(refused.kind(), ProblemType::InvalidQuery, "{wrong}");
        }
        let of_body = |cas: &[&str]| {
            let cas = cas.iter().map(|ca| (*ca).to_owned()).collect();
            accepted_cas(Some(AcceptBody { cas }))
        };
        assert!(of_body(&["gdca"]).is_ok());
        assert_eq!(of_body(&[]).unwrap_err().kind(), ProblemType::InvalidBody);
        let many = vec!["gdca"; MAX_CAS + 1];
        assert!(of_body(&many).is_err());
        assert_eq!(accepted_cas(None).unwrap(), None);
    }
}
