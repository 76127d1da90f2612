//! The plainest HTTP client: one connection for each request, everything sent as it is given.

use std::io;
use std::io::Read as _;
use std::io::Write as _;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// Far more than any answer takes; a test that waits longer has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Ask {
    pub(crate) fn new(method: &str, path: impl Into<String>) -> Self {
        Self {
            method: method.to_owned(),
            path: path.into(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self::new("GET", path)
    }

    pub(crate) fn post(path: impl Into<String>) -> Self {
        Self::new("POST", path)
    }

    pub(crate) fn delete(path: impl Into<String>) -> Self {
        Self::new("DELETE", path)
    }

    pub(crate) fn put(path: impl Into<String>) -> Self {
        Self::new("PUT", path)
    }

    pub(crate) fn method(&self) -> &str {
        &self.method
    }

    /// The path, without a query.
    pub(crate) fn path(&self) -> &str {
        self.path.split('?').next().unwrap()
    }

    /// Whether a page is welcome.
    pub(crate) fn accepts_page(&self) -> bool {
        let mut accepted = self.headers.iter().filter(|(name, _)| name == "Accept");
        accepted.any(|(_, value)| value.contains("html"))
    }

    /// Shows an API key.
    pub(crate) fn key(self, key: &str) -> Self {
        self.header("Authorization", &format!("Bearer {key}"))
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    pub(crate) fn body(self, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let mut asked = self.header("Content-Type", media_type);
        asked.body = body.into();
        asked
    }

    /// Sends it and does not wait for an answer, which comes on the stream.
    pub(crate) fn send(&self, to: SocketAddr) -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect(to)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        stream.write_all(&self.message(to))?;
        Ok(stream)
    }

    /// Everything that is sent.
    fn message(&self, to: SocketAddr) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\nHost: {to}\r\n", self.method, self.path);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!(
            "Content-Length: {}\r\nConnection: close\r\n\r\n",
            self.body.len()
        ));
        let mut message = head.into_bytes();
        message.extend_from_slice(&self.body);
        message
    }

    /// Sends it on a stream that is open, and reads what comes until its end.
    pub(crate) fn over(&self, stream: &mut (impl io::Read + io::Write), to: SocketAddr) -> Answer {
        let mut message = Vec::new();
        stream.write_all(&self.message(to)).unwrap();
        stream.flush().unwrap();
        stream.read_to_end(&mut message).unwrap();
        Answer::read(&message).unwrap_or_else(|| panic!("{self:?}: {message:?}"))
    }

    /// Sends it and waits for the answer.
    pub(crate) fn of(&self, server: SocketAddr) -> Answer {
        let mut message = Vec::new();
        let mut stream = self.send(server).unwrap();
        stream.read_to_end(&mut message).unwrap();
        Answer::read(&message)
            .unwrap_or_else(|| panic!("{self:?}: {}", String::from_utf8_lossy(&message)))
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    fn read(message: &[u8]) -> Option<Self> {
        let end = message.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = std::str::from_utf8(&message[..end]).ok()?;
        let mut lines = head.split("\r\n");
        let status = lines.next()?.strip_prefix("HTTP/1.1 ")?;
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let answer = Self {
            status: status.split(' ').next()?.parse().ok()?,
            headers,
            body: message[end + 4..].to_vec(),
        };
        match answer.header("transfer-encoding") {
            None => Some(answer),
            Some("chunked") => Some(Self {
                body: whole(&answer.body)?,
                ..answer
            }),
            Some(other) => panic!("{other} is not read here"),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(known, _)| known == name);
        let (_, value) = found.next()?;
        assert!(found.next().is_none(), "{name} stands twice");
        Some(value)
    }

    /// Every value of a header that may stand several times.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let found = self.headers.iter().filter(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).collect()
    }

    /// Whether a reader in another language would get something else.
    pub(crate) fn varies_by_language(&self) -> bool {
        let mut vary = self.headers.iter().filter(|(known, _)| known == "vary");
        vary.any(|(_, value)| value.contains("Accept-Language"))
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{self}"))
    }

    /// The body, once the status is found to be that.
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self}");
        self.json()
    }

    /// The problem, once it is found to be that one.
    pub(crate) fn problem(&self, status: u16, code: &str) -> Value {
        let problem = self.expect(status);
        assert_eq!(problem["code"], code, "{self}");
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json")
        );
        problem
    }
}

/// A body that came in chunks (RFC 9112 §7.1); none if the last one is missing.
fn whole(mut chunked: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = chunked.windows(2).position(|two| two == b"\r\n")?;
        let length = std::str::from_utf8(&chunked[..end]).ok()?;
        let length = usize::from_str_radix(length, 16).ok()?;
        if length == 0 {
            return Some(body);
        }
        let chunk = chunked.get(end + 2..)?;
        body.extend_from_slice(chunk.get(..length)?);
        chunked = chunk.get(length + 2..)?;
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let body = String::from_utf8_lossy(&self.body);
        write!(formatter, "{} {body}", self.status)
    }
}
