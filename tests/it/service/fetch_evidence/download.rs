//! A server is never made to fetch what it should not, and no answer costs more than it may.

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use flate2::Compression;
use flate2::write::GzEncoder;
use openssl::asn1::Asn1Time;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::ssl::SslAcceptor;
use openssl::ssl::SslMethod;
use openssl::x509::X509;
use openssl::x509::X509NameBuilder;
use openssl::x509::extension::SubjectAlternativeName;
use yinxin::service::fetch_evidence::download::Caps;
use yinxin::service::fetch_evidence::download::Download as _;
use yinxin::service::fetch_evidence::download::HttpDownload;
use yinxin::service::fetch_evidence::download::Order;
use yinxin::service::fetch_evidence::error::FetchError;
use yinxin::validation::trust_store::EvidenceHost;
use yinxin::validation::trust_store::EvidenceRules;
use yinxin::validation::trust_store::EvidenceUrl;

use crate::service::fetch_evidence::web::HOST;
use crate::service::fetch_evidence::web::Names;
use crate::service::fetch_evidence::web::Web;
use crate::service::fetch_evidence::web::ok;

/// Wide enough for a busy machine; where a test waits for one of them, it makes it smaller.
pub(crate) const CAPS: Caps = Caps {
    connect: Duration::from_secs(20),
    read: Duration::from_secs(20),
    total: Duration::from_secs(20),
    max_bytes: 10_000,
};

fn order(url: &str, rules: EvidenceRules) -> Order {
    Order {
        url: EvidenceUrl::parse(url).unwrap(),
        ocsp_request: None,
        rules,
    }
}

fn fetch(web: &Web, names: &Arc<Names>) -> Result<Vec<u8>, FetchError> {
    HttpDownload::new(names.clone(), CAPS).download(&order(&web.url("a.crl"), web.rules()))
}

fn refused(web: &Web) -> String {
    fetch(web, &Names::loopback()).unwrap_err().told()
}

fn capped(web: &Web, caps: Caps) -> String {
    let download = HttpDownload::new(Names::loopback(), caps);
    let order = order(&web.url("a.crl"), web.rules());
    download.download(&order).unwrap_err().told()
}

#[test]
fn a_list_is_fetched_by_get_and_an_answer_by_post() {
    let web = Web::with(b"evidence".as_slice());
    assert_eq!(fetch(&web, &Names::loopback()).unwrap(), b"evidence");
    let question = Order {
        ocsp_request: Some(b"question".to_vec()),
        ..order(&web.url("ocsp?x=y"), web.rules())
    };
    let download = HttpDownload::new(Names::loopback(), CAPS);
    assert_eq!(download.download(&question).unwrap(), b"evidence");
    let asked = web.asked();
    assert_eq!(asked[0].line(), "GET /a.crl");
    let host = format!("{HOST}:{}", web.address.port());
    assert_eq!(asked[0].header("host"), Some(host.as_str()));
    assert_eq!(asked[0].header("accept-encoding"), Some("identity"));
    assert_eq!(asked[1].line(), "POST /ocsp?x=y");
    assert_eq!(asked[1].body, b"question");
    assert_eq!(
        asked[1].header("content-type"),
        Some("application/ocsp-request")
    );
    for asked in asked {
        for name in ["cookie", "authorization", "referer", "from"] {
            assert_eq!(asked.header(name), None, "{}", asked.head);
        }
    }
}

#[test]
fn a_wrong_media_type_is_tolerated() {
    let web =
        Web::saying("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 4\r\n\r\nlist");
    assert_eq!(fetch(&web, &Names::loopback()).unwrap(), b"list");
    let chunked = Web::saying(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nli\r\n2\r\nst\r\n0\r\n\r\n",
    );
    assert_eq!(fetch(&chunked, &Names::loopback()).unwrap(), b"list");
    let to_the_end = Web::saying("HTTP/1.1 200 OK\r\n\r\nlist");
    assert_eq!(fetch(&to_the_end, &Names::loopback()).unwrap(), b"list");
}

#[test]
fn redirects_are_not_followed() {
    for location in [
        "http://crl.example.cn/elsewhere.crl",
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1/",
        "file:///etc/passwd",
        "/other",
    ] {
        for status in [301, 302, 303, 307, 308] {
            let web = Web::start(move |_, stream| {
                write!(
                    stream,
                    "HTTP/1.1 {status} Moved\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n"
                )
            });
            assert_eq!(refused(&web), format!("REDIRECTED {status}"), "{location}");
            assert_eq!(web.connections(), 1, "{location}");
        }
    }
    let without_end = Web::saying("HTTP/1.1 302 Moved\r\nlocation: http://127.0.0.1/\r\n");
    assert_eq!(refused(&without_end), "BROKEN_OFF");
}

#[test]
fn a_host_that_is_not_the_ca_s_is_not_even_looked_up() {
    let web = Web::with(b"evidence".as_slice());
    let (port, names) = (web.address.port(), Names::loopback());
    let download = HttpDownload::new(names.clone(), CAPS);
    for (url, told) in [
        (format!("http://a.{HOST}:{port}/"), "HOST_NOT_PERMITTED"),
        (format!("http://example.cn:{port}/"), "HOST_NOT_PERMITTED"),
        (format!("http://127.0.0.1:{port}/"), "HOST_NOT_PERMITTED"),
        (format!("http://{HOST}/"), "PORT_NOT_PERMITTED"),
        (format!("http://{HOST}:22/"), "PORT_NOT_PERMITTED"),
        (format!("https://{HOST}/"), "PORT_NOT_PERMITTED"),
    ] {
        let error = download.download(&order(&url, web.rules())).unwrap_err();
        assert_eq!(error.told(), told, "{url}");
    }
    assert_eq!(names.asked(), Vec::<String>::new());
    assert_eq!(web.connections(), 0);
}

#[test]
fn a_name_that_leads_inside_is_refused() {
    let web = Web::with(b"evidence".as_slice());
    let public_only = EvidenceRules {
        addresses: None,
        ..web.rules()
    };
    for address in [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.0.0.5",
        "172.16.3.4",
        "192.168.1.1",
        "169.254.169.254",
        "100.100.100.200",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2001::1",
        "2001:db8::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "ff02::1",
    ] {
        for answer in [
            &[address][..],
            // One public address does not excuse the other, whichever comes first.
            &["1.1.1.1", address],
            &[address, "2606:4700::1111"],
        ] {
            let download = HttpDownload::new(Names::of(&[answer]), CAPS);
            let order = order(&web.url("a.crl"), public_only.clone());
            assert_eq!(
                download.download(&order).unwrap_err().told(),
                format!(
                    "ADDRESS_NOT_PERMITTED {}",
                    address.parse::<std::net::IpAddr>().unwrap()
                )
            );
        }
    }
    assert_eq!(web.connections(), 0);
}

#[test]
fn only_the_ranges_that_are_named_are_permitted() {
    let web = Web::with(b"evidence".as_slice());
    for (answer, told) in [
        (&["1.1.1.1"][..], "ADDRESS_NOT_PERMITTED 1.1.1.1"),
        (&["127.0.0.2"], "ADDRESS_NOT_PERMITTED 127.0.0.2"),
        (&["127.0.0.1", "1.1.1.1"], "ADDRESS_NOT_PERMITTED 1.1.1.1"),
        (
            &["::ffff:127.0.0.1"],
            "ADDRESS_NOT_PERMITTED ::ffff:127.0.0.1",
        ),
        (&[], "NAME_NOT_FOUND"),
    ] {
        let error = fetch(&web, &Names::of(&[answer])).unwrap_err();
        assert_eq!(error.told(), told);
    }
    let nobody = Arc::new(Names::default());
    assert_eq!(fetch(&web, &nobody).unwrap_err().told(), "NAME_NOT_FOUND");
    assert_eq!(web.connections(), 0);
    assert!(fetch(&web, &Names::of(&[&["127.0.0.1", "127.0.0.1"]])).is_ok());
}

#[test]
fn an_address_instead_of_a_name_is_held_against_the_same_rules() {
    let web = Web::with(b"evidence".as_slice());
    let port = web.address.port();
    let names = Names::loopback();
    let download = HttpDownload::new(names.clone(), CAPS);
    let rules = |host: &str, addresses: Option<&str>| EvidenceRules {
        hosts: vec![EvidenceHost::parse(&format!("{host}:{port}")).unwrap()],
        addresses: addresses.map(|range| vec![range.parse().unwrap()]),
        ..EvidenceRules::default()
    };
    let url = format!("http://127.0.0.1:{port}/");
    let refused = download.download(&order(&url, rules("127.0.0.1", None)));
    assert_eq!(
        refused.unwrap_err().told(),
        "ADDRESS_NOT_PERMITTED 127.0.0.1"
    );
    let permitted = rules("127.0.0.1", Some("127.0.0.0/8"));
    assert_eq!(
        download.download(&order(&url, permitted)).unwrap(),
        b"evidence"
    );
    assert_eq!(names.asked(), Vec::<String>::new());
}

#[test]
fn a_name_is_resolved_once_and_its_second_answer_is_never_seen() {
    let first = Web::with(b"evidence".as_slice());
    // Whoever rebinds the name between check and connection leads to this one.
    let second_address = SocketAddr::from(([127, 0, 0, 2], first.address.port()));
    let second = Web::at(second_address, |_, stream| ok(stream, b"secret"));
    let names = Names::of(&[&["127.0.0.1"], &["127.0.0.2"]]);
    assert_eq!(fetch(&first, &names).unwrap(), b"evidence");
    assert_eq!(names.asked(), [HOST]);
    assert_eq!((first.connections(), second.connections()), (1, 0));
    let next = fetch(&first, &names).unwrap_err();
    assert_eq!(next.told(), "ADDRESS_NOT_PERMITTED 127.0.0.2");
    assert_eq!((first.connections(), second.connections()), (1, 0));
}

#[test]
fn the_next_permitted_address_is_tried_when_one_refuses() {
    let web = Web::with(b"evidence".as_slice());
    let rules = EvidenceRules {
        addresses: Some(vec!["127.0.0.0/8".parse().unwrap()]),
        ..web.rules()
    };
    let names = Names::of(&[&["127.0.0.77", "127.0.0.1"]]);
    let download = HttpDownload::new(names, CAPS);
    let fetched = download.download(&order(&web.url("a.crl"), rules));
    assert_eq!(fetched.unwrap(), b"evidence");
}

#[test]
fn statuses_but_200_are_no_evidence() {
    for status in [
        201, 203, 204, 206, 304, 400, 401, 403, 404, 410, 429, 500, 503,
    ] {
        let web = Web::start(move |_, stream| {
            write!(stream, "HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n")
        });
        let expected = match status {
            304 => "REDIRECTED 304".to_owned(),
            _ => format!("HTTP_STATUS {status}"),
        };
        assert_eq!(refused(&web), expected);
    }
}

#[test]
fn huge_answers_are_cut_off() {
    let announced = Web::start(|_, stream| {
        write!(
            stream,
            "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n"
        )
    });
    assert_eq!(refused(&announced), "TOO_LARGE");
    let unannounced = Web::start(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        // Ends when the other side hangs up.
        loop {
            stream.write_all(&[b'x'; 1024])?;
        }
    });
    assert_eq!(refused(&unannounced), "TOO_LARGE");
    let chunks = Web::start(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")?;
        loop {
            stream.write_all(b"1\r\nx\r\n")?;
        }
    });
    assert_eq!(refused(&chunks), "TOO_LARGE");
    let headers = Web::start(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n")?;
        loop {
            stream.write_all(b"x: y\r\n")?;
        }
    });
    assert_eq!(refused(&headers), "NOT_HTTP");
    let exactly = Web::with(vec![b'x'; 10_000]);
    assert_eq!(fetch(&exactly, &Names::loopback()).unwrap().len(), 10_000);
    let one_more = Web::with(vec![b'x'; 10_001]);
    assert_eq!(refused(&one_more), "TOO_LARGE");
}

#[test]
fn slow_answers_are_given_up() {
    let short = Duration::from_millis(300);
    let silent = Web::start(|_, stream| {
        // Until the other side hangs up.
        let _ = std::io::copy(stream, &mut std::io::sink());
        Ok(())
    });
    let caps = Caps {
        read: short,
        ..CAPS
    };
    assert_eq!(capped(&silent, caps), "TIMED_OUT");
    let drip = Web::start(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n")?;
        loop {
            stream.write_all(b"x")?;
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    let caps = Caps {
        total: short,
        ..CAPS
    };
    let started = Instant::now();
    assert_eq!(capped(&drip, caps), "TIMED_OUT");
    assert!(started.elapsed() < CAPS.read, "each byte alone is in time");
    let dripping_head = Web::start(|_, stream| {
        loop {
            stream.write_all(b"H")?;
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    let told = capped(&dripping_head, caps);
    assert!(["TIMED_OUT", "NOT_HTTP"].contains(&told.as_str()), "{told}");
}

#[test]
fn compressed_answers_are_not_unpacked() {
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    bomb.write_all(&vec![0; 4_000_000]).unwrap();
    let bomb = bomb.finish().unwrap();
    assert!(bomb.len() < 10_000);
    let packed = bomb.clone();
    let web = Web::start(move |_, stream| {
        write!(
            stream,
            "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
            packed.len()
        )?;
        stream.write_all(&packed)
    });
    assert_eq!(refused(&web), "CONTENT_ENCODING");
    // Not announced, it is taken as it is, and is no list.
    let web = Web::with(bomb.clone());
    assert_eq!(fetch(&web, &Names::loopback()).unwrap(), bomb);
    let web = Web::saying(
        "HTTP/1.1 200 OK\r\ncontent-encoding: identity\r\ncontent-length: 4\r\n\r\nlist",
    );
    assert_eq!(fetch(&web, &Names::loopback()).unwrap(), b"list");
}

#[test]
fn broken_answers_are_told_apart() {
    for (text, told) in [
        ("", "BROKEN_OFF"),
        ("HTTP/1.1 200", "BROKEN_OFF"),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort",
            "BROKEN_OFF",
        ),
        ("SSH-2.0-OpenSSH_9.9\r\n\r\n", "NOT_HTTP"),
        ("220 smtp.example.cn ESMTP\r\n\r\n", "NOT_HTTP"),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
            "NOT_HTTP",
        ),
    ] {
        assert_eq!(refused(&Web::saying(text)), told, "{text:?}");
    }
    let nobody = Web::with(Vec::new());
    let (url, rules) = (nobody.url("a.crl"), nobody.rules());
    drop(nobody);
    let download = HttpDownload::new(Names::loopback(), CAPS);
    // The listener may still be closing.
    let gone = (0..1000).find_map(|_| {
        let error = download.download(&order(&url, rules.clone())).err()?;
        (error.told() == "CONNECT_FAILED").then_some(())
    });
    assert!(gone.is_some());
}

/// A TLS server whose certificate is for [`HOST`] and signed by nobody that we trust.
fn tls_server() -> Web {
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", HOST).unwrap();
    let name = name.build();
    let mut certificate = X509::builder().unwrap();
    certificate.set_version(2).unwrap();
    certificate.set_subject_name(&name).unwrap();
    certificate.set_issuer_name(&name).unwrap();
    certificate.set_pubkey(&key).unwrap();
    let (from, to) = (Asn1Time::days_from_now(0), Asn1Time::days_from_now(1));
    certificate.set_not_before(&from.unwrap()).unwrap();
    certificate.set_not_after(&to.unwrap()).unwrap();
    let names = SubjectAlternativeName::new()
        .dns(HOST)
        .build(&certificate.x509v3_context(None, None));
    certificate.append_extension(names.unwrap()).unwrap();
    certificate.sign(&key, MessageDigest::sha256()).unwrap();
    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).unwrap();
    acceptor.set_private_key(&key).unwrap();
    acceptor.set_certificate(&certificate.build()).unwrap();
    let acceptor = acceptor.build();
    Web::raw(move |stream| {
        let _refused = acceptor.accept(stream);
        Ok(())
    })
}

#[test]
fn tls_is_spoken_and_its_certificates_are_checked() {
    let https = |web: &Web| {
        let url = web.url("a.crl").replace("http:", "https:");
        let download = HttpDownload::new(Names::loopback(), CAPS);
        download
            .download(&order(&url, web.rules()))
            .unwrap_err()
            .told()
    };
    assert_eq!(https(&tls_server()), "TLS_FAILED");
    let plain = Web::raw(|mut stream| stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n"));
    assert_eq!(https(&plain), "TLS_FAILED");
}
