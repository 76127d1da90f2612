//! TLS of our own, and callers that client certificates stand for.

use std::io;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::DnType;
use rcgen::ExtendedKeyUsagePurpose;
use rcgen::IsCa;
use rcgen::Issuer;
use rcgen::KeyPair;
use rustls::ClientConfig;
use rustls::ClientConnection;
use rustls::RootCertStore;
use rustls::StreamOwned;
use rustls::SupportedProtocolVersion;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;
use tokio::net::TcpListener;
use yinxin::encoding::base64;
use yinxin::http::client_authorities::ClientAuthorities;
use yinxin::http::router::router;
use yinxin::http::serve::Secured;
use yinxin::http::serve::serve_both;
use yinxin::http::state::HttpOptions;
use yinxin::http::tls::TlsIdentity;
use yinxin::pki::certificate::Certificate;
use yinxin::registry::client_certificate::CertificateRule;
use yinxin::registry::relying_party::Scope;

use crate::http::client::Answer;
use crate::http::client::Ask;
use crate::http::town::Town;

/// A certificate with its key.
struct Pair {
    params: CertificateParams,
    key: KeyPair,
    der: CertificateDer<'static>,
}

impl Pair {
    fn certificate(&self) -> Certificate {
        Certificate::parse_der(&self.der).unwrap()
    }

    fn pem(&self) -> (String, String) {
        let certificate = yinxin::encoding::pem::encode("CERTIFICATE", &self.der);
        (certificate, self.key.serialize_pem())
    }

    fn key_der(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::try_from(self.key.serialize_der()).unwrap()
    }

    fn rule_under(&self, authority: &Self) -> CertificateRule {
        CertificateRule::Subject {
            authority: authority.certificate().sha256(),
            subject: self.certificate().subject().to_string(),
        }
    }
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = rcgen::date_time_ymd(2026, 1, 1);
    params.not_after = rcgen::date_time_ymd(2036, 1, 1);
    params
}

fn self_signed(params: CertificateParams) -> Pair {
    let key = KeyPair::generate().unwrap();
    let der = params.self_signed(&key).unwrap().der().clone();
    Pair { params, key, der }
}

fn authority(name: &str) -> Pair {
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    self_signed(params)
}

fn issued(params: CertificateParams, by: &Pair) -> Pair {
    let key = KeyPair::generate().unwrap();
    let issuer = Issuer::from_params(&by.params, &by.key);
    let der = params.signed_by(&key, &issuer).unwrap().der().clone();
    Pair { params, key, der }
}

fn client(name: &str, by: &Pair) -> Pair {
    let mut params = params(name);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    issued(params, by)
}

/// A town that speaks TLS as well, with an authority of client certificates.
struct Secure {
    town: Town,
    address: SocketAddr,
    identity: TlsIdentity,
    authorities: ClientAuthorities,
    server: Pair,
    ca: Pair,
}

impl Secure {
    async fn open() -> Self {
        let mut kept = None;
        let town = Town::with(|options| kept = Some(options.clone())).await;
        let options: HttpOptions = kept.unwrap();
        let (server, ca) = (self_signed(params("server")), authority("Client CA"));
        let (certificate, key) = server.pem();
        let identity = TlsIdentity::parse(certificate.as_bytes(), key.as_bytes()).unwrap();
        let authorities = options.client_authorities.clone();
        authorities.replace(&[ca.certificate()]).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let secured = Secured {
            listener,
            identity: identity.clone(),
            authorities: authorities.clone(),
        };
        let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let routes = router(town.city.app.clone(), &options);
        let grace = Duration::ZERO;
        tokio::spawn(serve_both(
            plain,
            Some(secured),
            routes,
            std::future::pending(),
            grace,
        ));
        Self {
            town,
            address,
            identity,
            authorities,
            server,
            ca,
        }
    }

    async fn register(&self, rule: CertificateRule, scopes: &[Scope]) {
        let scopes = scopes.iter().copied().collect();
        let id = &self.town.city.bank_a.party.id;
        let added = self.town.city.app.add_certificate(id, rule, scopes).await;
        added.unwrap();
    }

    fn connect(
        &self,
        shown: Option<&Pair>,
        versions: &[&'static SupportedProtocolVersion],
    ) -> StreamOwned<ClientConnection, TcpStream> {
        let mut roots = RootCertStore::empty();
        roots.add(self.server.der.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match shown {
            None => config.with_no_client_auth(),
            Some(pair) => config
                .with_client_auth_cert(vec![pair.der.clone()], pair.key_der())
                .unwrap(),
        };
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let name = "localhost".try_into().unwrap();
        let connection = ClientConnection::new(Arc::new(config), name).unwrap();
        let stream = TcpStream::connect(self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        StreamOwned::new(connection, stream)
    }

    fn ask(&self, ask: &Ask, shown: Option<&Pair>) -> Answer {
        let mut stream = self.connect(shown, rustls::DEFAULT_VERSIONS);
        ask.over(&mut stream, self.address)
    }
}

const WHO: &str = "/v1/companies?name=x";

#[tokio::test(flavor = "multi_thread")]
async fn a_pinned_certificate_stands_for_its_caller_with_its_scopes() {
    let secure = Secure::open().await;
    let (pinned, by_key) = (self_signed(params("one")), self_signed(params("two")));
    let rule = CertificateRule::Certificate(pinned.certificate().sha256());
    secure.register(rule.clone(), &[Scope::Confirm]).await;
    let spki = by_key.certificate().public_key().sha256();
    let key_rule = CertificateRule::PublicKey(spki);
    secure.register(key_rule, &[Scope::Confirm]).await;
    let ask = Ask::get(WHO);
    for pair in [&pinned, &by_key] {
        let answer = secure.ask(&ask, Some(pair));
        answer.expect(200);
        assert!(answer.header("ratelimit-remaining").is_some());
    }
    // The same key in a renewed certificate.
    let renewed = params("two again").self_signed(&by_key.key).unwrap();
    let renewed = Pair {
        params: params("two again"),
        der: renewed.der().clone(),
        key: by_key.key,
    };
    secure.ask(&ask, Some(&renewed)).expect(200);
    // With TLS 1.2 as well.
    let mut old = secure.connect(Some(&pinned), &[&rustls::version::TLS12]);
    ask.over(&mut old, secure.address).expect(200);
    // Its scopes are those that were registered.
    let verify = Ask::post("/v1/verify").body("text/plain", "eyJ");
    let problem = secure
        .ask(&verify, Some(&pinned))
        .problem(403, "SCOPE_MISSING");
    assert_eq!(problem["requiredScopes"], serde_json::json!(["verify"]));
    let id = &secure.town.city.bank_a.party.id;
    let known = secure.town.city.app.certificates_of(id).await.unwrap();
    assert!(known.iter().all(|record| record.last_used_at.is_some()));
    // Removed, it stands for nobody, and what was shown is not overlooked in favour of the public.
    secure
        .town
        .city
        .app
        .remove_certificate(&rule)
        .await
        .unwrap();
    let refused = secure.ask(&ask, Some(&pinned));
    refused.problem(401, "CLIENT_CERTIFICATE_INVALID");
    let refused = secure.ask(&verify, Some(&pinned));
    refused.problem(401, "CLIENT_CERTIFICATE_INVALID");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_under_a_named_authority_counts_by_its_subject() {
    let secure = Secure::open().await;
    let good = client("Bank A gateway", &secure.ca);
    let rule = good.rule_under(&secure.ca);
    secure.register(rule, &[Scope::Confirm]).await;
    let ask = Ask::get(WHO);
    secure.ask(&ask, Some(&good)).expect(200);
    // Renewed: another key, the same subject.
    let renewed = client("Bank A gateway", &secure.ca);
    secure.ask(&ask, Some(&renewed)).expect(200);

    let other_ca = authority("Client CA");
    let mut expired = params("Bank A gateway");
    expired.not_before = rcgen::date_time_ymd(2020, 1, 1);
    expired.not_after = rcgen::date_time_ymd(2026, 5, 31);
    let mut future = params("Bank A gateway");
    future.not_before = rcgen::date_time_ymd(2026, 6, 2);
    let mut server = params("Bank A gateway");
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    for (what, pair) in [
        ("another subject", client("Bank B gateway", &secure.ca)),
        (
            "another authority of the same name",
            client("Bank A gateway", &other_ca),
        ),
        ("self-signed", self_signed(params("Bank A gateway"))),
        ("expired", issued(expired, &secure.ca)),
        ("not valid yet", issued(future, &secure.ca)),
        ("for servers", issued(server, &secure.ca)),
        ("unknown", self_signed(params("somebody"))),
    ] {
        let refused = secure.ask(&ask, Some(&pair));
        assert_eq!(refused.status, 401, "{what} {refused}");
        refused.problem(401, "CLIENT_CERTIFICATE_INVALID");
    }
    // An authority that is configured no more counts no more.
    secure.authorities.replace(&[]).unwrap();
    let refused = secure.ask(&ask, Some(&good));
    refused.problem(401, "CLIENT_CERTIFICATE_INVALID");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_does_not_outlive_the_certificate_and_fits_no_other() {
    let secure = Secure::open().await;
    let mut short = params("short");
    short.not_after = rcgen::date_time_ymd(2026, 6, 2);
    let pinned = self_signed(short);
    let rule = CertificateRule::Certificate(pinned.certificate().sha256());
    secure.register(rule, &[Scope::Confirm]).await;
    let ask = Ask::get(WHO);
    secure.ask(&ask, Some(&pinned)).expect(200);
    // The same key and names, but not the certificate that was pinned.
    let other = params("short").self_signed(&pinned.key).unwrap();
    secure.town.city.wait(2 * 86_400);
    let refused = secure.ask(&ask, Some(&pinned));
    refused.problem(401, "CLIENT_CERTIFICATE_INVALID");
    let other = Pair {
        params: params("short"),
        der: other.der().clone(),
        key: pinned.key,
    };
    let refused = secure.ask(&ask, Some(&other));
    refused.problem(401, "CLIENT_CERTIFICATE_INVALID");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_certificate_an_api_key_is_what_counts_and_goes_before_one() {
    let secure = Secure::open().await;
    let ask = Ask::get(WHO);
    secure.ask(&ask, None).problem(401, "API_KEY_MISSING");
    secure
        .ask(&ask.clone().key(&secure.town.bank), None)
        .expect(200);
    let stranger = self_signed(params("stranger"));
    let both = ask.clone().key(&secure.town.bank);
    secure.ask(&both, Some(&stranger)).expect(200);
    let cut = ask.key(&secure.town.bank[1..]);
    secure
        .ask(&cut, Some(&stranger))
        .problem(401, "API_KEY_INVALID");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_s_certificate_without_its_key_ends_the_handshake() {
    let secure = Secure::open().await;
    let pinned = self_signed(params("one"));
    let rule = CertificateRule::Certificate(pinned.certificate().sha256());
    secure.register(rule, &[Scope::Confirm]).await;
    let thief = Pair {
        key: KeyPair::generate().unwrap(),
        ..pinned
    };
    let mut roots = RootCertStore::empty();
    roots.add(secure.server.der.clone()).unwrap();
    let mut stream = secure.connect(None, rustls::DEFAULT_VERSIONS);
    // rustls itself refuses such a pair, so it is given without the check.
    let provider = rustls::crypto::ring::default_provider();
    let key = provider
        .key_provider
        .load_private_key(thief.key_der())
        .unwrap();
    let forged = rustls::sign::CertifiedKey::new(vec![thief.der.clone()], key);
    let config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(rustls::DEFAULT_VERSIONS)
        .unwrap()
        .with_root_certificates(roots)
        .with_client_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(forged)));
    let name = "localhost".try_into().unwrap();
    stream.conn = ClientConnection::new(Arc::new(config), name).unwrap();
    let sent = io::Write::write_all(&mut stream, b"GET / HTTP/1.1\r\n\r\n");
    let mut answer = Vec::new();
    let read = sent.and_then(|()| io::Read::read_to_end(&mut stream, &mut answer));
    assert!(read.is_err() && answer.is_empty(), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_shows_the_new_certificate_and_a_broken_one_changes_nothing() {
    let mut secure = Secure::open().await;
    let ask = Ask::get("/livez");
    secure.ask(&ask, None);
    let (_, wrong_key) = self_signed(params("other")).pem();
    let (certificate, key) = secure.server.pem();
    for (certificate, key) in [
        ("", key.as_str()),
        ("no PEM", key.as_str()),
        (certificate.as_str(), ""),
        (certificate.as_str(), wrong_key.as_str()),
    ] {
        let refused = secure
            .identity
            .replace(certificate.as_bytes(), key.as_bytes());
        assert!(refused.is_err());
    }
    assert_eq!(secure.ask(&ask, None).status, 200);
    let new = self_signed(params("renewed"));
    let (certificate, key) = new.pem();
    let replaced = secure
        .identity
        .replace(certificate.as_bytes(), key.as_bytes());
    replaced.unwrap();
    secure.server = new;
    assert_eq!(secure.ask(&ask, None).status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forwarded_certificate_counts_from_a_configured_proxy_alone() {
    let ca = authority("Client CA");
    let pair = client("Bank A gateway", &ca);
    let header = format!(":{}:", base64::encode(&pair.der));
    let forwarded = Ask::get(WHO).header("Client-Cert", &header);
    let rule = pair.rule_under(&ca);
    let scopes = || [Scope::Confirm].into();

    let town = Town::open().await;
    let id = &town.city.bank_a.party.id;
    let added = town.city.app.add_certificate(id, rule.clone(), scopes());
    added.await.unwrap();
    let forged = town.ask(&forwarded);
    forged.problem(403, "CLIENT_CERTIFICATE_NOT_FORWARDED");
    // A good key makes it no better: whoever sends the header is to learn of it.
    let forged = town.ask(&forwarded.clone().key(&town.bank));
    forged.problem(403, "CLIENT_CERTIFICATE_NOT_FORWARDED");
    let chain = Ask::get(WHO).header("Client-Cert-Chain", &header);
    town.ask(&chain)
        .problem(403, "CLIENT_CERTIFICATE_NOT_FORWARDED");

    let town = Town::with(|options| {
        options.client_certificate_proxies = vec!["127.0.0.1/32".parse().unwrap()];
        options
            .client_authorities
            .replace(&[ca.certificate()])
            .unwrap();
    })
    .await;
    let id = &town.city.bank_a.party.id;
    let added = town.city.app.add_certificate(id, rule, scopes());
    added.await.unwrap();
    town.ask(&forwarded).expect(200);
    let other = client("Bank A gateway", &authority("Client CA"));
    let other = format!(":{}:", base64::encode(&other.der));
    let refused = town.ask(&Ask::get(WHO).header("Client-Cert", &other));
    refused.problem(401, "CLIENT_CERTIFICATE_INVALID");
    for broken in ["", "::", "MIIB", ":%:", &header[1..], ":MIIB:"] {
        let refused = town.ask(&Ask::get(WHO).header("Client-Cert", broken));
        let problem = refused.problem(400, "INVALID_HEADER");
        assert_eq!(problem["header"], "client-cert");
    }
    let twice = forwarded.header("Client-Cert", &header);
    town.ask(&twice).problem(400, "INVALID_HEADER");
}
