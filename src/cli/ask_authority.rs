//! Asks a timestamp authority over HTTP (RFC 3161 §3.4), and takes no answer but one that fits.

use std::time::Duration;

use ureq::Agent;

use crate::cli::client::problem;
use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::crypto::digest::Digest;
use crate::crypto::random::SystemRandom;
use crate::crypto::random::array;
use crate::pki::oid::Oid;
use crate::signature::timestamp::answer;
use crate::signature::timestamp::answer::Answer;
use crate::signature::timestamp::request::TimestampRequest;
use crate::signature::timestamp::response::FailureReason;
use crate::signature::timestamp::response::Refusal;
use crate::signature::timestamp::response::TimestampResponse;

/// An authority only signs; one that takes longer is ill.
const TIMEOUT: Duration = Duration::from_secs(30);
/// A token with a path of certificates has some 6 KB.
const MAX_RESPONSE_BYTES: u64 = 256 * 1024;

const QUERY: &str = "application/timestamp-query";
const REPLY: &str = "application/timestamp-reply";

/// A token and what was made sure of about it.
pub(in crate::cli) struct Token {
    pub(in crate::cli) der: Vec<u8>,
    pub(in crate::cli) answer: Answer,
}

/// Has `imprint` timestamped at `url`.
///
/// # Errors
/// [`Exit::Unavailable`] when the authority cannot be reached or refuses; [`Exit::Data`] when what it answers is
/// not the answer to what was asked.
pub(in crate::cli) fn ask(
    url: &str,
    imprint: Digest,
    policy: Option<Oid>,
) -> Result<Token, CliError> {
    let nonce = array(&SystemRandom::new()).or_exit(Exit::Internal)?;
    let request = TimestampRequest {
        policy,
        ..TimestampRequest::new(imprint, nonce)
    };
    let query = request.to_der().or_exit(Exit::Internal)?;
    let reply = post(url, &query)?;
    let not_an_answer = |error: CliError| {
        error.hint(format_args!(
            "what {url} answered was not written; ask another authority"
        ))
    };
    let response = TimestampResponse::parse(&reply)
        .or_exit(Exit::Data)
        .map_err(not_an_answer)?;
    let der = match response {
        TimestampResponse::Granted { token, .. } => token,
        TimestampResponse::Refused(refusal) => return Err(refused(url, &refusal)),
    };
    let answer = answer::check(&request, &der)
        .or_exit(Exit::Data)
        .map_err(not_an_answer)?;
    Ok(Token { der, answer })
}

fn post(url: &str, query: &[u8]) -> Result<Vec<u8>, CliError> {
    if !url.starts_with("http://") && !url.starts_with("https://") {
        let message = format!("`{url}` is not an http or https address");
        return Err(CliError::new(Exit::Usage, message));
    }
    let agent: Agent = Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        .http_status_as_error(false)
        .max_redirects(0)
        .build()
        .into();
    let sent = agent
        .post(url)
        .header("Content-Type", QUERY)
        .header("Accept", REPLY)
        .send(query);
    let mut response = sent
        .or_exit(Exit::Unavailable)
        .map_err(|error| error.hint(format_args!("is a timestamp authority running at {url}?")))?;
    let media_type = response.headers().get("content-type");
    let is_reply = media_type.is_some_and(|value| value.as_bytes().starts_with(REPLY.as_bytes()));
    let status = response.status();
    let body = response.body_mut().with_config().limit(MAX_RESPONSE_BYTES);
    let body = body.read_to_vec().or_exit(Exit::Unavailable)?;
    if !status.is_success() {
        let told = problem(status.as_u16(), &String::from_utf8_lossy(&body));
        return Err(CliError::new(Exit::Unavailable, told));
    }
    if !is_reply {
        let message = format!("{url} did not answer with `{REPLY}`");
        return Err(CliError::new(Exit::Unavailable, message)
            .hint("the address of our own service ends in /tsa"));
    }
    Ok(body)
}

fn refused(url: &str, refusal: &Refusal) -> CliError {
    let reason = refusal.reason.map(|reason| format!(" ({})", reason.name()));
    let texts = match refusal.texts.as_slice() {
        [] => String::new(),
        texts => format!(": {}", texts.join("; ")),
    };
    let message = format!(
        "{url} gave no timestamp: {}{}{texts}",
        refusal.status.name(),
        reason.unwrap_or_default()
    );
    let error = CliError::new(Exit::Unavailable, message);
    match refusal.reason {
        Some(FailureReason::BadAlgorithm) => {
            error.hint("try another --digest-algorithm; SHA-256 is accepted everywhere")
        }
        Some(FailureReason::UnacceptedPolicy) => error.hint("leave --policy out"),
        _ => error,
    }
}
