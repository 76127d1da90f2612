//! Speaks to a running server, for commands that must not touch a data folder somebody else holds.

use std::io::BufRead as _;
use std::io::BufReader;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::Body;
use ureq::RequestBuilder;
use ureq::http::Response;

use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::secret::Secret;
use crate::store::key_files;

/// The media type of most that is sent and got.
pub(in crate::cli) const JSON: &str = "application/json";

/// A server and the key to show it.
pub(in crate::cli) struct Client {
    agent: Agent,
    server: String,
    /// None: what is asked needs none.
    key: Option<Secret<String>>,
}

/// Imports of many companies take a while to write.
const TIMEOUT: Duration = Duration::from_secs(120);

impl Client {
    /// A client of `server`; the key is read from a file that nobody else may read.
    ///
    /// # Errors
    /// [`Exit::NoInput`] when the key file cannot be read.
    pub(in crate::cli) fn new(server: &str, key_file: &Path) -> Result<Self, CliError> {
        let key = key_files::read_line(key_file).or_exit(Exit::NoInput)?;
        Ok(Self::without_key(server).showing(key))
    }

    /// A client of `server` that shows nothing.
    pub(in crate::cli) fn without_key(server: &str) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false)
            .max_redirects(0)
            .build();
        Self {
            agent: config.into(),
            server: server.trim_end_matches('/').to_owned(),
            key: None,
        }
    }

    /// The same client, showing `key` from now on.
    pub(in crate::cli) fn showing(self, key: Secret<String>) -> Self {
        Self {
            key: Some(key),
            ..self
        }
    }

    /// `GET`, giving the body as text.
    ///
    /// # Errors
    /// [`Exit::Unavailable`] when the server cannot be reached or refuses; its problem is told.
    pub(in crate::cli) fn get(&self, path: &str, accept: &str) -> Result<String, CliError> {
        let request = self.agent.get(self.address(path)).header("Accept", accept);
        self.answer(self.authorised(request).call())
    }

    /// `POST` with a body of that media type, giving the body of the answer as text.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub(in crate::cli) fn post(
        &self,
        path: &str,
        media_type: &str,
        body: &[u8],
    ) -> Result<String, CliError> {
        let request = self.agent.post(self.address(path));
        let request = request.header("Content-Type", media_type);
        self.answer(self.authorised(request).send(body))
    }

    /// `DELETE`.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub(in crate::cli) fn delete(&self, path: &str) -> Result<(), CliError> {
        let request = self.agent.delete(self.address(path));
        self.answer(self.authorised(request).call()).map(drop)
    }

    /// `POST` with a JSON body, hearing each line of the answer as it comes.
    ///
    /// # Errors
    /// As [`Self::get`], and whatever `hear` says.
    pub(in crate::cli) fn post_for_lines(
        &self,
        path: &str,
        body: &Value,
        mut hear: impl FnMut(&str) -> Result<(), CliError>,
    ) -> Result<(), CliError> {
        let request = self.agent.post(self.address(path));
        let request = request
            .header("Content-Type", JSON)
            .header("Accept", "application/x-ndjson");
        let mut response = self.arrived(self.authorised(request).send(body.to_string()))?;
        if !response.status().is_success() {
            return self.answer(Ok(response)).map(drop);
        }
        for line in BufReader::new(response.body_mut().as_reader()).lines() {
            hear(&line.or_exit(Exit::Unavailable)?)?;
        }
        Ok(())
    }

    fn arrived(
        &self,
        sent: Result<Response<Body>, ureq::Error>,
    ) -> Result<Response<Body>, CliError> {
        sent.or_exit(Exit::Unavailable)
            .map_err(|error| error.hint(format_args!("is a server running at {}?", self.server)))
    }

    fn address(&self, path: &str) -> String {
        format!("{}{path}", self.server)
    }

    fn authorised<B>(&self, request: RequestBuilder<B>) -> RequestBuilder<B> {
        match &self.key {
            Some(key) => request.header("Authorization", format!("Bearer {}", key.expose())),
            None => request,
        }
    }

    fn answer(&self, sent: Result<Response<Body>, ureq::Error>) -> Result<String, CliError> {
        let mut response = self.arrived(sent)?;
        let body = response
            .body_mut()
            .read_to_string()
            .or_exit(Exit::Unavailable)?;
        if response.status().is_success() {
            Ok(body)
        } else {
            Err(CliError::new(
                Exit::Unavailable,
                problem(response.status().as_u16(), &body),
            ))
        }
    }
}

/// What an RFC 9457 problem says, in a line.
pub(in crate::cli) fn problem(status: u16, body: &str) -> String {
    let problem: Value = serde_json::from_str(body).unwrap_or(Value::Null);
    let text = |name: &str| {
        problem
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let told = [text("title"), text("detail")]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>();
    format!(
        "the server answered {status} {}: {}",
        text("code"),
        told.join(": ")
    )
}
