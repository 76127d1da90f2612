//! What is asked for.

use crate::clock::Timestamp;
use crate::crypto::digest::Digest;
use crate::crypto::digest::DigestAlgorithm;

/// A signature that is to be put into a PDF.
#[derive(Clone, Copy, Debug)]
pub struct NewSignature<'a> {
    /// Where it goes.
    pub field: FieldChoice<'a>,
    /// What its value is.
    pub kind: ValueKind,
    /// Who signs, as it is shown where the signature is visible.
    pub signer: &'a str,
    /// Why.
    pub reason: Option<&'a str>,
    /// Where.
    pub location: Option<&'a str>,
    /// Whether it certifies the document.
    pub certification: Option<Certification>,
    /// The time that it claims, `M`.
    pub signed_at: Timestamp,
}

/// What the value of a signature is (`SubFilter`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// `ETSI.CAdES.detached`: CMS by the rules of `PAdES` (ETSI EN 319 142-1 §6).
    Cades,
    /// `GM.sm2cms.detached`: the dialect of GM/T 0010.
    GmCms,
}

/// The field that a signature goes into.
#[derive(Clone, Copy, Debug)]
pub enum FieldChoice<'a> {
    /// One that is there and empty.
    Existing(&'a str),
    /// A new one.
    New {
        /// The page that it is on, the first being 1.
        page: usize,
        /// Where it shows; without one, nowhere.
        rectangle: Option<Rectangle>,
    },
}

/// A part of a page, in points from its lower left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rectangle {
    pub(super) left: f64,
    pub(super) bottom: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// The largest place on a page, in points: 200 inches (ISO 32000-1 Annex C).
const MAX_POINTS: f64 = 14_400.0;

impl Rectangle {
    /// A rectangle that something can be seen in, on a page of a size that may be: none otherwise.
    #[must_use]
    pub fn new([left, bottom, width, height]: [f64; 4]) -> Option<Self> {
        let is_place = |value: f64| value.abs() <= MAX_POINTS;
        let is_size = |value: f64| (1.0..=MAX_POINTS).contains(&value);
        let is_one = is_place(left) && is_place(bottom) && is_size(width) && is_size(height);
        is_one.then_some(Self {
            left,
            bottom,
            width,
            height,
        })
    }
}

/// What a certified document may undergo afterwards (ISO 32000-2 table 257).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certification {
    /// 1: nothing.
    Nothing,
    /// 2: filling in forms, and signing.
    Forms,
    /// 3: annotations as well.
    Annotations,
}

impl Certification {
    pub(super) const fn level(self) -> i64 {
        match self {
            Self::Nothing => 1,
            Self::Forms => 2,
            Self::Annotations => 3,
        }
    }
}

/// How the value comes about.
pub struct ValueMaker<'m, E> {
    /// The algorithm of the digest that it is made of.
    pub digest: DigestAlgorithm,
    /// How large it will be, in bytes, as far as can be said. If it is larger, it is made once more.
    pub room: usize,
    /// Makes it of the digest of what it covers; DER.
    pub make: &'m mut dyn FnMut(&Digest) -> Result<Vec<u8>, E>,
}
