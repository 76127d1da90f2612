//! Laws of [`Certificate::parse_der`] and [`parse_all`].

use yinxin::pki::certificate::Certificate;
use yinxin::pki::certificate::parse_all;

/// A certificate keeps its bytes, and its to-be-signed part and signature lie inside them; whatever it
/// shows can be shown on a terminal; a file of several holds nothing that would not parse alone.
pub fn parse(data: &[u8]) {
    if let Ok(certificate) = Certificate::parse_der(data) {
        assert_eq!(certificate.der(), data, "not what was read");
        assert_lawful(&certificate);
    }
    for certificate in parse_all(data, 16).unwrap_or_default() {
        assert_lawful(&certificate);
        let again = Certificate::parse_der(certificate.der()).expect("it parsed before");
        assert_eq!(again.sha256(), certificate.sha256());
    }
}

fn assert_lawful(certificate: &Certificate) {
    assert_inside(certificate.der(), certificate.tbs_der());
    assert_inside(certificate.der(), certificate.signature());
    for shown in [
        certificate.subject().to_string(),
        certificate.issuer().to_string(),
        certificate.serial().to_string(),
        certificate.not_before().to_string(),
        certificate.not_after().to_string(),
    ] {
        assert!(!shown.chars().any(char::is_control), "{shown:?}");
    }
    assert!(certificate.subject().matches(certificate.subject()));
    assert_eq!(
        certificate.is_self_issued(),
        certificate.subject().matches(certificate.issuer())
    );
}

fn assert_inside(whole: &[u8], part: &[u8]) {
    let found = part.is_empty() || whole.windows(part.len()).any(|window| window == part);
    assert!(found, "a part lies outside the certificate");
}
