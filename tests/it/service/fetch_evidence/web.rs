//! Web servers that misbehave as they are told, and a table of names instead of a resolver.

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::io;
use std::io::Read as _;
use std::io::Write as _;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::thread;

use yinxin::service::fetch_evidence::resolve::Resolve;
use yinxin::validation::trust_store::EvidenceHost;
use yinxin::validation::trust_store::EvidenceRules;

/// The one host of these tests.
pub(crate) const HOST: &str = "crl.example.cn";

/// A request that arrived.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// Request line and headers.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    /// `GET /a.crl`, without the version.
    pub(crate) fn line(&self) -> &str {
        self.head.split(" HTTP/").next().unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines();
        lines.find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// A server on loopback. It ends when it is dropped.
pub(crate) struct Web {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    connections: Arc<Mutex<usize>>,
    _stopped: Stop,
}

/// Ends a server when it is dropped.
struct Stop {
    address: SocketAddr,
    told: Arc<AtomicBool>,
}

impl Web {
    /// Answers each request as `answer` does.
    pub(crate) fn start(
        answer: impl Fn(&Asked, &mut TcpStream) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self::at(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), answer)
    }

    /// The same at an address of our choice.
    pub(crate) fn at(
        address: SocketAddr,
        answer: impl Fn(&Asked, &mut TcpStream) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let asked = Arc::default();
        let heard = Arc::clone(&asked);
        let web = Self::listening(address, move |stream| serve(stream, &heard, &answer));
        Self { asked, ..web }
    }

    /// Does with each connection as it is told, whatever is spoken there.
    pub(crate) fn raw(
        answer: impl Fn(TcpStream) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self::listening(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), answer)
    }

    fn listening(
        address: SocketAddr,
        answer: impl Fn(TcpStream) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let web = Self {
            address: listener.local_addr().unwrap(),
            asked: Arc::default(),
            connections: Arc::default(),
            _stopped: Stop {
                address: listener.local_addr().unwrap(),
                told: Arc::default(),
            },
        };
        let (connections, stopped) = (web.connections.clone(), web._stopped.told.clone());
        let answer = Arc::new(answer);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                *connections.lock().unwrap() += 1;
                let answer = answer.clone();
                // A client that hangs up is what many of these tests are about.
                thread::spawn(move || answer(stream));
            }
        });
        web
    }

    /// Answers everything with 200 and these bytes.
    pub(crate) fn with(body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        Self::start(move |_, stream| ok(stream, &body))
    }

    /// Answers everything with this text, and hangs up.
    pub(crate) fn saying(text: &'static str) -> Self {
        Self::start(move |_, stream| stream.write_all(text.as_bytes()))
    }

    /// What was asked, in order.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// How often somebody connected.
    pub(crate) fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{HOST}:{}/{path}", self.address.port())
    }

    /// What a CA whose evidence is here says of it.
    pub(crate) fn rules(&self) -> EvidenceRules {
        let host = format!("{HOST}:{}", self.address.port());
        EvidenceRules {
            hosts: vec![EvidenceHost::parse(&host).unwrap()],
            addresses: Some(vec!["127.0.0.1/32".parse().unwrap()]),
            ..EvidenceRules::default()
        }
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        self.told.store(true, Ordering::SeqCst);
        // It waits for a connection.
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(
    mut stream: TcpStream,
    asked: &Mutex<Vec<Asked>>,
    answer: &(impl Fn(&Asked, &mut TcpStream) -> io::Result<()> + ?Sized),
) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.extend_from_slice(&byte);
    }
    let mut request = Asked {
        head: String::from_utf8(head).unwrap(),
        body: Vec::new(),
    };
    let length = request.header("content-length").map(str::parse);
    request.body = vec![0; length.unwrap_or(Ok(0)).unwrap()];
    stream.read_exact(&mut request.body)?;
    asked.lock().unwrap().push(request.clone());
    answer(&request, &mut stream)
}

/// A plain answer.
pub(crate) fn ok(stream: &mut TcpStream, body: &[u8]) -> io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )?;
    stream.write_all(body)
}

/// Names with the answers that they get, one after the other; the last one again and again.
#[derive(Debug, Default)]
pub(crate) struct Names {
    table: Mutex<BTreeMap<String, VecDeque<Vec<IpAddr>>>>,
    asked: Mutex<Vec<String>>,
}

impl Names {
    /// Loopback for [`HOST`].
    pub(crate) fn loopback() -> Arc<Self> {
        Self::of(&[&["127.0.0.1"]])
    }

    /// These answers for [`HOST`].
    pub(crate) fn of(answers: &[&[&str]]) -> Arc<Self> {
        let addresses =
            |answer: &&[&str]| answer.iter().map(|text| text.parse().unwrap()).collect();
        let answers = answers.iter().map(addresses).collect();
        let names = Self::default();
        names.table.lock().unwrap().insert(HOST.to_owned(), answers);
        Arc::new(names)
    }

    /// Which names were looked up, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Resolve for Names {
    fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        self.asked.lock().unwrap().push(host.to_owned());
        let mut table = self.table.lock().unwrap();
        let answers = table.get_mut(host);
        let answers = answers.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        if answers.len() > 1 {
            return Ok(answers.pop_front().unwrap());
        }
        Ok(answers.front().cloned().unwrap_or_default())
    }
}
