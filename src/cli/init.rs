//! `yinxin init`: a data folder without demonstration data.

use crate::cli::arguments::Init;
use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::cli::found::CITY_CA;
use crate::cli::found::Founding;
use crate::cli::found::NewUsage;
use crate::cli::found::found;
use crate::cli::found::in_the_data_folder;
use crate::cli::found::valid_since;
use crate::cli::open::DemoTrust;
use crate::cli::open::Opening;
use crate::cli::open::open;
use crate::cli::open::runtime;
use crate::cli::terminal::Terminal;
use crate::clock::Clock as _;
use crate::clock::SystemClock;
use crate::clock::Timestamp;
use crate::crypto::random::SystemRandom;
use crate::evidence::audit::AuditAction;
use crate::pki::trust_anchor::TrustAnchor;
use crate::registry::issuer::IssuerEntry;
use crate::registry::issuer::IssuerIdentity;
use crate::registry::recognition::RecognitionRow;
use crate::registry::relying_party::RelyingParty;
use crate::registry::relying_party::RelyingPartyId;
use crate::service::app::App;
use crate::store::folder::DataFolder;
use crate::store::pool::Missing;
use crate::validation::trust_store::CaId;
use crate::validation::trust_store::Usage;

/// Runs `init`.
///
/// # Errors
/// [`Exit::Usage`] when the folder exists.
pub(in crate::cli) fn run(arguments: &Init, terminal: &mut Terminal<'_>) -> Result<Exit, CliError> {
    let random = SystemRandom::new();
    let since = valid_since(SystemClock.now());
    let founding = Founding {
        data: &arguments.data,
        city: &arguments.city,
        city_zh: &arguments.city_zh,
        issuer_uscc: &arguments.issuer_uscc,
        public_url: arguments.public_url.trim_end_matches('/'),
        listen: arguments.listen,
        database: database(arguments)?,
        demo: false,
        since,
        random: &random,
    };
    found(&founding, |folder, _| create_database(folder, since))?;
    let config = DataFolder::open(&arguments.data)
        .or_exit(Exit::Internal)?
        .config();
    let config = config.display();
    terminal.line(format_args!("made {}; next:", arguments.data.display()))?;
    terminal.line(format_args!("  yinxin caller add bank-one --kind bank --name … --name-zh … --recognise city:credential-issuing --config {config}"))?;
    terminal.line(format_args!(
        "  yinxin company import companies.ndjson --as DEPARTMENT --config {config}"
    ))?;
    terminal.line(format_args!("  yinxin serve --config {config}"))?;
    Ok(Exit::Success)
}

/// The lines of `[database]`.
fn database(arguments: &Init) -> Result<String, CliError> {
    let Some(url) = &arguments.database_url else {
        return Ok(in_the_data_folder());
    };
    let mut lines = format!("url = {url:?}\n");
    if let Some(path) = &arguments.database_password_file {
        // The configuration takes paths from its own folder, this one is from where we stand.
        let path = path.canonicalize().map_err(|error| {
            CliError::new(Exit::NoInput, format_args!("{}: {error}", path.display()))
        })?;
        lines.push_str(&format!(
            "password_file = {:?}\n",
            path.display().to_string()
        ));
    }
    Ok(lines)
}

/// Makes the database and enters the city's key into the issuer register.
fn create_database(folder: &DataFolder, since: Timestamp) -> Result<(), CliError> {
    runtime()?.block_on(async {
        let opening = Opening {
            missing: Missing::Create,
            ..Opening::for_writing()
        };
        let opened = open(&folder.config(), opening).await?;
        note_keys(&opened.app).await?;
        enter_city_issuer(&opened.app, since).await?;
        let public = recognises_city(&opened.app, RelyingParty::public().id, since)?;
        opened
            .app
            .add_recognition(&[public])
            .await
            .or_exit(Exit::Internal)?;
        opened.app.close().await;
        Ok(())
    })
}

/// Tells the audit trail which keys were made for the city, by the digests of their public halves.
///
/// # Errors
/// [`Exit::Internal`] when the database fails.
pub(in crate::cli) async fn note_keys(app: &App) -> Result<(), CliError> {
    let keys = app.keys();
    let made = [&keys.credential, &keys.receipt, &keys.status_list];
    for made in made.into_iter().chain(&keys.timestamp) {
        let (purpose, spki) = (made.key.purpose(), made.key.public_key().sha256());
        app.note_operation(AuditAction::KeyGenerated, &spki.to_string(), purpose.name())
            .await
            .or_exit(Exit::Internal)?;
    }
    Ok(())
}

/// Authorises the city's credential key for every credential type, from `since` on.
///
/// # Errors
/// [`Exit::Internal`] when the database fails.
pub(in crate::cli) async fn enter_city_issuer(app: &App, since: Timestamp) -> Result<(), CliError> {
    for kind in app.kinds().all() {
        let entry = IssuerEntry {
            id: format!("city-{}", kind.id),
            department: kind.owner.clone(),
            identity: IssuerIdentity::Spki(app.keys().credential.key.public_key().sha256()),
            iss: Some(app.settings().public_url.clone()),
            vct: kind.vct.clone(),
            regions: vec![kind.region.clone()],
            valid_from: since,
            valid_until: None,
        };
        app.enter_issuer(&entry).await.or_exit(Exit::Internal)?;
    }
    Ok(())
}

/// A caller's recognition of the city's CA for issuing credentials, with the anchors it has today.
///
/// # Errors
/// [`Exit::Internal`] when the city's trust store is missing.
pub(in crate::cli) fn recognises_city(
    app: &App,
    caller: RelyingPartyId,
    since: Timestamp,
) -> Result<RecognitionRow, CliError> {
    let ca = CaId::parse(CITY_CA).or_exit(Exit::Internal)?;
    let usage = Usage::parse(NewUsage::CREDENTIAL_ISSUING.id).or_exit(Exit::Internal)?;
    recognition_row(app, caller, (ca, usage), since)
}

/// A row of the recognition table, in force from `since` on, with the anchors that the CA has today.
///
/// # Errors
/// [`Exit::Usage`] when there is no such CA, or it is not permitted the usage.
pub(in crate::cli) fn recognition_row(
    app: &App,
    caller: RelyingPartyId,
    (ca, usage): (CaId, Usage),
    valid_from: Timestamp,
) -> Result<RecognitionRow, CliError> {
    let trust = app.trust();
    let store = trust.store(&ca).ok_or_else(|| {
        CliError::new(Exit::Usage, format_args!("no trust store `{ca}`"))
            .hint("`yinxin trust list` shows those there are")
    })?;
    if !store.usages.contains_key(&usage) {
        let permitted: Vec<&str> = store.usages.keys().map(Usage::as_str).collect();
        let message = format!(
            "`{ca}` is not permitted `{usage}`, only: {}",
            permitted.join(", ")
        );
        return Err(CliError::new(Exit::Usage, message));
    }
    let anchors = store.anchors.iter().map(TrustAnchor::id).collect();
    Ok(RecognitionRow::accept(
        caller,
        (ca, usage),
        anchors,
        valid_from,
    ))
}

/// How demonstrations open what they are making.
pub(in crate::cli) fn founding_a_demo() -> Opening {
    Opening {
        missing: Missing::Create,
        demo: DemoTrust::Accept,
        ..Opening::for_writing()
    }
}
