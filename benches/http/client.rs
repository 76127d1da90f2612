//! A client with connections that stay open; each asks again once it is answered.

use std::io::Read as _;
use std::io::Write as _;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::thread;
use std::time::Duration;
use std::time::Instant;

/// One connection.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) fn open(to: SocketAddr) -> Self {
        let stream = TcpStream::connect(to).unwrap();
        stream.set_nodelay(true).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        Self {
            stream,
            buffer: vec![0; 64 * 1024],
        }
    }

    pub(crate) fn several(to: SocketAddr, count: usize) -> Vec<Self> {
        (0..count).map(|_| Self::open(to)).collect()
    }

    /// The body of the answer, which has to be one of success and to tell its length.
    pub(crate) fn ask(&mut self, request: &[u8]) -> &[u8] {
        self.stream.write_all(request).unwrap();
        let mut filled = 0;
        loop {
            let read = self.stream.read(&mut self.buffer[filled..]).unwrap();
            filled += read;
            let answer = &self.buffer[..filled];
            let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
            assert!(read > 0, "{}", String::from_utf8_lossy(answer));
            let Some(end) = end else { continue };
            let head = std::str::from_utf8(&answer[..end]).unwrap();
            assert!(
                head.starts_with("HTTP/1.1 2"),
                "{}",
                String::from_utf8_lossy(answer)
            );
            let (_, length) = head.split_once("content-length: ").unwrap();
            let length = length.split('\r').next().unwrap();
            let whole = end + 4 + length.parse::<usize>().unwrap();
            if filled >= whole {
                return &self.buffer[end + 4..whole];
            }
        }
    }
}

/// What so many answers took.
#[derive(Clone, Copy)]
pub(crate) struct Took {
    /// Of the clock, an answer.
    pub(crate) elapsed: f64,
    /// Of the core, an answer: what the threads of the server used.
    pub(crate) computed: f64,
}

/// Seconds for which the threads of a process have had a core.
pub(crate) fn computed(process: u32) -> f64 {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).unwrap();
    let nanoseconds = threads.map(|thread| {
        // proc(5): nanoseconds on a core, nanoseconds waiting for one, time slices.
        let file = thread.unwrap().path().join("schedstat");
        let text = std::fs::read_to_string(file).unwrap_or_default();
        text.split(' ').next().unwrap().parse().unwrap_or(0.0)
    });
    nanoseconds.sum::<f64>() / 1e9
}

/// Asks all of `requests` of a process, over all connections at once.
pub(crate) fn ask_all(process: u32, connections: &mut [Connection], requests: &[Vec<u8>]) -> Took {
    let (began, before) = (Instant::now(), computed(process));
    let share = requests.len().div_ceil(connections.len());
    thread::scope(|scope| {
        for (connection, requests) in connections.iter_mut().zip(requests.chunks(share)) {
            scope.spawn(move || {
                for request in requests {
                    connection.ask(request);
                }
            });
        }
    });
    let count = requests.len() as f64;
    Took {
        elapsed: began.elapsed().as_secs_f64() / count,
        computed: (computed(process) - before) / count,
    }
}
