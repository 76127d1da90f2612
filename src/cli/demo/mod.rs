//! `yinxin demo`: a small city on one machine, with a sample file for every verdict.

mod callers;
mod cas;
mod documents;
mod samples;
mod sm2;

use std::io::BufRead as _;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use indicatif::ProgressBar;

use crate::cli::arguments::Demo;
use crate::cli::demo::callers::PrintedKey;
use crate::cli::demo::cas::DemoCas;
use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::cli::found::Founding;
use crate::cli::found::NewCa;
use crate::cli::found::demo_since;
use crate::cli::found::found;
use crate::cli::found::in_the_data_folder;
use crate::cli::init::enter_city_issuer;
use crate::cli::init::founding_a_demo;
use crate::cli::init::note_keys;
use crate::cli::log;
use crate::cli::open::DemoTrust;
use crate::cli::open::Opening;
use crate::cli::open::open;
use crate::cli::open::runtime;
use crate::cli::sample::companies::sample_companies;
use crate::cli::serve::serve;
use crate::cli::terminal::Terminal;
use crate::clock::Clock;
use crate::clock::FixedClock;
use crate::clock::SystemClock;
use crate::clock::Timestamp;
use crate::crypto::random::SystemRandom;
use crate::identifier::uscc::Uscc;
use crate::service::app::App;
use crate::service::call::Caller;
use crate::service::manage::scopes_of;
use crate::store::folder::DataFolder;

/// The city's sample USCC; its organisation code begins with `YX`, which was never allotted.
const CITY_USCC: &str = "11441900YX0000008";

/// Where a demonstration listens unless told otherwise.
const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8441);

/// Steps that the progress bar counts.
const STEPS: u64 = 7;

/// Runs `demo`.
///
/// # Errors
/// [`Exit::Usage`] when the folder holds something else, or the address is not a loopback address.
pub(in crate::cli) fn run(arguments: &Demo, terminal: &mut Terminal<'_>) -> Result<Exit, CliError> {
    let listen = arguments.listen.unwrap_or(DEFAULT_LISTEN);
    if !listen.ip().is_loopback() {
        return Err(CliError::new(Exit::Usage, format_args!("{listen} is not a loopback address"))
            .hint("a demonstration is for this machine alone; `yinxin init` and `yinxin serve` are for others"));
    }
    let config = arguments.data.join("yinxin.toml");
    if config.exists() {
        terminal.note(format_args!(
            "{} exists and is used as it is; its API keys were shown when it was made",
            arguments.data.display()
        ));
    } else {
        make(&arguments.data, listen, terminal)?;
    }
    if arguments.no_serve {
        return Ok(Exit::Success);
    }
    runtime()?.block_on(async {
        let opened = open(
            &config,
            Opening {
                demo: DemoTrust::Accept,
                ..Opening::for_writing()
            },
        )
        .await?;
        log::start(&opened.config.log)?;
        let listen = arguments.listen.unwrap_or(opened.config.server.listen);
        serve(opened, listen, DemoTrust::Accept, terminal).await
    })
}

fn make(data: &Path, listen: SocketAddr, terminal: &mut Terminal<'_>) -> Result<(), CliError> {
    let now = SystemClock.now();
    let random = SystemRandom::new();
    let since = demo_since(now);
    let issuer_uscc = Uscc::with_check(CITY_USCC).or_exit(Exit::Internal)?;
    let public_url = format!("http://{listen}");
    let founding = Founding {
        data,
        city: "Demo City",
        city_zh: "示例市",
        issuer_uscc: &issuer_uscc,
        public_url: &public_url,
        listen,
        database: in_the_data_folder(),
        demo: true,
        since,
        random: &random,
    };
    let bar = terminal.progress(STEPS, "making the demo city");
    let mut keys = Vec::new();
    found(&founding, |folder, city| {
        bar.inc(1);
        let cas = DemoCas::create(since, &random)?;
        cas.write(folder)?;
        bar.inc(1);
        sm2::write(folder, (since, now), &random)?;
        keys = runtime()?.block_on(fill(folder, city, &cas, now, &bar))?;
        Ok(())
    })?;
    bar.finish_and_clear();
    tell(data, &public_url, &keys, terminal)
}

/// Fills the database of a city that is being founded.
async fn fill(
    folder: &DataFolder,
    city: &NewCa,
    cas: &DemoCas,
    now: Timestamp,
    bar: &ProgressBar,
) -> Result<Vec<PrintedKey>, CliError> {
    let since = demo_since(now);
    // The demonstration begins two years ago, so that one credential has had the time to expire.
    let clock = Arc::new(FixedClock::new(
        now.minus(Duration::from_secs(2 * 365 * 24 * 60 * 60)),
    ));
    let opening = Opening {
        clock: clock.clone(),
        ..founding_a_demo()
    };
    let opened = open(&folder.config(), opening).await?;
    let app = &opened.app;
    note_keys(app).await?;
    enter_city_issuer(app, since).await?;
    app.enter_issuer(&cas.neighbour_entry(app, since)?)
        .await
        .or_exit(Exit::Internal)?;
    let keys = callers::add(app, since).await?;
    bar.inc(1);
    let department = acting_department(app).await?;
    import_companies(app, &department).await?;
    bar.inc(1);
    let expired = samples::issue_expired(app, &department).await?;
    clock.set(now);
    bar.inc(1);
    samples::write(&samples::Making {
        app,
        folder,
        city,
        cas,
        department: &department,
        expired: &expired,
    })
    .await?;
    documents::write(app, &folder.path().join("samples")).await?;
    bar.inc(1);
    app.close().await;
    Ok(keys)
}

/// The department that registers companies and issues their credentials.
async fn acting_department(app: &App) -> Result<Caller, CliError> {
    let callers = app.callers().await.or_exit(Exit::Internal)?;
    callers
        .into_iter()
        .find(|(party, _)| party.id.as_str() == callers::ISSUING_DEPARTMENT)
        .map(|(party, _)| Caller {
            scopes: scopes_of(party.kind),
            party,
        })
        .ok_or_else(|| CliError::new(Exit::Internal, "the issuing department is missing"))
}

async fn import_companies(app: &App, department: &Caller) -> Result<(), CliError> {
    let mut ndjson = Vec::new();
    for record in sample_companies().or_exit(Exit::Internal)? {
        serde_json::to_writer(&mut ndjson, &record).or_exit(Exit::Internal)?;
        ndjson.push(b'\n');
    }
    app.import_companies(department, &ndjson, &|_| {})
        .await
        .or_exit(Exit::Internal)?;
    Ok(())
}

/// What to open and what to type, once.
fn tell(
    data: &Path,
    public_url: &str,
    keys: &[PrintedKey],
    terminal: &mut Terminal<'_>,
) -> Result<(), CliError> {
    let samples = data.join("samples");
    let data = data.display();
    terminal.line(format_args!(
        "\nThe demo city is in {data}. Its API keys, shown this once:\n"
    ))?;
    for key in keys {
        terminal.line(format_args!(
            "  export {}={}   # {}",
            key.variable,
            key.key.expose(),
            key.who
        ))?;
    }
    terminal.line(format_args!(
        "\nOpen {public_url}/ , or paste the lines above into another terminal and try:\n"
    ))?;
    let uscc = samples::tour_uscc(&samples)?;
    for line in [
        format!("curl -s -H \"Authorization: Bearer $BANK_JIA\" {public_url}/v1/companies/{uscc}"),
        format!(
            "curl -s -H \"Authorization: Bearer $BANK_JIA\" -H 'Content-Type: application/dc+sd-jwt' --data-binary @{data}/samples/passed.sd-jwt {public_url}/v1/verify"
        ),
        format!(
            "curl -s -H \"Authorization: Bearer $BANK_JIA\" -H 'Content-Type: application/dc+sd-jwt' --data-binary @{data}/samples/revoked.sd-jwt {public_url}/v1/verify"
        ),
        format!("yinxin verify {data}/samples/*.sd-jwt --data {data} --profile bank-jia"),
    ] {
        terminal.line(format_args!("  {line}"))?;
    }
    terminal.line(format_args!(
        "\n{data}/samples/README.txt says what each sample shows.\n"
    ))
}

/// The first line of a text file.
fn first_line(path: &Path) -> Result<String, CliError> {
    let missing = |error: std::io::Error| {
        CliError::new(Exit::Internal, format_args!("{}: {error}", path.display()))
    };
    let file = std::fs::File::open(path).map_err(missing)?;
    let mut line = String::new();
    std::io::BufReader::new(file)
        .read_line(&mut line)
        .map_err(missing)?;
    Ok(line.trim_end().to_owned())
}
