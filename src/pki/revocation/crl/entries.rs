//! The entries of a CRL, looked up by serial number without being copied out of it.

use std::hash::BuildHasher;
use std::hash::RandomState;
use std::ops::Range;
use std::sync::OnceLock;

use crate::pki::certificate::SerialNumber;
use crate::pki::der;
use crate::pki::der::Element;
use crate::pki::der::Reader;
use crate::pki::general_name::parse_general_names;
use crate::pki::name::DistinguishedName;
use crate::pki::revocation::crl::entry::CrlEntry;
use crate::pki::revocation::crl::entry::RawEntry;
use crate::pki::revocation::crl::error::CrlError;
use crate::pki::revocation::crl::error::CrlFlaw;
use crate::pki::revocation::distribution_point::directory_name;
use crate::pki::revocation::reason::RevocationReason;

/// Where the entries lie, and what is known of all of them. The index is made when it is first asked.
#[derive(Debug, Default)]
pub(super) struct Entries {
    /// The contents octets of `revokedCertificates`, within the whole CRL.
    range: Range<usize>,
    count: usize,
    /// Where the entries stand, counted from the start of `range`, that name a certificate issuer: it
    /// is that of the entries that follow, too (RFC 5280 §5.3.3).
    issuer_changes: Vec<u32>,
    index: OnceLock<Index>,
}

/// What was met on the way through the entries.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub(super) has_extensions: bool,
    pub(super) names_issuers: bool,
    pub(super) flaw: Option<CrlFlaw>,
}

/// One number for each entry, in order: in the upper half some of a digest of the serial number, in the
/// lower where the entry stands. Eight bytes an entry, whatever the serial numbers are; the digest is
/// keyed, so that nobody can choose serial numbers that meet in one place.
#[derive(Debug)]
struct Index {
    keys: RandomState,
    slots: Vec<u64>,
}

const UPPER_HALF: u64 = 0xffff_ffff_0000_0000;

impl Entries {
    /// Reads every entry of `list`, the element `revokedCertificates`, strictly.
    pub(super) fn read(list: &Element<'_>) -> Result<(Self, Survey), CrlError> {
        let mut reader = list.reader();
        let start = list.offset() + (list.whole.len() - list.content.len());
        let mut entries = Self {
            range: start..start + list.content.len(),
            ..Self::default()
        };
        let mut survey = Survey::default();
        let mut place = 0;
        while !reader.is_at_end() {
            let element = reader.expect(der::SEQUENCE)?;
            let raw = RawEntry::read(&element)?;
            survey.has_extensions |= raw.has_extensions;
            survey.flaw = survey.flaw.or(raw.flaw);
            if raw.certificate_issuer.is_some() {
                survey.names_issuers = true;
                entries.issuer_changes.extend(u32::try_from(place));
            }
            entries.count += 1;
            place += element.whole.len();
        }
        Ok((entries, survey))
    }

    pub(super) const fn count(&self) -> usize {
        self.count
    }

    /// What is said about the certificate `serial` of `issuer`, in the CRL that is `whole` and was issued
    /// by `crl_issuer`. Of several entries for one certificate the gravest.
    pub(super) fn find(
        &self,
        whole: &[u8],
        crl_issuer: &DistinguishedName,
        (issuer, serial): (&DistinguishedName, &SerialNumber),
    ) -> Option<CrlEntry> {
        let content = whole.get(self.range.clone()).unwrap_or_default();
        let index = self.index.get_or_init(|| Index::new(content, self.count));
        index
            .places(serial.as_bytes())
            .filter_map(|place| Some((place, entry_at(content, place)?)))
            .filter(|(_, raw)| raw.serial == serial.as_bytes())
            .filter(|(place, _)| self.is_of(content, *place, crl_issuer, issuer))
            .map(|(_, raw)| raw.entry)
            .max_by_key(|entry| gravity(entry.reason))
    }

    /// Whether the entry at `place` is about a certificate of `issuer` (RFC 5280 §5.3.3).
    fn is_of(
        &self,
        content: &[u8],
        place: u32,
        crl_issuer: &DistinguishedName,
        issuer: &DistinguishedName,
    ) -> bool {
        let changes_before = self.issuer_changes.partition_point(|at| *at <= place);
        let last_change = changes_before
            .checked_sub(1)
            .and_then(|last| self.issuer_changes.get(last));
        let Some(last_change) = last_change else {
            return crl_issuer.matches(issuer);
        };
        let names = entry_at(content, *last_change)
            .and_then(|raw| raw.certificate_issuer)
            .and_then(|value| parse_general_names(value).ok())
            .unwrap_or_default();
        names
            .iter()
            .filter_map(directory_name)
            .any(|name| name.matches(issuer))
    }
}

/// A hold may end, and a removal is the end of one.
const fn gravity(reason: RevocationReason) -> u8 {
    match reason {
        RevocationReason::RemoveFromCrl => 0,
        RevocationReason::CertificateHold => 1,
        RevocationReason::AaCompromise
        | RevocationReason::AffiliationChanged
        | RevocationReason::CaCompromise
        | RevocationReason::CessationOfOperation
        | RevocationReason::KeyCompromise
        | RevocationReason::PrivilegeWithdrawn
        | RevocationReason::Superseded
        | RevocationReason::Unrecognised(_)
        | RevocationReason::Unspecified => 2,
    }
}

/// Reads again an entry that was read when the CRL was.
fn entry_at(content: &[u8], place: u32) -> Option<RawEntry<'_>> {
    let rest = content.get(usize::try_from(place).ok()?..)?;
    let element = Reader::new(rest).read().ok()?;
    RawEntry::read(&element).ok()
}

impl Index {
    fn new(content: &[u8], count: usize) -> Self {
        let mut index = Self {
            keys: RandomState::new(),
            slots: Vec::with_capacity(count),
        };
        let mut reader = Reader::new(content);
        let mut place = 0_u64;
        while let Ok(element) = reader.read() {
            if let Ok(serial) = element.reader().read() {
                index.slots.push(index.digest(serial.content) | place);
            }
            place += u64::try_from(element.whole.len()).unwrap_or(0);
        }
        index.slots.sort_unstable();
        index
    }

    fn digest(&self, serial: &[u8]) -> u64 {
        self.keys.hash_one(serial) & UPPER_HALF
    }

    /// Where entries stand whose serial number may be `serial`.
    fn places(&self, serial: &[u8]) -> impl Iterator<Item = u32> {
        let digest = self.digest(serial);
        let first = self.slots.partition_point(|slot| *slot < digest);
        let candidates = self.slots.get(first..).unwrap_or_default();
        candidates
            .iter()
            .take_while(move |slot| *slot & UPPER_HALF == digest)
            .filter_map(|slot| u32::try_from(slot & !UPPER_HALF).ok())
    }
}
