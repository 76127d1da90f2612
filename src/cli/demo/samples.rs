//! One sample file for each verdict, with what it shows and to whom.

use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use crate::cli::demo::cas;
use crate::cli::demo::cas::DemoCas;
use crate::cli::demo::first_line;
use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::cli::found::NewCa;
use crate::credential::claims;
use crate::credential::kind::CredentialKind;
use crate::credential::sd_jwt_vc::issue::IssueInput;
use crate::credential::sd_jwt_vc::issue::prepare;
use crate::credential::sd_jwt_vc::issue::sign;
use crate::credential::state::ChangeReason;
use crate::credential::status_list::StatusList;
use crate::credential::status_list::StatusReference;
use crate::credential::status_list::token;
use crate::credential::status_list::token::Publication;
use crate::crypto::random::Random;
use crate::crypto::random::SystemRandom;
use crate::crypto::random::array;
use crate::encoding::base64url;
use crate::encoding::pem;
use crate::identifier::opaque_id::CredentialId;
use crate::identifier::uscc::Uscc;
use crate::registry::company::Company;
use crate::registry::company::CompanyEvent;
use crate::registry::company::CompanyEventBody;
use crate::registry::relying_party::RelyingPartyId;
use crate::secret::Secret;
use crate::service::app::App;
use crate::service::app::CertifiedKey;
use crate::service::call::Caller;
use crate::service::change_status::StatusAction;
use crate::service::issue::IssueRequest;
use crate::store::credentials::IssuedCredential;
use crate::store::file;
use crate::store::folder::DataFolder;

/// The credential type of every sample.
const KIND: &str = "business-registration";

/// A company of the neighbouring city; the organisation code begins with `YX`, which was never allotted.
const NEIGHBOUR_COMPANY: &str = "91441300YX0099992";

/// An issuer of the city that nobody entered into the register.
const UNLISTED_USCC: &str = "11441900YX0000016";

/// What making the samples needs.
pub(super) struct Making<'a> {
    pub(super) app: &'a App,
    pub(super) folder: &'a DataFolder,
    pub(super) city: &'a NewCa,
    pub(super) cas: &'a DemoCas,
    pub(super) department: &'a Caller,
    pub(super) expired: &'a IssuedCredential,
}

/// A sample with its verdict, as `samples/expected.json` lists it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Sample {
    file: &'static str,
    /// As whom to verify it.
    caller: &'static str,
    indication: &'static str,
    sub_indication: Option<&'static str>,
    /// The reason that decides; none when it passes.
    reason: Option<&'static str>,
    shows: &'static str,
    shows_zh: &'static str,
}

const PASSED: &str = "TOTAL-PASSED";
const FAILED: &str = "TOTAL-FAILED";
const UNDECIDED: &str = "INDETERMINATE";
const CHAIN_CONSTRAINTS: Option<&str> = Some("CHAIN_CONSTRAINTS_FAILURE");

/// Every sample, in the order in which to try them.
const SAMPLES: [Sample; 9] = [
    sample(
        "passed.sd-jwt",
        "bank-jia",
        (PASSED, None, None),
        "a valid credential",
        "有效的登记凭证",
    ),
    sample(
        "revoked.sd-jwt",
        "bank-jia",
        (FAILED, None, Some("CREDENTIAL_REVOKED")),
        "the department revoked it",
        "已被登记机关撤销",
    ),
    sample(
        "superseded.sd-jwt",
        "bank-jia",
        (FAILED, None, Some("CREDENTIAL_SUPERSEDED")),
        "the company has moved since",
        "企业登记事项变更，已被新凭证取代",
    ),
    sample(
        "suspended.sd-jwt",
        "bank-jia",
        (UNDECIDED, None, Some("CREDENTIAL_SUSPENDED")),
        "the department suspended it",
        "已被登记机关暂停",
    ),
    sample(
        "expired.sd-jwt",
        "bank-jia",
        (FAILED, None, Some("CREDENTIAL_EXPIRED")),
        "its time is over",
        "已过有效期",
    ),
    sample(
        "forged.sd-jwt",
        "bank-jia",
        (FAILED, Some("SIG_CRYPTO_FAILURE"), Some("SIGNATURE_WRONG")),
        "somebody changed the company's name",
        "企业名称被篡改",
    ),
    sample(
        "unknown-ca.sd-jwt",
        "bank-jia",
        (
            UNDECIDED,
            Some("NO_CERTIFICATE_CHAIN_FOUND"),
            Some("CA_UNKNOWN"),
        ),
        "signed below a CA that nobody knows",
        "签发证书来自未知的认证机构",
    ),
    sample(
        "ca-not-recognised.sd-jwt",
        "bank-yi",
        (UNDECIDED, CHAIN_CONSTRAINTS, Some("CA_NOT_RECOGNISED")),
        "issued by the neighbouring city, whose CA Bank Yi does not recognise",
        "邻市签发，乙银行不认可其认证机构",
    ),
    sample(
        "issuer-not-authorised.sd-jwt",
        "bank-jia",
        (UNDECIDED, CHAIN_CONSTRAINTS, Some("ISSUER_NOT_AUTHORISED")),
        "certified by the city's CA, but not in the issuer register",
        "持有市级认证机构证书，但不在签发者名录中",
    ),
];

const fn sample(
    file: &'static str,
    caller: &'static str,
    (indication, sub_indication, reason): (
        &'static str,
        Option<&'static str>,
        Option<&'static str>,
    ),
    shows: &'static str,
    shows_zh: &'static str,
) -> Sample {
    Sample {
        file,
        caller,
        indication,
        sub_indication,
        reason,
        shows,
        shows_zh,
    }
}

/// Issues the credential that will have expired when the demonstration is served.
pub(super) async fn issue_expired(
    app: &App,
    department: &Caller,
) -> Result<IssuedCredential, CliError> {
    let companies = companies(app, department).await?;
    issue(app, department, nth(&companies, 4)?).await
}

/// Makes every sample and writes it with its verdict.
pub(super) async fn write(making: &Making<'_>) -> Result<(), CliError> {
    let Making {
        app,
        folder,
        department,
        ..
    } = making;
    let companies = companies(app, department).await?;
    let dir = folder.path().join("samples");
    std::fs::create_dir_all(&dir).map_err(|error| CliError::new(Exit::Internal, error))?;
    let put = |name: &str, contents: &str| {
        file::create(&dir.join(name), contents.as_bytes()).or_exit(Exit::Internal)
    };

    let passed = issue(app, department, nth(&companies, 0)?).await?;
    put("passed.sd-jwt", &passed.compact)?;
    put("forged.sd-jwt", &forge(&passed.compact)?)?;
    put("expired.sd-jwt", &making.expired.compact)?;
    for (name, index, action) in [
        ("revoked", 1, StatusAction::Revoke),
        ("suspended", 2, StatusAction::Suspend),
    ] {
        let credential = issue(app, department, nth(&companies, index)?).await?;
        let reason = ChangeReason::parse("示例 sample").or_exit(Exit::Internal)?;
        app.change_status(department, &credential.reservation.id, action, &reason)
            .await
            .or_exit(Exit::Internal)?;
        put(&format!("{name}.sd-jwt"), &credential.compact)?;
    }
    put(
        "superseded.sd-jwt",
        &superseded(making, nth(&companies, 3)?).await?,
    )?;
    write_foreign(making, &put)?;
    write_holder(making, &put).await?;
    // Not the company of a sample: issuing to it again would supersede the sample.
    put("company.txt", &format!("{}\n", nth(&companies, 8)?))?;
    put(
        "expected.json",
        &serde_json::to_string_pretty(&SAMPLES).or_exit(Exit::Internal)?,
    )?;
    put("README.txt", &readme())
}

/// The company that signs the samples is registered, and has a credential that it fetches itself.
async fn write_holder(
    making: &Making<'_>,
    put: &dyn Fn(&str, &str) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let Making {
        app, department, ..
    } = making;
    let uscc = Uscc::with_check(cas::COMPANY_USCC).or_exit(Exit::Internal)?;
    let facts = serde_json::json!({
        "uscc": uscc,
        "name": cas::COMPANY_NAME,
        "state": "active",
        "address": "示例市示例路2号",
        "legalRepresentative": "示例人二",
        "establishedOn": "2015-03-01",
    });
    let facts = serde_json::from_value(facts).or_exit(Exit::Internal)?;
    app.record_facts(department, &uscc, facts, None)
        .await
        .or_exit(Exit::Internal)?;
    let request = IssueRequest {
        uscc,
        vct: kind(app)?.vct.clone(),
    };
    let issued = app.issue(department, &request, None).await;
    let issued = issued.or_exit(Exit::Internal)?;
    let code = issued
        .pick_up_code
        .ok_or_else(|| CliError::new(Exit::Internal, "a credential without a pick-up code"))?;
    let line = Secret::new(format!("{}\n", code.code.written().expose()));
    put("pick-up-code.txt", line.expose())
}

/// The company of the lines to try.
pub(super) fn tour_uscc(samples: &Path) -> Result<String, CliError> {
    first_line(&samples.join("company.txt"))
}

/// Samples that others than the city signed.
fn write_foreign(
    making: &Making<'_>,
    put: &dyn Fn(&str, &str) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let random = SystemRandom::new();
    let sample_company = neighbour_company(making.app)?;
    let neighbour = foreign(making.app, &sample_company, making.cas.neighbour())?;
    put("ca-not-recognised.sd-jwt", &neighbour)?;
    put(
        "neighbour-status.jwt",
        &neighbour_status_list(making, &random)?,
    )?;
    let unknown = making.cas.unknown_issuer(&random)?;
    put(
        "unknown-ca.sd-jwt",
        &foreign(making.app, &sample_company, &unknown)?,
    )?;
    let unlisted = cas::issuer(
        making.city,
        ("示例市", "Demo City unlisted"),
        UNLISTED_USCC,
        &random,
    )?;
    put(
        "issuer-not-authorised.sd-jwt",
        &foreign(making.app, &sample_company, &unlisted)?,
    )?;
    for company in making.cas.company_keys(&random)? {
        let certificate = pem::encode("CERTIFICATE", company.certificate.der());
        put(&format!("company-of-{}.pem", company.ca), &certificate)?;
        let key = pem::encode("PRIVATE KEY", company.pkcs8.expose());
        put(&format!("company-of-{}.key.pem", company.ca), &key)?;
    }
    Ok(())
}

async fn companies(app: &App, department: &Caller) -> Result<Vec<Uscc>, CliError> {
    let found = app
        .find_companies(department, "东莞", None, 10)
        .await
        .or_exit(Exit::Internal)?;
    Ok(found.into_iter().map(|company| company.uscc).collect())
}

fn nth(companies: &[Uscc], index: usize) -> Result<&Uscc, CliError> {
    companies
        .get(index)
        .ok_or_else(|| CliError::new(Exit::Internal, "too few sample companies"))
}

async fn issue(app: &App, department: &Caller, uscc: &Uscc) -> Result<IssuedCredential, CliError> {
    let request = IssueRequest {
        uscc: uscc.clone(),
        vct: kind(app)?.vct.clone(),
    };
    Ok(app
        .issue(department, &request, None)
        .await
        .or_exit(Exit::Internal)?
        .credential)
}

fn kind(app: &App) -> Result<&CredentialKind, CliError> {
    app.kinds()
        .by_id(KIND)
        .ok_or_else(|| CliError::new(Exit::Internal, format_args!("no type `{KIND}`")))
}

/// Issues, then lets the company move.
async fn superseded(making: &Making<'_>, uscc: &Uscc) -> Result<String, CliError> {
    let Making {
        app, department, ..
    } = making;
    let credential = issue(app, department, uscc).await?;
    let confirmation = app
        .confirm(department, uscc, None, &Default::default())
        .await
        .or_exit(Exit::Internal)?;
    let mut facts = serde_json::to_value(confirmation.company.facts()).or_exit(Exit::Internal)?;
    with_member(&mut facts, "address", "东莞市南城街道示例路999号");
    let facts = serde_json::from_value(facts).or_exit(Exit::Internal)?;
    app.record_facts(department, uscc, facts, None)
        .await
        .or_exit(Exit::Internal)?;
    Ok(credential.compact)
}

fn with_member(object: &mut Value, name: &str, text: &str) {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), Value::from(text));
    }
}

/// Changes the name in a signed payload, as a forger would.
fn forge(compact: &str) -> Result<String, CliError> {
    let broken = || CliError::new(Exit::Internal, "a credential has no payload");
    let mut segments = compact.splitn(3, '.');
    let (header, payload, rest) = (segments.next(), segments.next(), segments.next());
    let (header, payload, rest) = (
        header.ok_or_else(broken)?,
        payload.ok_or_else(broken)?,
        rest.ok_or_else(broken)?,
    );
    let bytes = base64url::decode(payload, payload.len()).or_exit(Exit::Internal)?;
    let mut payload: Value = serde_json::from_slice(&bytes).or_exit(Exit::Internal)?;
    with_member(&mut payload, "name", "东莞市冒名顶替有限公司");
    let payload = serde_json::to_vec(&payload).or_exit(Exit::Internal)?;
    Ok(format!("{header}.{}.{rest}", base64url::encode(&payload)))
}

/// Where the neighbouring city would publish its status list; nobody serves it.
const NEIGHBOUR_STATUS_LIST: &str = "https://neighbour.example/status/0";

/// The neighbouring city's status list, for `verify --status-list`: everything in it is valid.
fn neighbour_status_list(making: &Making<'_>, random: &dyn Random) -> Result<String, CliError> {
    let signer = making.cas.neighbour_status_signer(random)?;
    let list = StatusList::new(64).or_exit(Exit::Internal)?;
    let now = making.app.now();
    let publication = Publication {
        uri: NEIGHBOUR_STATUS_LIST,
        issued_at: now,
        expires_at: now.plus(YEAR),
        ttl_seconds: 3600,
    };
    token::encode(&list, publication, &signer.key, &signer.certificates).or_exit(Exit::Internal)
}

const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// A credential about `company` that somebody else than the city signed.
fn foreign(app: &App, company: &Company, issuer: &CertifiedKey) -> Result<String, CliError> {
    let random = SystemRandom::new();
    let kind = kind(app)?;
    let now = app.now();
    let input = IssueInput {
        id: CredentialId::from_random(array(&random).or_exit(Exit::Internal)?),
        kind,
        claims: claims::from_company(company, kind).or_exit(Exit::Internal)?,
        issuer: cas::NEIGHBOUR_ISS.to_owned(),
        issued_at: now,
        not_before: None,
        expires_at: now.plus(YEAR),
        status: StatusReference {
            index: 0,
            uri: NEIGHBOUR_STATUS_LIST.to_owned(),
        },
    };
    let prepared = prepare(input, &random).or_exit(Exit::Internal)?;
    sign(&prepared, &issuer.key, &issuer.certificates).or_exit(Exit::Internal)
}

fn neighbour_company(app: &App) -> Result<Company, CliError> {
    let facts = serde_json::json!({
        "uscc": Uscc::with_check(NEIGHBOUR_COMPANY).or_exit(Exit::Internal)?,
        "name": "惠州市示例商贸有限公司",
        "state": "active",
        "address": "惠州市示例路1号",
        "legalRepresentative": "示例人一",
        "establishedOn": "2015-03-01",
    });
    let event = CompanyEvent {
        sequence: 1,
        recorded_at: app.now(),
        recorded_by: RelyingPartyId::parse("neighbour").or_exit(Exit::Internal)?,
        body: CompanyEventBody::FactsRecorded(
            serde_json::from_value(facts).or_exit(Exit::Internal)?,
        ),
    };
    Company::apply(None, &event).or_exit(Exit::Internal)
}

fn readme() -> String {
    let mut text = String::from("Samples of the demo city 示例市样本\n\n");
    for sample in &SAMPLES {
        let verdict = sample.reason.unwrap_or("—");
        text.push_str(&format!(
            "{}\n    as {}: {} {verdict}\n    {}\n    {}\n",
            sample.file, sample.caller, sample.indication, sample.shows, sample.shows_zh
        ));
    }
    text.push_str(
        "\nneighbour-status.jwt: the neighbouring city's status list. With it the neighbour's credential passes\n\
         at Bank Jia, which recognises its CA:\n    \
         yinxin verify ca-not-recognised.sd-jwt --status-list neighbour-status.jwt --data .. --profile bank-jia\n",
    );
    text.push_str(
        "\ncompany-of-*.pem, company-of-*.key.pem: certificates of a sample company, one from each demonstration\n\
         CA, and its keys. In documents/ is what it signed with them.\n\
         \npick-up-code.txt: with this code the company fetches its credential, at /pickup or with\n    \
         yinxin credential pick-up --server http://127.0.0.1:8441 --code-file pick-up-code.txt --out fetched\n\
         Its certificates do as well:\n    \
         yinxin credential pick-up --server http://127.0.0.1:8441 --uscc 91441900YX0099992K \\\n        \
         --key company-of-demo-yi.key.pem --certificate company-of-demo-yi.pem --out fetched\n",
    );
    text
}
