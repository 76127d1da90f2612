//! `TimeStampResp` (RFC 3161 §2.4.2).

use crate::pki::der;
use crate::pki::der::Element;
use crate::pki::der::Reader;
use crate::signature::timestamp::error::ResponseError;

/// An answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimestampResponse {
    /// A token, not looked into.
    Granted {
        /// `ContentInfo`, DER or BER as the authority wrote it.
        token: Vec<u8>,
        /// Whether it is what was asked for.
        grant: Grant,
    },
    /// No token.
    Refused(Refusal),
}

/// With which status a token comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant {
    /// `granted`.
    AsAsked,
    /// `grantedWithMods`: what differs is for whoever asked to find.
    Modified,
}

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The status.
    pub status: RefusedStatus,
    /// Explanations for people, cut short.
    pub texts: Vec<String>,
    /// The reason; none where none that is known was given.
    pub reason: Option<FailureReason>,
}

/// The statuses without a token (RFC 3161 §2.4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusedStatus {
    /// `rejection`.
    Rejection,
    /// `waiting`.
    Waiting,
    /// `revocationWarning`: the authority is about to be revoked.
    RevocationWarning,
    /// `revocationNotification`: it was.
    RevocationNotification,
}

/// `PKIFailureInfo`, as far as RFC 3161 §2.4.2 has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureReason {
    /// `badAlg`: an unrecognised or unsupported algorithm.
    BadAlgorithm,
    /// `badRequest`: not permitted or supported.
    BadRequest,
    /// `badDataFormat`: the data submitted has the wrong format.
    BadDataFormat,
    /// `timeNotAvailable`: the authority's time source is not available.
    TimeNotAvailable,
    /// `unacceptedPolicy`: the policy asked for is not supported.
    UnacceptedPolicy,
    /// `unacceptedExtension`: the extension asked for is not supported.
    UnacceptedExtension,
    /// `addInfoNotAvailable`: the additional information could not be understood or is not available.
    AddInfoNotAvailable,
    /// `systemFailure`: the authority cannot answer.
    SystemFailure,
}

/// The reasons with their bits and names.
const FAILURES: &[(FailureReason, usize, &str)] = &[
    (FailureReason::BadAlgorithm, 0, "badAlg"),
    (FailureReason::BadRequest, 2, "badRequest"),
    (FailureReason::BadDataFormat, 5, "badDataFormat"),
    (FailureReason::TimeNotAvailable, 14, "timeNotAvailable"),
    (FailureReason::UnacceptedPolicy, 15, "unacceptedPolicy"),
    (
        FailureReason::UnacceptedExtension,
        16,
        "unacceptedExtension",
    ),
    (
        FailureReason::AddInfoNotAvailable,
        17,
        "addInfoNotAvailable",
    ),
    (FailureReason::SystemFailure, 25, "systemFailure"),
];

/// The statuses without a token, with their numbers and names.
const REFUSALS: &[(RefusedStatus, u8, &str)] = &[
    (RefusedStatus::Rejection, 2, "rejection"),
    (RefusedStatus::Waiting, 3, "waiting"),
    (RefusedStatus::RevocationWarning, 4, "revocationWarning"),
    (
        RefusedStatus::RevocationNotification,
        5,
        "revocationNotification",
    ),
];

/// Texts that are read of one answer.
const MAX_TEXTS: usize = 4;
/// Characters that are kept of each.
const MAX_TEXT_CHARACTERS: usize = 200;

impl TimestampResponse {
    /// A rejection for a reason.
    #[must_use]
    pub fn rejection(reason: FailureReason, text: &str) -> Self {
        Self::Refused(Refusal {
            status: RefusedStatus::Rejection,
            texts: vec![text.to_owned()],
            reason: Some(reason),
        })
    }

    /// Reads `bytes`, all of them. The token's own encoding is not looked into.
    ///
    /// # Errors
    /// [`ResponseError`] says what it is not.
    pub fn parse(bytes: &[u8]) -> Result<Self, ResponseError> {
        let mut fields = der::single(bytes)?.reader();
        let mut status_info = Reader::new(fields.expect(der::SEQUENCE)?.content);
        let token = match fields.is_at_end() {
            true => None,
            // BER within is permitted (RFC 5652 §2), so that only its outermost length is read.
            false => Some(fields.any()?.whole.to_vec()),
        };
        fields.finish()?;
        let status = status_info.expect(der::INTEGER)?.content.to_vec();
        let texts = match status_info.optional(der::SEQUENCE)? {
            Some(texts) => read_texts(&texts)?,
            None => Vec::new(),
        };
        let reason = match status_info.optional(der::BIT_STRING)? {
            Some(bits) => read_failure(&bits),
            None => None,
        };
        status_info.finish()?;
        let [status] = status.as_slice() else {
            return Err(ResponseError::Status);
        };
        let grant = match status {
            0 => Some(Grant::AsAsked),
            1 => Some(Grant::Modified),
            _ => None,
        };
        match (grant, token) {
            (Some(grant), Some(token)) => Ok(Self::Granted { token, grant }),
            (Some(_), None) | (None, Some(_)) => Err(ResponseError::Contradiction),
            (None, None) => {
                let mut known = REFUSALS.iter();
                let known = known.find(|(_, number, _)| number == status);
                let (status, _, _) = known.ok_or(ResponseError::Status)?;
                Ok(Self::Refused(Refusal {
                    status: *status,
                    texts,
                    reason,
                }))
            }
        }
    }

    /// The answer in DER; the token as it is.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        let sequence = |members: Vec<Vec<u8>>| der::encode(der::SEQUENCE, &members.concat());
        match self {
            Self::Granted { token, grant } => {
                let status = match grant {
                    Grant::AsAsked => 0,
                    Grant::Modified => 1,
                };
                let info = sequence(vec![der::encode_unsigned(&[status])]);
                sequence(vec![info, token.clone()])
            }
            Self::Refused(refusal) => {
                let mut info = vec![der::encode_unsigned(&[refusal.status.number()])];
                if !refusal.texts.is_empty() {
                    let texts = refusal.texts.iter();
                    let texts = texts.map(|text| der::encode(der::UTF8_STRING, text.as_bytes()));
                    info.push(sequence(texts.collect()));
                }
                info.extend(refusal.reason.map(FailureReason::to_der));
                sequence(vec![sequence(info)])
            }
        }
    }
}

impl RefusedStatus {
    fn number(self) -> u8 {
        let mut rows = REFUSALS.iter();
        rows.find(|(status, _, _)| *status == self)
            .map_or(2, |(_, number, _)| *number)
    }

    /// Its name in RFC 3161.
    #[must_use]
    pub fn name(self) -> &'static str {
        let mut rows = REFUSALS.iter();
        rows.find(|(status, _, _)| *status == self)
            .map_or("rejection", |(_, _, name)| name)
    }
}

impl FailureReason {
    /// Its name in RFC 3161.
    #[must_use]
    pub fn name(self) -> &'static str {
        let mut rows = FAILURES.iter();
        rows.find(|(reason, _, _)| *reason == self)
            .map_or("systemFailure", |(_, _, name)| name)
    }

    fn bit(self) -> usize {
        let mut rows = FAILURES.iter();
        rows.find(|(reason, _, _)| *reason == self)
            .map_or(25, |(_, bit, _)| *bit)
    }

    /// A BIT STRING of named bits: what is zero at its end is left out (X.690 §11.2.2).
    fn to_der(self) -> Vec<u8> {
        let (whole, rest) = (self.bit() / 8, self.bit() % 8);
        let unused = u8::try_from(7 - rest).unwrap_or_default();
        let mut content = vec![unused];
        content.resize(whole + 1, 0);
        content.push(1 << unused);
        der::encode(der::BIT_STRING, &content)
    }
}

/// The first reason that is known.
fn read_failure(bits: &Element<'_>) -> Option<FailureReason> {
    let octets = bits.content.get(1..)?;
    let is_set = |bit: usize| {
        let octet = octets.get(bit / 8).copied().unwrap_or_default();
        octet & (0x80 >> (bit % 8)) != 0
    };
    let known = FAILURES.iter().find(|(_, bit, _)| is_set(*bit))?;
    Some(known.0)
}

/// `PKIFreeText ::= SEQUENCE SIZE (1..MAX) OF UTF8String`.
fn read_texts(texts: &Element<'_>) -> Result<Vec<String>, ResponseError> {
    let mut reader = texts.reader();
    let mut found = Vec::new();
    while !reader.is_at_end() {
        let text = std::str::from_utf8(reader.expect(der::UTF8_STRING)?.content)
            .map_err(|_invalid| ResponseError::Text)?;
        if found.len() < MAX_TEXTS {
            let shown = text.chars().filter(|character| !character.is_control());
            found.push(shown.take(MAX_TEXT_CHARACTERS).collect());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::hex;

    #[test]
    fn what_is_written_reads_back() {
        let granted = |grant| TimestampResponse::Granted {
            token: der::encode(der::SEQUENCE, &[]),
            grant,
        };
        let mut responses = vec![granted(Grant::AsAsked), granted(Grant::Modified)];
        for (reason, _, _) in FAILURES {
            responses.push(TimestampResponse::rejection(*reason, "not today 今天不行"));
        }
        for (status, _, _) in REFUSALS {
            responses.push(TimestampResponse::Refused(Refusal {
                status: *status,
                texts: Vec::new(),
                reason: None,
            }));
        }
        for response in responses {
            let written = response.to_der();
            der::check(&written).unwrap();
            assert_eq!(TimestampResponse::parse(&written).unwrap(), response);
        }
    }

    #[test]
    fn reasons_are_bits_of_their_standard() {
        for (reason, bits) in [
            (FailureReason::BadAlgorithm, "03020780"),
            (FailureReason::BadDataFormat, "03020204"),
            (FailureReason::TimeNotAvailable, "0303010002"),
            (FailureReason::UnacceptedPolicy, "0303000001"),
            (FailureReason::SystemFailure, "03050600000040"),
        ] {
            assert_eq!(hex::encode(&reason.to_der()), bits, "{}", reason.name());
        }
    }

    #[test]
    fn what_contradicts_itself_is_no_answer() {
        for (name, text) in [
            ("granted without a token", "30053003020100"),
            ("rejected with a token", "300730030201023000"),
            ("unknown status", "30053003020109"),
            ("status of two octets", "3006300402020100"),
            ("nothing", ""),
            ("trailing octets", "3005300302010200"),
        ] {
            let bytes = hex::decode(text).unwrap();
            assert!(TimestampResponse::parse(&bytes).is_err(), "{name}");
        }
    }
}
