//! What a signature of a document is about, and what stands after the dot of its signing input (RFC 7515 §5.1,
//! RFC 7797 §3, ETSI TS 119 182-1 §5.2.8.3).

use std::borrow::Cow;

use crate::crypto::digest::Digest;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::digest;
use crate::encoding::base64url;
use crate::signature::detached::ContentNeeds;
use crate::signature::detached::DetachedContent;
use crate::signature::facts::ContentCoverage;
use crate::signature::facts::Fault;
use crate::signature::facts::Integrity;
use crate::signature::jose::sig_d::SigD;
use crate::signature::jose::signed_header::SignedHeader;

/// Contents that are tried where a signature does not name its own.
const MAX_UNNAMED: usize = 8;

/// The content of one signature.
#[derive(Debug)]
pub(super) struct Payload<'a> {
    pub(super) state: ContentState,
    pub(super) coverage: ContentCoverage,
    /// What may stand after the dot: each is tried.
    pub(super) inputs: Vec<Cow<'a, [u8]>>,
    /// The algorithm of the digests in `sigD`.
    pub(super) digest: Option<DigestAlgorithm>,
    /// What timestamps cover of content that is signed through its digests; none where its bytes are not here.
    referenced: Option<Vec<u8>>,
}

/// What is known of the content before the value is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ContentState {
    /// Its digest is not the one that is signed.
    Differs,
    /// Its digest is of an algorithm that we do not know.
    DigestUnknown,
    /// Nothing is there and nothing was handed in: the empty content, or content that is missing.
    EmptyOrMissing,
    /// It is at hand, and the value or the digests decide.
    Present,
    /// It was not handed in, or what it is cannot be told.
    Missing,
}

/// What a signature asks of content that stands apart.
pub(super) fn needs_of(header: &SignedHeader, payload: Option<&str>) -> ContentNeeds {
    let mut needs = ContentNeeds::default();
    match &header.sig_d {
        Some(SigD::ByUri(_)) => needs.bytes = true,
        Some(SigD::ByUriHash { algorithm, .. }) => {
            needs.digests.insert(*algorithm);
            // The digests are of the base64url of the contents: those of the contents do not decide.
            needs.bytes = header.is_payload_encoded;
        }
        Some(SigD::UnknownDigest | SigD::Unprocessed) => {}
        None => needs.bytes = payload.is_none_or(str::is_empty),
    }
    needs
}

impl<'a> Payload<'a> {
    /// The content of the signature with `header`: `inside` the document, or among what was handed in.
    pub(super) fn of(
        header: &SignedHeader,
        inside: Option<&'a str>,
        detached: &'a [DetachedContent],
        faults: &mut Vec<Fault>,
    ) -> Self {
        let inside = inside.filter(|text| !text.is_empty());
        if let Some(sig_d) = &header.sig_d {
            if inside.is_some() {
                let detail = "names content elsewhere, and there is content inside";
                faults.push(Fault::broken("sigD", detail));
            }
            let contents = sig_d.contents(detached);
            return Self::named(sig_d, header.is_payload_encoded, inside, contents, faults);
        }
        if let Some(text) = inside {
            let inputs = vec![Cow::Borrowed(text.as_bytes())];
            return Self::at(ContentState::Present, ContentCoverage::Whole, inputs);
        }
        let bytes = detached.iter().filter_map(|one| one.bytes.as_deref());
        let inputs: Vec<_> = bytes
            .take(MAX_UNNAMED)
            .map(|bytes| encoded(header.is_payload_encoded, bytes))
            .collect();
        let state = match (detached.is_empty(), inputs.is_empty()) {
            (true, _) => {
                let inputs = vec![Cow::Borrowed(&b""[..])];
                let state = ContentState::EmptyOrMissing;
                return Self::at(state, ContentCoverage::Detached, inputs);
            }
            (false, true) => ContentState::Missing,
            (false, false) => ContentState::Present,
        };
        Self::at(state, ContentCoverage::Detached, inputs)
    }

    fn at(state: ContentState, coverage: ContentCoverage, inputs: Vec<Cow<'a, [u8]>>) -> Self {
        Self {
            state,
            coverage,
            inputs,
            digest: None,
            referenced: None,
        }
    }

    fn named(
        sig_d: &SigD,
        is_encoded: bool,
        inside: Option<&'a str>,
        contents: Option<Vec<&'a DetachedContent>>,
        faults: &mut Vec<Fault>,
    ) -> Self {
        let bytes: Option<Vec<&[u8]>> = contents.as_ref().and_then(|contents| {
            let bytes = contents.iter().map(|content| content.bytes.as_deref());
            bytes.collect()
        });
        let coverage = ContentCoverage::Detached;
        // What stands inside all the same is what the value is over.
        let inside_or_empty = vec![Cow::Borrowed(inside.unwrap_or_default().as_bytes())];
        match sig_d {
            SigD::Unprocessed => Self::at(ContentState::Missing, coverage, Vec::new()),
            SigD::UnknownDigest => Self::at(ContentState::DigestUnknown, coverage, inside_or_empty),
            SigD::ByUri(_) => match bytes {
                Some(bytes) => {
                    let inputs = joined(&bytes, is_encoded);
                    Self::at(ContentState::Present, coverage, inputs)
                }
                None => Self::at(ContentState::Missing, coverage, Vec::new()),
            },
            SigD::ByUriHash { algorithm, named } => {
                let signed = named.iter().map(|(_, digest)| digest);
                let contents = contents.unwrap_or_default();
                let fits = signed
                    .zip(&contents)
                    .map(|(signed, content)| DigestFit::of(signed, content, is_encoded));
                let fits: Vec<DigestFit> = fits.collect();
                if fits.contains(&DigestFit::Unencoded) {
                    let detail = "the digest of a content is not that of its base64url";
                    faults.push(Fault::irregular("sigD", detail));
                }
                let state = match () {
                    () if fits.contains(&DigestFit::Differs) => ContentState::Differs,
                    () if fits.len() != named.len() => ContentState::Missing,
                    () if fits.contains(&DigestFit::Unknown) => ContentState::Missing,
                    () => ContentState::Present,
                };
                let referenced = bytes.map(|bytes| {
                    let each = bytes.iter().map(|bytes| encoded(is_encoded, bytes));
                    each.collect::<Vec<_>>().concat()
                });
                Self {
                    digest: Some(*algorithm),
                    referenced,
                    ..Self::at(state, coverage, inside_or_empty)
                }
            }
        }
    }

    /// What timestamps over the content cover (ETSI TS 119 182-1 §5.2.6, §5.3.6.3): the input that was verified,
    /// or the contents that are signed through their digests.
    pub(super) fn timestamped(&self, verified: Option<usize>) -> Option<&[u8]> {
        match self.digest {
            Some(_) => self.referenced.as_deref(),
            None => self.inputs.get(verified?).map(AsRef::as_ref),
        }
    }

    /// The outcome, of what is known of the content and of the value.
    pub(super) fn integrity(&mut self, value: Integrity) -> Integrity {
        match (self.state, value) {
            // A value that is wrong is wrong whatever the content.
            (ContentState::Missing, Integrity::Intact) => Integrity::ContentMissing,
            (ContentState::Differs, _) => Integrity::ContentDiffers,
            (ContentState::DigestUnknown, Integrity::Intact) => Integrity::AlgorithmUnknown,
            (ContentState::EmptyOrMissing, Integrity::Intact) => {
                self.coverage = ContentCoverage::Whole;
                Integrity::Intact
            }
            (ContentState::EmptyOrMissing, Integrity::ValueWrong) => Integrity::ContentMissing,
            (_, value) => value,
        }
    }
}

/// Whether a content has the digest that is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DigestFit {
    Differs,
    /// As ETSI TS 119 182-1 §5.2.8.3.3 has it: of the base64url of the content, unless `b64` is false.
    Fits,
    /// The content itself has it, where its base64url should: some writers do so, and it binds no less.
    Unencoded,
    /// What would decide was not handed in.
    Unknown,
}

impl DigestFit {
    fn of(signed: &Digest, content: &DetachedContent, is_encoded: bool) -> Self {
        let algorithm = signed.algorithm();
        let is_of_content = content.digest(algorithm).map(|found| found == *signed);
        if !is_encoded {
            return match is_of_content {
                Some(true) => Self::Fits,
                Some(false) => Self::Differs,
                None => Self::Unknown,
            };
        }
        let text = content.bytes.as_ref().map(|bytes| encoded(true, bytes));
        match text.map(|text| digest(algorithm, &text) == *signed) {
            Some(true) => Self::Fits,
            _ if is_of_content == Some(true) => Self::Unencoded,
            Some(false) => Self::Differs,
            None => Self::Unknown,
        }
    }
}

fn encoded(is_encoded: bool, bytes: &[u8]) -> Cow<'_, [u8]> {
    match is_encoded {
        true => Cow::Owned(base64url::encode(bytes).into_bytes()),
        false => Cow::Borrowed(bytes),
    }
}

/// Several contents as one payload. Writers differ in whether each is encoded or all of them together; both hold
/// every byte in its order.
fn joined<'a>(contents: &[&'a [u8]], is_encoded: bool) -> Vec<Cow<'a, [u8]>> {
    if let [only] = contents {
        return vec![encoded(is_encoded, only)];
    }
    let all = contents.concat();
    if !is_encoded {
        return vec![Cow::Owned(all)];
    }
    let each = contents.iter().map(|bytes| base64url::encode(bytes));
    let each: String = each.collect();
    vec![
        Cow::Owned(each.into_bytes()),
        Cow::Owned(base64url::encode(&all).into_bytes()),
    ]
}
