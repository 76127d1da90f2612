//! Accepts connections, so many at a time, and gives up those on which nothing arrives.
//!
//! Otherwise a handful of clients that connect and stay silent would use up the descriptors of the process.

use std::future::Future as _;
use std::io;
use std::net::IpAddr;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::IncomingStream;
use axum::serve::Listener;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::ReadBuf;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio::time::Sleep;
use tokio::time::sleep;

use crate::registry::client_certificate::PresentedCertificate;

/// Connections at a time: below the 1 024 descriptors that many systems give a process, with room for the
/// database. More wait to be accepted.
const MAX_CONNECTIONS: usize = 900;

/// How long a connection may stay silent: longer than the longest request may take by far, and than proxies
/// keep theirs.
const IDLE: Duration = Duration::from_secs(120);

/// Whoever connected.
#[derive(Debug, Clone)]
pub(in crate::http) struct Peer {
    pub(in crate::http) address: IpAddr,
    /// The TLS client certificate that it showed, if it showed one.
    pub(in crate::http) certificate: Option<Arc<PresentedCertificate>>,
}

/// A listener with bounded patience and room.
#[derive(Debug)]
pub(in crate::http) struct BoundedListener {
    inner: TcpListener,
    room: Arc<Semaphore>,
    idle: Duration,
}

impl BoundedListener {
    pub(in crate::http) fn new(inner: TcpListener) -> Self {
        Self {
            inner,
            room: Arc::new(Semaphore::new(MAX_CONNECTIONS)),
            idle: IDLE,
        }
    }

    /// Another listener whose connections take their places among those of this one.
    pub(in crate::http) fn beside(&self, inner: TcpListener) -> Self {
        Self {
            inner,
            room: Arc::clone(&self.room),
            idle: self.idle,
        }
    }
}

impl Listener for BoundedListener {
    type Io = BoundedStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (BoundedStream, SocketAddr) {
        // The semaphore is never closed.
        let place = Arc::clone(&self.room).acquire_owned().await.ok();
        let (stream, address) = Listener::accept(&mut self.inner).await;
        // Answers are small and whole: waiting for more to send would only delay them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY was refused");
        }
        let silence = Box::pin(sleep(self.idle));
        (
            BoundedStream {
                inner: stream,
                idle: self.idle,
                silence,
                _place: place,
            },
            address,
        )
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner.local_addr()
    }
}

impl Connected<IncomingStream<'_, BoundedListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, BoundedListener>) -> Self {
        Self {
            address: stream.remote_addr().ip(),
            certificate: None,
        }
    }
}

/// A connection that fails once nothing arrived for too long.
#[derive(Debug)]
pub(in crate::http) struct BoundedStream {
    inner: TcpStream,
    idle: Duration,
    silence: Pin<Box<Sleep>>,
    /// Its place among the connections, given back when it is dropped.
    _place: Option<OwnedSemaphorePermit>,
}

impl AsyncRead for BoundedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.inner).poll_read(context, buffer);
        if read.is_ready() {
            let deadline = Instant::now() + self.idle;
            self.silence.as_mut().reset(deadline);
            return read;
        }
        match self.silence.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncWrite for BoundedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    async fn connected(
        idle: Duration,
        places: usize,
    ) -> (BoundedListener, TcpStream, BoundedStream) {
        let inner = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut listener = BoundedListener {
            inner,
            room: Arc::new(Semaphore::new(places)),
            idle,
        };
        let address = listener.local_addr().unwrap();
        let client = TcpStream::connect(address).await.unwrap();
        let (stream, peer) = listener.accept().await;
        assert_eq!(peer, client.local_addr().unwrap());
        (listener, client, stream)
    }

    async fn read(stream: &mut BoundedStream) -> io::Result<usize> {
        let mut bytes = [0; 16];
        let mut buffer = ReadBuf::new(&mut bytes);
        poll_fn(|context| Pin::new(&mut *stream).poll_read(context, &mut buffer)).await?;
        Ok(buffer.filled().len())
    }

    #[tokio::test]
    async fn a_silent_connection_is_given_up() {
        let (_listener, _client, mut stream) = connected(Duration::ZERO, 1).await;
        assert_eq!(
            read(&mut stream).await.unwrap_err().kind(),
            io::ErrorKind::TimedOut
        );
    }

    #[tokio::test]
    async fn what_arrives_is_read() {
        let (_listener, client, mut stream) = connected(Duration::from_secs(60), 1).await;
        client.try_write(b"hello").unwrap();
        assert_eq!(read(&mut stream).await.unwrap(), 5);
        drop(client);
        assert_eq!(read(&mut stream).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn a_connection_that_ends_makes_room_for_another() {
        let (mut listener, client, stream) = connected(Duration::from_secs(60), 1).await;
        assert_eq!(listener.room.available_permits(), 0);
        drop((client, stream));
        let _second = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let _accepted = listener.accept().await;
        assert_eq!(listener.room.available_permits(), 0);
    }
}
