//! Ranges of IP addresses, and which of all addresses are public.
//!
//! A name that somebody else controls may resolve to anything: to this machine, to a neighbour in the same
//! data centre, to the place where a cloud keeps its secrets. What evidence is fetched from must therefore
//! be a public address, or lie in a range that an operator wrote down.

use std::fmt;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;
use std::str::FromStr;

/// A network prefix (RFC 4632 §3.1, RFC 4291 §2.3), written like `10.20.0.0/16`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressRange {
    network: IpAddr,
    prefix: u32,
}

/// Why a text is not an [`AddressRange`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressRangeError {
    /// Bits are set behind the prefix: was another network meant?
    #[error("bits are set behind its prefix")]
    BitsBehindPrefix,
    /// IPv4 addresses in the clothes of IPv6 (RFC 4291 §2.5.5), which are never connected to.
    #[error("it holds IPv4 addresses in IPv6 form; write them as IPv4")]
    Mapped,
    /// Not an address, a slash and the length of a prefix.
    #[error("it is not an address, a slash and a prefix length")]
    Syntax,
}

impl AddressRange {
    const fn v4(a: u8, b: u8, c: u8, prefix: u32) -> Self {
        Self {
            network: IpAddr::V4(Ipv4Addr::new(a, b, c, 0)),
            prefix,
        }
    }

    const fn v6(a: u16, b: u16, c: u16, prefix: u32) -> Self {
        Self {
            network: IpAddr::V6(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0)),
            prefix,
        }
    }

    /// Whether the range holds an address. An IPv4 address in IPv6 form is in no range.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.network, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                behind_v4(network.to_bits() ^ address.to_bits(), self.prefix)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                !holds_ipv4(address)
                    && behind_v6(network.to_bits() ^ address.to_bits(), self.prefix)
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

/// Whether no bit of the first `prefix` is set.
fn behind_v4(bits: u32, prefix: u32) -> bool {
    bits.checked_shr(u32::BITS.saturating_sub(prefix))
        .is_none_or(|before| before == 0)
}

fn behind_v6(bits: u128, prefix: u32) -> bool {
    bits.checked_shr(u128::BITS.saturating_sub(prefix))
        .is_none_or(|before| before == 0)
}

/// IPv4-compatible and IPv4-mapped addresses (RFC 4291 §2.5.5.1 and §2.5.5.2): the same machine under
/// another name, past every rule about IPv4.
fn holds_ipv4(address: Ipv6Addr) -> bool {
    let above = address.to_bits() >> 32;
    (above == 0 && address.to_bits() > 1) || above == 0xffff
}

impl FromStr for AddressRange {
    type Err = AddressRangeError;

    fn from_str(text: &str) -> Result<Self, AddressRangeError> {
        let (network, digits) = text.split_once('/').ok_or(AddressRangeError::Syntax)?;
        let network: IpAddr = network
            .parse()
            .map_err(|_malformed| AddressRangeError::Syntax)?;
        let canonical = digits == "0" || !digits.starts_with('0');
        let prefix = digits
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| digits.parse().ok())
            .flatten()
            .filter(|_| canonical)
            .ok_or(AddressRangeError::Syntax)?;
        let (width, is_clean) = match network {
            IpAddr::V4(network) => (
                u32::BITS,
                network.to_bits().trailing_zeros() >= u32::BITS.saturating_sub(prefix),
            ),
            IpAddr::V6(network) => (
                u128::BITS,
                network.to_bits().trailing_zeros() >= u128::BITS.saturating_sub(prefix),
            ),
        };
        if prefix > width {
            return Err(AddressRangeError::Syntax);
        }
        if !is_clean {
            return Err(AddressRangeError::BitsBehindPrefix);
        }
        match network {
            // Wider ranges hold other addresses as well.
            IpAddr::V6(network) if prefix >= 96 && network.to_bits() >> 32 == 0xffff => {
                Err(AddressRangeError::Mapped)
            }
            IpAddr::V4(_) | IpAddr::V6(_) => Ok(Self { network, prefix }),
        }
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.prefix)
    }
}

/// The [IANA IPv4 Special-Purpose Address Registry](https://www.iana.org/assignments/iana-ipv4-special-registry),
/// all of it, whether or not an entry is reachable from everywhere, with multicast and what is reserved.
const SPECIAL_V4: [AddressRange; 18] = [
    AddressRange::v4(0, 0, 0, 8),       // this network (RFC 791 §3.2)
    AddressRange::v4(10, 0, 0, 8),      // private (RFC 1918)
    AddressRange::v4(100, 64, 0, 10),   // shared by carriers (RFC 6598)
    AddressRange::v4(127, 0, 0, 8),     // loopback (RFC 1122 §3.2.1.3)
    AddressRange::v4(169, 254, 0, 16),  // link-local (RFC 3927), where clouds keep their metadata
    AddressRange::v4(172, 16, 0, 12),   // private (RFC 1918)
    AddressRange::v4(192, 0, 0, 24),    // protocol assignments (RFC 6890 §2.1)
    AddressRange::v4(192, 0, 2, 24),    // documentation (RFC 5737)
    AddressRange::v4(192, 31, 196, 24), // AS112 (RFC 7535)
    AddressRange::v4(192, 52, 193, 24), // AMT (RFC 7450)
    AddressRange::v4(192, 88, 99, 24),  // 6to4 relays (RFC 7526)
    AddressRange::v4(192, 168, 0, 16),  // private (RFC 1918)
    AddressRange::v4(192, 175, 48, 24), // AS112 (RFC 7534)
    AddressRange::v4(198, 18, 0, 15),   // benchmarking (RFC 2544)
    AddressRange::v4(198, 51, 100, 24), // documentation (RFC 5737)
    AddressRange::v4(203, 0, 113, 24),  // documentation (RFC 5737)
    AddressRange::v4(224, 0, 0, 4),     // multicast (RFC 5771)
    AddressRange::v4(240, 0, 0, 4),     // reserved and broadcast (RFC 1112 §4, RFC 8190)
];

/// Where global unicast addresses are given out (RFC 4291 §2.4, IANA's IPv6 address space registry).
/// Loopback, link-local, unique-local, multicast, NAT64 (RFC 6052, RFC 8215), discard-only (RFC 6666)
/// and segment routing (RFC 9602) lie outside.
const GLOBAL_V6: AddressRange = AddressRange::v6(0x2000, 0, 0, 3);

/// What the [IANA IPv6 Special-Purpose Address Registry](https://www.iana.org/assignments/iana-ipv6-special-registry)
/// sets apart within [`GLOBAL_V6`].
const SPECIAL_V6: [AddressRange; 5] = [
    AddressRange::v6(0x2001, 0, 0, 23), // protocol assignments (RFC 2928), Teredo and ORCHID among them
    AddressRange::v6(0x2001, 0xdb8, 0, 32), // documentation (RFC 3849)
    AddressRange::v6(0x2002, 0, 0, 16), // 6to4, which holds an IPv4 address (RFC 3056)
    AddressRange::v6(0x2620, 0x4f, 0x8000, 48), // AS112 (RFC 7534)
    AddressRange::v6(0x3fff, 0, 0, 20), // documentation (RFC 9637)
];

/// Whether an address is one that anybody on the Internet would reach, and reach as the same machine.
#[must_use]
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(_) => !SPECIAL_V4.iter().any(|range| range.contains(address)),
        IpAddr::V6(_) => {
            GLOBAL_V6.contains(address) && !SPECIAL_V6.iter().any(|range| range.contains(address))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn range(text: &str) -> Result<AddressRange, AddressRangeError> {
        text.parse()
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_range_holds_what_its_prefix_says() {
        for (text, inside, outside) in [
            ("10.0.0.0/8", "10.255.255.255", "11.0.0.0"),
            ("10.20.0.0/16", "10.20.0.0", "10.21.0.0"),
            ("10.1.2.3/32", "10.1.2.3", "10.1.2.4"),
            ("0.0.0.0/0", "255.255.255.255", "::1"),
            ("fd00::/8", "fdff::1", "fe00::1"),
            ("fd12:3456::/32", "fd12:3456:ffff::", "fd12:3457::"),
            ("::1/128", "::1", "::2"),
            ("::/0", "2400::1", "10.0.0.1"),
            ("::/0", "::1", "::ffff:10.0.0.1"),
            ("::/0", "64:ff9b::1", "::10.0.0.1"),
        ] {
            let read = range(text).unwrap();
            assert_eq!(read.to_string(), text);
            assert!(read.contains(address(inside)), "{text} {inside}");
            assert!(!read.contains(address(outside)), "{text} {outside}");
        }
    }

    #[test]
    fn other_forms_are_refused() {
        for (text, why) in [
            ("10.0.0.0", AddressRangeError::Syntax),
            ("10.0.0.0/", AddressRangeError::Syntax),
            ("10.0.0.0/33", AddressRangeError::Syntax),
            ("10.0.0.0/08", AddressRangeError::Syntax),
            ("10.0.0.0/+8", AddressRangeError::Syntax),
            ("10.0.0.0/8/8", AddressRangeError::Syntax),
            ("10/8", AddressRangeError::Syntax),
            ("010.0.0.0/8", AddressRangeError::Syntax),
            ("0xa.0.0.0/8", AddressRangeError::Syntax),
            ("fd00::/129", AddressRangeError::Syntax),
            ("crl.example.cn/8", AddressRangeError::Syntax),
            ("", AddressRangeError::Syntax),
            ("10.0.0.1/8", AddressRangeError::BitsBehindPrefix),
            ("fd00::1/64", AddressRangeError::BitsBehindPrefix),
            ("::ffff:10.0.0.0/104", AddressRangeError::Mapped),
        ] {
            assert_eq!(range(text), Err(why), "{text}");
        }
    }

    #[test]
    fn special_purpose_addresses_are_not_public() {
        for text in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.100.100.200",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.0.170",
            "192.0.2.1",
            "192.31.196.1",
            "192.52.193.1",
            "192.88.99.1",
            "192.168.255.1",
            "192.175.48.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::10.0.0.1",
            "::8.8.8.8",
            "::ffff:8.8.8.8",
            "::ffff:127.0.0.1",
            "64:ff9b::808:808",
            "64:ff9b:1::1",
            "100::1",
            "100:0:0:1::1",
            "2001::1",
            "2001:1::1",
            "2001:2::1",
            "2001:4:112::1",
            "2001:10::1",
            "2001:20::1",
            "2001:1ff:ffff::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2620:4f:8000::1",
            "3fff::1",
            "3fff:fff::1",
            "4000::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(address(text)), "{text}");
        }
    }

    #[test]
    fn other_addresses_are_public() {
        for text in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "191.255.255.255",
            "192.0.1.0",
            "192.0.3.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2001:200::1",
            "2400:3200::1",
            "2606:4700::1111",
            "2620:4f:8001::1",
            "3ffe::1",
            "3fff:1000::1",
        ] {
            assert!(is_public(address(text)), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(bits: u32, prefix in 0_u32..=32) {
            let network = if prefix == 0 { 0 } else { bits >> (32 - prefix) << (32 - prefix) };
            let text = format!("{}/{prefix}", Ipv4Addr::from_bits(network));
            let read: AddressRange = text.parse().unwrap();
            prop_assert_eq!(read.to_string(), text);
            prop_assert!(read.contains(IpAddr::V4(Ipv4Addr::from_bits(bits))));
        }
    }
}
