//! Our own TLS: versions 1.2 and 1.3, HTTP/1.1 and HTTP/2, and client certificates for those who have one.
//!
//! A client certificate is asked for and never required. The handshake proves that the peer holds its
//! private key and nothing more: whom it stands for is decided at each request, because pins are added and
//! removed while connections live. Under which authorities it is valid is found once, when the connection
//! is made.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::extract::connect_info::Connected;
use axum::serve::IncomingStream;
use axum::serve::Listener;
use rustls::DigitallySignedStruct;
use rustls::DistinguishedName;
use rustls::ServerConfig;
use rustls::SignatureScheme;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::UnixTime;
use rustls::pki_types::pem::PemObject as _;
use rustls::server::danger::ClientCertVerified;
use rustls::server::danger::ClientCertVerifier;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::ReadBuf;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tracing::debug;

use crate::http::client_authorities::ClientAuthorities;
use crate::http::client_authorities::provider;
use crate::http::listener::BoundedListener;
use crate::http::listener::BoundedStream;
use crate::http::listener::Peer;
use crate::pki::certificate::Certificate;
use crate::registry::client_certificate::PresentedCertificate;

/// How long a handshake may take: two round trips and a signature, with patience for the worst line.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Connections whose handshake is done and that nobody has taken up yet.
const WAITING: usize = 64;

/// Why there is no TLS with what was given.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The certificates are not PEM, or there is none.
    #[error("the TLS certificate cannot be read")]
    Certificate,
    /// Certificate and key do not fit, or are of a kind that TLS does not take.
    #[error("TLS does not take this certificate with this key")]
    Mismatch(#[source] rustls::Error),
    /// The key is not PEM, is encrypted, or is missing.
    #[error("the TLS key cannot be read: it must be an unencrypted private key in PEM")]
    PrivateKey,
}

/// What we show to clients; clones share it, so that a reload reaches every connection made after it.
#[derive(Clone)]
pub struct TlsIdentity(Arc<ArcSwap<ServerConfig>>);

impl TlsIdentity {
    /// An identity of PEM certificates, the server's own first, and its private key in PEM.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn parse(certificates: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let config = server_config(certificates, key)?;
        Ok(Self(Arc::new(ArcSwap::from_pointee(config))))
    }

    /// Shows another identity from now on.
    ///
    /// # Errors
    /// [`TlsError`]; the one in force stays.
    pub fn replace(&self, certificates: &[u8], key: &[u8]) -> Result<(), TlsError> {
        self.0.store(Arc::new(server_config(certificates, key)?));
        Ok(())
    }
}

fn server_config(certificates: &[u8], key: &[u8]) -> Result<ServerConfig, TlsError> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificates).collect();
    let chain = chain.ok().filter(|chain| !chain.is_empty());
    let chain = chain.ok_or(TlsError::Certificate)?;
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|_malformed| TlsError::PrivateKey)?;
    let provider = provider();
    let verifier = Arc::new(AnyCertificate(Arc::clone(&provider)));
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(TlsError::Mismatch)?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)
        .map_err(TlsError::Mismatch)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Takes any certificate that can be read and whose private key the peer holds; see the module.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ClientCertVerifier for AnyCertificate {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        // One that we cannot read could not be told from none later.
        Certificate::parse_der(end_entity)
            .map(|_| ClientCertVerified::assertion())
            .map_err(|_malformed| rustls::CertificateError::BadEncoding.into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// A listener that gives out connections once their handshake is done. Handshakes go on side by side, so
/// that a slow one keeps nobody waiting.
#[derive(Debug)]
pub(in crate::http) struct TlsListener {
    ready: mpsc::Receiver<(TlsConnection, SocketAddr)>,
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl TlsListener {
    /// Begins to accept.
    ///
    /// # Errors
    /// When the address of the listener is not known.
    pub(in crate::http) fn start(
        mut inner: BoundedListener,
        identity: TlsIdentity,
        authorities: ClientAuthorities,
    ) -> io::Result<Self> {
        let address = inner.local_addr()?;
        let (sender, ready) = mpsc::channel(WAITING);
        let accepting = tokio::spawn(async move {
            loop {
                let (stream, address) = inner.accept().await;
                let acceptor = TlsAcceptor::from(identity.0.load_full());
                let (authorities, sender) = (authorities.clone(), sender.clone());
                tokio::spawn(async move {
                    let shaken = shake_hands(acceptor, stream, &authorities);
                    match tokio::time::timeout(HANDSHAKE, shaken).await {
                        // Nobody takes it if the service stops.
                        Ok(Ok(connection)) => drop(sender.send((connection, address)).await),
                        Ok(Err(error)) => debug!(%error, "a TLS handshake failed"),
                        Err(_) => debug!("a TLS handshake took too long"),
                    }
                });
            }
        });
        Ok(Self {
            ready,
            address,
            accepting,
        })
    }
}

async fn shake_hands(
    acceptor: TlsAcceptor,
    stream: BoundedStream,
    authorities: &ClientAuthorities,
) -> io::Result<TlsConnection> {
    let stream = acceptor.accept(stream).await?;
    let (_, connection) = stream.get_ref();
    let certificate = match connection.peer_certificates() {
        Some([end_entity, intermediates @ ..]) => {
            let presented = authorities.present(end_entity, intermediates);
            Some(Arc::new(presented.map_err(io::Error::other)?))
        }
        Some([]) | None => None,
    };
    Ok(TlsConnection {
        stream,
        certificate,
    })
}

impl Drop for TlsListener {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Listener for TlsListener {
    type Io = TlsConnection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TlsConnection, SocketAddr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            // The accepting task does not end by itself.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

/// A connection after its handshake.
#[derive(Debug)]
pub(in crate::http) struct TlsConnection {
    stream: TlsStream<BoundedStream>,
    certificate: Option<Arc<PresentedCertificate>>,
}

impl Connected<IncomingStream<'_, TlsListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TlsListener>) -> Self {
        Self {
            address: stream.remote_addr().ip(),
            certificate: stream.io().certificate.clone(),
        }
    }
}

impl AsyncRead for TlsConnection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for TlsConnection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
