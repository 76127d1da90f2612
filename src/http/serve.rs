//! Serves until told to stop, and then lets what is under way end.

use std::future::Future;
use std::future::IntoFuture as _;
use std::io;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::sleep;
use tracing::info;
use tracing::warn;

use crate::http::client_authorities::ClientAuthorities;
use crate::http::listener::BoundedListener;
use crate::http::listener::Peer;
use crate::http::tls::TlsIdentity;
use crate::http::tls::TlsListener;

/// Serves `router` on `listener` until `shutdown` is ready. Requests under way are then answered, no new
/// connections are taken, and after `grace` whatever is left is cut off.
///
/// # Errors
/// When the listener fails for good.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
    grace: Duration,
) -> io::Result<()> {
    serve_both(listener, None, router, shutdown, grace).await
}

/// A listener that speaks TLS.
pub struct Secured {
    /// Where it listens.
    pub listener: TcpListener,
    /// What it shows.
    pub identity: TlsIdentity,
    /// Under which client certificates are valid.
    pub authorities: ClientAuthorities,
}

/// As [`serve`], on a listener that speaks TLS as well.
///
/// # Errors
/// When a listener fails for good.
pub async fn serve_both(
    listener: TcpListener,
    secured: Option<Secured>,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
    grace: Duration,
) -> io::Result<()> {
    let (tell, told) = watch::channel(false);
    tokio::spawn(async move {
        shutdown.await;
        info!("stopping: requests under way are answered, no new ones are taken");
        // Nobody listens any more if the server ended by itself.
        let _ = tell.send(true);
    });
    let plain = BoundedListener::new(listener);
    let service = router.into_make_service_with_connect_info::<Peer>();
    let secured = match secured {
        None => None,
        Some(secured) => {
            let listener = plain.beside(secured.listener);
            let tls = TlsListener::start(listener, secured.identity, secured.authorities)?;
            let stopping = stopped(told.clone());
            Some(axum::serve(tls, service.clone()).with_graceful_shutdown(stopping))
        }
    };
    let server = axum::serve(plain, service).with_graceful_shutdown(stopped(told.clone()));
    let both = async {
        match secured {
            None => server.await,
            Some(secured) => {
                tokio::try_join!(server.into_future(), secured.into_future()).map(|_| ())
            }
        }
    };
    let patience = async move {
        stopped(told).await;
        sleep(grace).await;
    };
    tokio::select! {
        ended = both => ended,
        () = patience => {
            warn!("stopped although requests were still under way after {} s", grace.as_secs());
            Ok(())
        }
    }
}

/// Ends once the service is told to stop.
async fn stopped(mut told: watch::Receiver<bool>) {
    if told.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::routing::get;
    use tokio::net::TcpStream;
    use tokio::sync::Notify;

    use super::*;

    /// Sends a request and reads until the connection is closed.
    async fn ask(address: std::net::SocketAddr) -> String {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.writable().await.unwrap();
        stream
            .try_write(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
            .unwrap();
        let mut answer = Vec::new();
        loop {
            stream.readable().await.unwrap();
            match stream.try_read_buf(&mut answer) {
                Ok(0) => return String::from_utf8(answer).unwrap(),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => panic!("{error}"),
            }
        }
    }

    #[tokio::test]
    async fn a_request_under_way_is_answered_before_the_end() {
        let (entered, leave, stop) = (
            Arc::new(Notify::new()),
            Arc::new(Notify::new()),
            Arc::new(Notify::new()),
        );
        let handler = {
            let (entered, leave) = (entered.clone(), leave.clone());
            move || async move {
                entered.notify_one();
                leave.notified().await;
                "done"
            }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", get(handler));
        let told = stop.clone();
        let shutdown = async move { told.notified().await };
        let server = tokio::spawn(serve(listener, router, shutdown, Duration::from_secs(60)));
        let client = tokio::spawn(ask(address));
        entered.notified().await;
        stop.notify_one();
        leave.notify_one();
        assert!(client.await.unwrap().ends_with("done"));
        server.await.unwrap().unwrap();
        assert!(
            TcpStream::connect(address).await.is_err(),
            "the listener is closed"
        );
    }

    #[tokio::test]
    async fn a_request_that_does_not_end_is_cut_off() {
        let entered = Arc::new(Notify::new());
        let handler = {
            let entered = entered.clone();
            move || async move {
                entered.notify_one();
                std::future::pending::<()>().await;
            }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", get(handler));
        let stop = {
            let entered = entered.clone();
            async move { entered.notified().await }
        };
        let client = tokio::spawn(ask(address));
        serve(listener, router, stop, Duration::ZERO).await.unwrap();
        client.abort();
    }
}
