//! The files of our own TLS, and reading them again at SIGHUP.

use std::path::Path;
use std::sync::Arc;

use tokio::signal::unix::SignalKind;
use tokio::signal::unix::signal;
use tracing::error;
use tracing::info;

use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::clock::SystemClock;
use crate::config::server::Server;
use crate::config::server::Tls;
use crate::http::client_authorities::ClientAuthorities;
use crate::http::tls::TlsIdentity;
use crate::pki::certificate;
use crate::pki::certificate::Certificate;
use crate::store::file;

/// Certificates of one file: more authorities than a city has.
const MAX_CERTIFICATES: usize = 64;
/// A PEM certificate takes about 2 KB.
const MAX_FILE_BYTES: u64 = 256 * 1024;

/// What we show to clients.
///
/// # Errors
/// [`Exit::Configuration`] names the file.
pub(in crate::cli) fn identity(tls: &Tls) -> Result<TlsIdentity, CliError> {
    let (certificates, key) = files(tls)?;
    TlsIdentity::parse(&certificates, &key)
        .or_exit(Exit::Configuration)
        .map_err(|error| error.hint(about(tls)))
}

/// The authorities of client certificates.
///
/// # Errors
/// [`Exit::Configuration`] names the file.
pub(in crate::cli) fn authorities(server: &Server) -> Result<ClientAuthorities, CliError> {
    let authorities = ClientAuthorities::none(Arc::new(SystemClock));
    let certificates = client_cas(server)?;
    authorities
        .replace(&certificates)
        .or_exit(Exit::Configuration)?;
    Ok(authorities)
}

/// The certificates in `client_ca_file`; none without the file.
///
/// # Errors
/// [`Exit::Configuration`] names the file.
pub(in crate::cli) fn client_cas(server: &Server) -> Result<Vec<Certificate>, CliError> {
    match &server.client_ca_file {
        None => Ok(Vec::new()),
        Some(path) => certificates(path),
    }
}

/// The certificates of a PEM file.
///
/// # Errors
/// [`Exit::Configuration`] names the file.
pub(in crate::cli) fn certificates(path: &Path) -> Result<Vec<Certificate>, CliError> {
    let bytes = file::read(path, MAX_FILE_BYTES).or_exit(Exit::Configuration)?;
    certificate::parse_all(&bytes, MAX_CERTIFICATES)
        .or_exit(Exit::Configuration)
        .map_err(|error| error.hint(format!("look at {}", path.display())))
}

/// Reads the files again at every SIGHUP. One that is broken leaves what is in force as it is.
pub(in crate::cli) async fn reload_on_hangup(
    server: Server,
    identity: Option<TlsIdentity>,
    authorities: ClientAuthorities,
) {
    if server.tls.is_none() && server.client_ca_file.is_none() {
        return;
    }
    let Ok(mut hangups) = signal(SignalKind::hangup()) else {
        return;
    };
    while hangups.recv().await.is_some() {
        match reload(&server, identity.as_ref(), &authorities) {
            Ok(()) => info!("the TLS certificate and the client authorities were read again"),
            Err(error) => error!(%error, "TLS not reloaded: what was in force stays"),
        }
    }
}

fn reload(
    server: &Server,
    identity: Option<&TlsIdentity>,
    authorities: &ClientAuthorities,
) -> Result<(), CliError> {
    authorities
        .replace(&client_cas(server)?)
        .or_exit(Exit::Configuration)?;
    if let (Some(tls), Some(identity)) = (&server.tls, identity) {
        let (certificates, key) = files(tls)?;
        identity
            .replace(&certificates, &key)
            .or_exit(Exit::Configuration)?;
    }
    Ok(())
}

fn files(tls: &Tls) -> Result<(Vec<u8>, Vec<u8>), CliError> {
    let read = |path: &Path| file::read(path, MAX_FILE_BYTES).or_exit(Exit::Configuration);
    Ok((read(&tls.certificate_file)?, read(&tls.key_file)?))
}

fn about(tls: &Tls) -> String {
    let (certificate, key) = (tls.certificate_file.display(), tls.key_file.display());
    format!(
        "look at {certificate} and {key}: the server's certificate comes first, and the key is its own"
    )
}
