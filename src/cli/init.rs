//! `yinxin init`: a data folder without demonstration data.

use crate::cli::arguments::Init;
use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::cli::found::Founding;
use crate::cli::found::found;
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
use crate::registry::issuer::IssuerEntry;
use crate::registry::issuer::IssuerIdentity;
use crate::service::app::App;
use crate::store::folder::DataFolder;
use crate::store::pool::Missing;

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

/// Makes the database and enters the city's key into the issuer register.
fn create_database(folder: &DataFolder, since: Timestamp) -> Result<(), CliError> {
    runtime()?.block_on(async {
        let opening = Opening {
            missing: Missing::Create,
            ..Opening::for_writing()
        };
        let opened = open(&folder.config(), opening).await?;
        enter_city_issuer(&opened.app, since).await?;
        opened.app.close().await;
        Ok(())
    })
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

/// How demonstrations open what they are making.
pub(in crate::cli) fn founding_a_demo() -> Opening {
    Opening {
        missing: Missing::Create,
        demo: DemoTrust::Accept,
        ..Opening::for_writing()
    }
}
