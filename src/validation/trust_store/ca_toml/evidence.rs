//! What `ca.toml` says of evidence: `hosts`, `addresses`, `maximum-age`, `evidence`.

use std::time::Duration;

use crate::validation::trust_store::address_range::AddressRange;
use crate::validation::trust_store::ca_toml::Reader;
use crate::validation::trust_store::ca_toml::Text;
use crate::validation::trust_store::error::TrustStoreError;
use crate::validation::trust_store::evidence_rules::EvidenceRules;
use crate::validation::trust_store::evidence_url::EvidenceHost;
use crate::validation::trust_store::evidence_url::EvidenceUrl;

/// The fields as they stand in the file.
pub(super) struct EvidenceToml {
    pub(super) hosts: Vec<Text>,
    pub(super) addresses: Option<Vec<Text>>,
    pub(super) maximum_age: Option<Text>,
    pub(super) evidence: Vec<Text>,
}

/// Longer than any evidence is valid; what is meant to last longer is meant to have no limit.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

impl Reader<'_> {
    pub(super) fn evidence(&self, read: EvidenceToml) -> Result<EvidenceRules, TrustStoreError> {
        let rules = EvidenceRules {
            hosts: self.hosts(read.hosts)?,
            addresses: read
                .addresses
                .map(|ranges| self.addresses(ranges))
                .transpose()?,
            maximum_age: read.maximum_age.map(|age| self.age(age)).transpose()?,
            prefetched: Vec::new(),
        };
        let prefetched = self.prefetched(read.evidence, &rules)?;
        Ok(EvidenceRules {
            prefetched,
            ..rules
        })
    }

    fn hosts(&self, hosts: Vec<Text>) -> Result<Vec<EvidenceHost>, TrustStoreError> {
        let read = hosts.into_iter().map(|text| {
            let at = self.at_text(&text);
            let host = text.into_inner();
            EvidenceHost::parse(&host).ok_or(TrustStoreError::Host { at, host })
        });
        read.collect()
    }

    fn addresses(&self, ranges: Vec<Text>) -> Result<Vec<AddressRange>, TrustStoreError> {
        let read = ranges.into_iter().map(|text| {
            let at = self.at_text(&text);
            let range = text.into_inner();
            range
                .parse()
                .map_err(|source| TrustStoreError::AddressRange { at, range, source })
        });
        read.collect()
    }

    /// A whole number of minutes, hours or days: `30m`, `24h`, `7d`.
    fn age(&self, text: Text) -> Result<Duration, TrustStoreError> {
        let at = self.at_text(&text);
        let text = text.into_inner();
        let read = parse_age(&text).filter(|age| !age.is_zero() && *age <= LONGEST);
        read.ok_or(TrustStoreError::Age { at, text })
    }

    fn prefetched(
        &self,
        urls: Vec<Text>,
        rules: &EvidenceRules,
    ) -> Result<Vec<EvidenceUrl>, TrustStoreError> {
        let read = urls.into_iter().map(|text| {
            let at = self.at_text(&text);
            let text = text.into_inner();
            let url = match EvidenceUrl::parse(&text) {
                Ok(url) => url,
                Err(source) => return Err(TrustStoreError::EvidenceUrl { at, text, source }),
            };
            match rules.permit(&url) {
                Ok(()) => Ok(url),
                Err(source) => Err(TrustStoreError::EvidenceNotPermitted { at, text, source }),
            }
        });
        read.collect()
    }
}

fn parse_age(text: &str) -> Option<Duration> {
    let units = [("m", 60), ("h", 60 * 60), ("d", 24 * 60 * 60)];
    let (digits, seconds) = units
        .iter()
        .find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, *seconds)))?;
    let digits = Some(digits).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    let count: u64 = digits?.parse().ok()?;
    count.checked_mul(seconds).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validation::trust_store::CaId;
    use crate::validation::trust_store::ca_toml::parse;

    fn rules(lines: &str) -> Result<EvidenceRules, String> {
        let text = format!("name = 'a'\nname-zh = 'b'\noperator = 'c'\n{lines}");
        parse(CaId::parse("example").unwrap(), &text, Vec::new())
            .map(|store| store.evidence)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn everything_about_evidence_is_read() {
        let read = rules(
            "hosts = ['crl.example.cn', 'ocsp.example.cn:8080']\n\
             addresses = ['10.20.0.0/16', 'fd00::/8']\n\
             maximum-age = '24h'\n\
             evidence = ['http://CRL.example.cn/a.crl', 'http://ocsp.example.cn:8080/b']\n",
        )
        .unwrap();
        let texts = |urls: &[EvidenceUrl]| urls.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(read.hosts.len(), 2);
        assert_eq!(read.addresses.unwrap().len(), 2);
        assert_eq!(read.maximum_age, Some(Duration::from_secs(86_400)));
        assert_eq!(
            texts(&read.prefetched),
            [
                "http://crl.example.cn/a.crl",
                "http://ocsp.example.cn:8080/b"
            ]
        );
        assert_eq!(rules("").unwrap(), EvidenceRules::default());
        assert_eq!(
            rules("addresses = []").unwrap().addresses,
            Some(Vec::new()),
            "which permits no address at all"
        );
    }

    #[test]
    fn ages_have_a_unit() {
        for (text, minutes) in [
            ("30m", 30),
            ("24h", 1_440),
            ("7d", 10_080),
            ("366d", 527_040),
        ] {
            assert_eq!(parse_age(text), Some(Duration::from_secs(minutes * 60)));
            assert!(rules(&format!("maximum-age = '{text}'")).is_ok(), "{text}");
        }
        for text in [
            "",
            "h",
            "24",
            "24 h",
            "1.5h",
            "-1d",
            "+1d",
            "0d",
            "367d",
            "1w",
            "24H",
            "18446744073709551615d",
        ] {
            let told = rules(&format!("maximum-age = '{text}'")).unwrap_err();
            assert!(
                told.starts_with(&format!("example/ca.toml, line 4: `{text}` is not an age")),
                "{told}"
            );
        }
    }

    #[test]
    fn mistakes_name_file_line_and_remedy() {
        for (lines, expected) in [
            (
                "hosts = ['https://crl.example.cn/']",
                "example/ca.toml, line 4: `https://crl.example.cn/` is not a host; write it like \
                 \"crl.example.cn\", with \":8080\" behind it for another port than 80 and 443",
            ),
            (
                "addresses = ['10.20.0.0/16',\n '10.20.0.1/16']",
                "example/ca.toml, line 5: `10.20.0.1/16` is not a range of addresses: bits are set behind \
                 its prefix; write it like \"10.20.0.0/16\" or \"10.20.0.7/32\"",
            ),
            (
                "hosts = ['crl.example.cn']\nevidence = ['ldap://crl.example.cn/c=CN']",
                "example/ca.toml, line 5: `ldap://crl.example.cn/c=CN` in `evidence` cannot be fetched: it \
                 is an LDAP address, which is not fetched from; write it like \"http://crl.example.cn/ca.crl\"",
            ),
            (
                "hosts = ['crl.example.cn']\nevidence = ['http://crl.example.cn/', 'http://a.cn/']",
                "example/ca.toml, line 5: `http://a.cn/` in `evidence` must not be fetched: the host is not \
                 one of the CA's; add it to `hosts`, or delete this entry",
            ),
            (
                "hosts = ['crl.example.cn']\nevidence = ['http://crl.example.cn:81/']",
                "example/ca.toml, line 5: `http://crl.example.cn:81/` in `evidence` must not be fetched: the \
                 port is not one of the host's; add it to `hosts`, or delete this entry",
            ),
        ] {
            assert_eq!(rules(lines).unwrap_err(), expected);
        }
    }
}
