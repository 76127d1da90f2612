//! `yinxin serve`: answers until told to stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::Signal;
use tokio::signal::unix::SignalKind;
use tokio::signal::unix::signal;
use tracing::error;
use tracing::info;
use tracing::warn;

use crate::cli::arguments::Serve;
use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::cli::log;
use crate::cli::open::DemoTrust;
use crate::cli::open::Opened;
use crate::cli::open::Opening;
use crate::cli::open::open;
use crate::cli::open::runtime;
use crate::cli::terminal::Terminal;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::crypto::random::SystemRandom;
use crate::evidence::audit::AuditAction;
use crate::http::router::router;
use crate::http::serve::serve as serve_http;
use crate::http::state::HttpOptions;
use crate::service::app::App;
use crate::service::fail_point::FAIL_POINTS;
use crate::service::fail_point::FailPoint;
use crate::service::fail_point::FailPoints;

/// Runs `serve`.
///
/// # Errors
/// [`Exit::Configuration`] for mistakes in configuration, keys or trust stores; [`Exit::Unavailable`]
/// when the address is taken.
pub(in crate::cli) fn run(
    arguments: &Serve,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, CliError> {
    let fail_points = fail_points(arguments.pause_at.as_deref())?;
    runtime()?.block_on(async {
        let opening = Opening {
            fail_points,
            ..Opening::for_writing()
        };
        let opened = open(&arguments.configured.config, opening).await?;
        log::start(&opened.config.log)?;
        let listen = opened.config.server.listen;
        serve(opened, listen, DemoTrust::Refuse, terminal).await
    })
}

fn fail_points(name: Option<&str>) -> Result<FailPoints, CliError> {
    let Some(name) = name else {
        return Ok(FailPoints::none());
    };
    FailPoint::by_name(name)
        .map(FailPoints::pause_at)
        .ok_or_else(|| {
            let names: Vec<&str> = FAIL_POINTS.iter().map(|(_, name)| *name).collect();
            CliError::new(
                Exit::Usage,
                format_args!("no fail point `{name}`, only: {}", names.join(", ")),
            )
        })
}

/// Recovers what a crash left, then serves until the process is told to stop.
///
/// # Errors
/// [`Exit::Unavailable`] when the address is taken.
pub(in crate::cli) async fn serve(
    opened: Opened,
    listen: SocketAddr,
    demo: DemoTrust,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, CliError> {
    let recovered = opened.app.recover().await.or_exit(Exit::Internal)?;
    if recovered.finished + recovered.voided > 0 {
        info!(
            finished = recovered.finished,
            voided = recovered.voided,
            "recovered what a crash left half issued"
        );
    }
    let listener = TcpListener::bind(listen).await.map_err(|error| {
        CliError::new(
            Exit::Unavailable,
            format_args!("cannot listen on {listen}: {error}"),
        )
        .hint("another process has the address: stop it, or choose another")
    })?;
    let address = listener.local_addr().or_exit(Exit::Internal)?;
    let app = opened.app.clone();
    let trust = app.trust().digest().to_string();
    app.note_operation(AuditAction::ServiceStarted, "service", &trust)
        .await
        .or_exit(Exit::Unavailable)?;
    app.reload_evidence().await.or_exit(Exit::Unavailable)?;
    // Before anybody can know that it runs: who stops it then expects it to end in order.
    let stop = StopSignals::new()?;
    terminal.line(format_args!("listening on http://{address}/"))?;
    tokio::spawn(reload_on_hangup(app.clone()));
    tokio::spawn(keep_house(app.clone()));
    let fetching = app.clone();
    let fetching = tokio::spawn(async move { fetching.keep_evidence().await });
    let signing = app.clone();
    let signing = tokio::spawn(async move { signing.keep_audit_heads().await });
    let router = router(app, &options(&opened.config, demo));
    let grace = opened.config.server.shutdown_timeout;
    serve_http(listener, router, stop.received(), grace)
        .await
        .or_exit(Exit::Internal)?;
    // What is being fetched is given up: what was stored before stays, and is renewed after the next start.
    fetching.abort();
    // It was cancelled, which is no news.
    let _ = fetching.await;
    // Closing signs the last head itself.
    signing.abort();
    let _ = signing.await;
    let stopped = opened
        .app
        .note_operation(AuditAction::ServiceStopped, "service", "done");
    if let Err(error) = stopped.await {
        error!(%error, "that the service stopped is not in the audit trail");
    }
    opened.app.close().await;
    terminal.note("stopped");
    Ok(Exit::Success)
}

fn options(config: &Config, demo: DemoTrust) -> HttpOptions {
    HttpOptions {
        max_body_bytes: config.server.max_body_bytes,
        request_timeout: config.server.request_timeout,
        public_requests_per_minute: config.limits.public_requests_per_minute,
        demo: demo == DemoTrust::Accept,
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom::new()),
    }
}

/// Reloads the trust stores at every SIGHUP; the outcome is logged where it is decided, and stands in the
/// audit trail: which anchors were in force when is part of why something was accepted.
async fn reload_on_hangup(app: App) {
    let Ok(mut hangups) = signal(SignalKind::hangup()) else {
        return;
    };
    while hangups.recv().await.is_some() {
        let reloading = app.clone();
        // Reading files blocks.
        let reloaded = tokio::task::spawn_blocking(move || {
            let reloaded = reloading.reload_trust().ok()?;
            Some(reloaded.digest().to_string())
        });
        let (action, outcome) = match reloaded.await {
            Ok(Some(digest)) => (AuditAction::TrustReloaded, digest),
            Ok(None) | Err(_) => (AuditAction::TrustRefused, "refused".to_owned()),
        };
        if let Err(error) = app.note_operation(action, "trust-roots", &outcome).await {
            error!(%error, "a reload of the trust stores is not in the audit trail: {outcome}");
        }
    }
}

/// How often the house is put in order.
const HOUSEKEEPING: Duration = Duration::from_secs(60);

/// Puts the house in order for as long as the process runs; what fails is tried again the next time.
async fn keep_house(app: App) {
    let mut rounds = tokio::time::interval(HOUSEKEEPING);
    loop {
        rounds.tick().await;
        if let Err(error) = app.keep_house().await {
            warn!(%error, "housekeeping failed: it is tried again in a minute");
        }
    }
}

/// SIGINT and SIGTERM, noticed from the moment that this is made.
struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignals {
    fn new() -> Result<Self, CliError> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt()).or_exit(Exit::Internal)?,
            terminate: signal(SignalKind::terminate()).or_exit(Exit::Internal)?,
        })
    }

    async fn received(mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
