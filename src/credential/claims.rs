//! What a credential says of a company: its facts, cut to what the kind asks for.

use crate::credential::kind::CredentialKind;
use crate::credential::kind::Departure;
use crate::registry::company::Company;
use crate::registry::registration::Registration;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// The claims of one credential, in the form that its kind's schema asks for.
///
/// Only [`from_company`] and [`Claims::check`] make them.
#[derive(Clone, Debug, PartialEq)]
pub struct Claims(Map<String, Value>);

/// Why there are no claims.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimsError {
    /// The kind certifies a registration that the company does not have.
    #[error("the company is not registered with {department}")]
    NotRegistered {
        /// With whom.
        department: String,
    },
    /// The facts do not have the form that the kind asks for.
    #[error("claims do not fit the schema of `{kind}`")]
    Schema {
        /// The kind.
        kind: String,
        /// Where and how.
        #[source]
        departure: Departure,
    },
}

impl Claims {
    /// Checks `members` against the schema of `kind`.
    ///
    /// # Errors
    /// [`ClaimsError::Schema`].
    pub fn check(members: Map<String, Value>, kind: &CredentialKind) -> Result<Self, ClaimsError> {
        // The validator reads a `Value`; the members come back out of it unchanged.
        let value = Value::Object(members);
        kind.check(&value)
            .map_err(|departure| ClaimsError::Schema {
                kind: kind.id.clone(),
                departure,
            })?;
        let members = if let Value::Object(members) = value {
            members
        } else {
            Map::new()
        };
        Ok(Self(members))
    }

    /// The claims by name.
    #[must_use]
    pub const fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The claims by name.
    #[must_use]
    pub fn into_map(self) -> Map<String, Value> {
        self.0
    }
}

/// Takes the claims of `kind` out of what is known of `company`.
///
/// A kind that has the claim `registration` certifies the registration with its own department.
///
/// # Errors
/// [`ClaimsError::NotRegistered`] when there is no such registration; [`ClaimsError::Schema`] when the
/// facts lack something that the kind requires.
pub fn from_company(company: &Company, kind: &CredentialKind) -> Result<Claims, ClaimsError> {
    let wanted = |name: &str| {
        let mut paths = kind.claims.iter().map(|claim| claim.path.first());
        paths.any(|first| first.is_some_and(|member| member.as_deref() == Some(name)))
    };
    let mut facts = facts(company);
    if wanted("registration") {
        let own = company.registrations.get(&kind.owner);
        let registration = own.ok_or_else(|| ClaimsError::NotRegistered {
            department: kind.owner.to_string(),
        })?;
        let mut members = registration_claims(registration);
        members.remove("department");
        facts.insert("registration".to_owned(), Value::Object(members));
    }
    facts.retain(|name, _| wanted(name));
    Claims::check(facts, kind)
}

/// Everything that a kind may ask for.
fn facts(company: &Company) -> Map<String, Value> {
    let mut facts = Map::new();
    let mut add = |name: &str, value: Value| facts.insert(name.to_owned(), value);
    add("name", company.name.as_str().into());
    add("uscc", company.uscc.as_str().into());
    add("state", company.state.entry().id.into());
    add("address", company.address.as_str().into());
    add(
        "legalRepresentative",
        company.legal_representative.as_str().into(),
    );
    add("establishedOn", company.established_on.to_string().into());
    if let Some(capital) = &company.capital {
        let currency = capital.currency.code();
        add(
            "capital",
            json!({"amount": capital.amount, "currency": currency}),
        );
    }
    if let Some(industry) = &company.industry
        && let Some(section) = industry.section()
    {
        let (code, name, name_en) = (industry.as_str(), section.name_zh, section.name);
        add(
            "industry",
            json!({"code": code, "name": name, "nameEn": name_en}),
        );
    }
    if let Some(term) = &company.business_term {
        let mut members = Map::new();
        members.insert("from".to_owned(), term.from.to_string().into());
        if let Some(until) = term.until {
            members.insert("until".to_owned(), until.to_string().into());
        }
        add("businessTerm", Value::Object(members));
    }
    let registrations = company.registrations.values();
    let registrations =
        registrations.map(|registration| Value::Object(registration_claims(registration)));
    add("registrations", registrations.collect());
    facts
}

fn registration_claims(registration: &Registration) -> Map<String, Value> {
    let mut members = Map::new();
    let mut add = |name: &str, value: Value| members.insert(name.to_owned(), value);
    add("department", registration.department.as_str().into());
    add("number", registration.number.as_str().into());
    add(
        "registeredOn",
        registration.registered_on.to_string().into(),
    );
    add("state", registration.state.id().into());
    members
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::credential::kind::KindSet;

    /// An invented company under the standard's own example code, registered with two departments.
    pub(crate) fn company() -> Company {
        serde_json::from_value(json!({
            "uscc": "91350100M000100Y43",
            "name": "东莞市示例有限公司",
            "state": "active",
            "capital": {"amount": 2_130_000, "currency": "CNY"},
            "address": "东莞市南城街道示例路1号",
            "legalRepresentative": "示例人一",
            "industry": "C39",
            "establishedOn": "2015-03-01",
            "businessTerm": {"from": "2015-03-01", "until": "2045-02-28"},
            "registrations": {
                "state-tax": {"department": "state-tax", "number": "粤税1", "registeredOn": "2015-03-02", "state": "active"},
                "customs": {"department": "customs", "number": "4419000001", "registeredOn": "2015-04-01", "state": "suspended"}
            },
            "version": 3,
            "updatedAt": "2024-01-01T00:00:00Z"
        }))
        .unwrap()
    }

    pub(crate) fn kinds() -> KindSet {
        KindSet::builtin("https://yinxin.example").unwrap()
    }

    fn claims(company: &Company, kind: &str) -> Result<Value, ClaimsError> {
        let kinds = kinds();
        let kind = kinds.by_id(kind).unwrap();
        from_company(company, kind).map(|claims| Value::Object(claims.into_map()))
    }

    #[test]
    fn a_business_registration_states_what_is_registered() {
        assert_eq!(
            claims(&company(), "business-registration").unwrap(),
            json!({
                "name": "东莞市示例有限公司",
                "uscc": "91350100M000100Y43",
                "state": "active",
                "capital": {"amount": 2_130_000, "currency": "CNY"},
                "address": "东莞市南城街道示例路1号",
                "legalRepresentative": "示例人一",
                "industry": {"code": "C39", "name": "制造业", "nameEn": "Manufacturing"},
                "establishedOn": "2015-03-01",
                "businessTerm": {"from": "2015-03-01", "until": "2045-02-28"},
                "registrations": [
                    {"department": "customs", "number": "4419000001", "registeredOn": "2015-04-01", "state": "suspended"},
                    {"department": "state-tax", "number": "粤税1", "registeredOn": "2015-03-02", "state": "active"},
                ],
            })
        );
    }

    #[test]
    fn what_the_company_does_not_have_is_left_out() {
        let mut company = company();
        company.capital = None;
        company.industry = None;
        company.business_term = None;
        company.registrations.clear();
        let claims = claims(&company, "business-registration").unwrap();
        assert_eq!(claims.as_object().unwrap().len(), 7);
        assert_eq!(claims["registrations"], json!([]));
    }

    #[test]
    fn every_state_of_a_company_fits_the_schema() {
        for entry in &crate::registry::company::STATES {
            let mut company = company();
            company.state = entry.state;
            let claims = claims(&company, "business-registration").unwrap();
            assert_eq!(claims["state"], entry.id);
        }
    }

    #[test]
    fn a_tax_registration_states_the_owners_registration_alone() {
        assert_eq!(
            claims(&company(), "tax-registration").unwrap(),
            json!({
                "name": "东莞市示例有限公司",
                "uscc": "91350100M000100Y43",
                "state": "active",
                "registration": {"number": "粤税1", "registeredOn": "2015-03-02", "state": "active"},
            })
        );
    }

    #[test]
    fn a_registration_that_is_not_there_cannot_be_certified() {
        let mut company = company();
        company.registrations.clear();
        assert_eq!(
            claims(&company, "tax-registration"),
            Err(ClaimsError::NotRegistered {
                department: "state-tax".to_owned()
            })
        );
    }

    #[test]
    fn claims_that_do_not_fit_are_refused_by_place() {
        let kinds = kinds();
        let kind = kinds.by_id("tax-registration").unwrap();
        let refused = Claims::check(Map::new(), kind);
        assert!(
            matches!(refused, Err(ClaimsError::Schema { departure, .. }) if departure.path.is_empty())
        );
    }
}
