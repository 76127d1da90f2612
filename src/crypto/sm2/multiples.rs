//! Multiples of a point, computed once so that a scalar multiplication afterwards only adds.
//!
//! Variable time: for public keys and signatures, never for secrets.

use sm2::AffinePoint;
use sm2::ProjectivePoint;
use sm2::Scalar;
use sm2::elliptic_curve::BatchNormalize as _;
use sm2::elliptic_curve::PrimeField as _;
use sm2::elliptic_curve::ops::Double as _;

/// For each window of the scalar, the multiples 1 to 2^(width - 1) of the point times the window's weight.
pub(super) struct Multiples {
    /// Bits of a window, 2 to 7.
    width: u32,
    /// Windows one after the other.
    points: Vec<AffinePoint>,
}

impl Multiples {
    /// Adds some 2^(width - 1) times for each window: for a width of 4, as much work as two verifications
    /// and a half, and 37 KiB.
    pub(super) fn new(point: &ProjectivePoint, width: u32) -> Self {
        let of_window = 1_usize << width.saturating_sub(1);
        let mut multiples = Vec::new();
        let mut weighted = *point;
        for _window in 0..windows(width) {
            let mut multiple = weighted;
            for _ in 1..of_window {
                multiples.push(multiple);
                multiple += weighted;
            }
            multiples.push(multiple);
            weighted = multiple.double();
        }
        Self {
            width,
            points: ProjectivePoint::batch_normalize(multiples.as_slice()),
        }
    }

    /// `sum` + `scalar` times the point.
    pub(super) fn add_multiple(
        &self,
        scalar: &Scalar,
        mut sum: ProjectivePoint,
    ) -> ProjectivePoint {
        let of_window = 1_usize << self.width.saturating_sub(1);
        let windows = self.points.chunks(of_window);
        for (multiples, digit) in windows.zip(signed_digits(scalar, self.width)) {
            let magnitude = usize::from(digit.unsigned_abs());
            // Digit 0 has no multiple.
            let multiple = magnitude.checked_sub(1).and_then(|at| multiples.get(at));
            match multiple {
                Some(point) if digit > 0 => sum += point,
                Some(point) => sum -= point,
                None => {}
            }
        }
        sum
    }
}

/// The windows of 256 bits, and one for what the last carries.
const fn windows(width: u32) -> u32 {
    256 / width + 1
}

/// The scalar in base 2^width, least first, digits from -2^(width - 1) + 1 to 2^(width - 1).
fn signed_digits(scalar: &Scalar, width: u32) -> Vec<i16> {
    let bytes = scalar.to_repr();
    let (base, half) = (1_i16 << width, 1_i16 << width.saturating_sub(1));
    let mut digits = Vec::new();
    let mut carry = 0_i16;
    for window in 0..windows(width) {
        let bits = (0..width).rev().fold(0_i16, |bits, offset| {
            bits << 1 | bit(&bytes, window.saturating_mul(width).saturating_add(offset))
        });
        let digit = bits.saturating_add(carry);
        carry = i16::from(digit > half);
        digits.push(digit.saturating_sub(base.saturating_mul(carry)));
    }
    digits
}

/// Bit `number` of a big-endian number, from the least; zero beyond it.
fn bit(big_endian: &[u8], number: u32) -> i16 {
    let from_end = usize::try_from(number / 8).unwrap_or(usize::MAX);
    let byte = big_endian.iter().rev().nth(from_end).copied();
    i16::from(byte.unwrap_or(0) >> (number % 8) & 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sm2::FieldBytes;
    use sm2::elliptic_curve::ops::Reduce as _;
    use std::sync::LazyLock;

    fn scalar(bytes: [u8; 32]) -> Scalar {
        Scalar::reduce(&FieldBytes::from(bytes))
    }

    static POINT: LazyLock<ProjectivePoint> =
        LazyLock::new(|| ProjectivePoint::GENERATOR * scalar([7; 32]));
    static TABLES: LazyLock<Vec<Multiples>> =
        LazyLock::new(|| (2..8).map(|width| Multiples::new(&POINT, width)).collect());

    fn assert_multiplies(scalar: &Scalar) {
        let expected = *POINT * scalar;
        for table in TABLES.iter() {
            assert_eq!(
                table.add_multiple(scalar, ProjectivePoint::IDENTITY),
                expected
            );
        }
    }

    #[test]
    fn the_ends_of_the_range_are_right() {
        for number in [0_u64, 1, 2, 7, 8, 9, 15, 16, 17, 63, 64, 65, 255, 256, 257] {
            let number = Scalar::from(number);
            assert_multiplies(&number);
            assert_multiplies(&-number);
        }
        for byte in [0x77, 0x88, 0x99, 0xff, 0x80, 0x08] {
            assert_multiplies(&scalar([byte; 32]));
        }
    }

    #[test]
    fn what_is_there_is_added_to() {
        let sum = TABLES[2].add_multiple(&-Scalar::ONE, *POINT);
        assert_eq!(sum, ProjectivePoint::IDENTITY);
        let sum = TABLES[2].add_multiple(&Scalar::ONE, *POINT);
        assert_eq!(sum, POINT.double());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn any_scalar_is_right(bytes: [u8; 32]) {
            assert_multiplies(&scalar(bytes));
        }

        #[test]
        fn digits_are_the_scalar(bytes: [u8; 32], width in 2..8_u32) {
            let expected = scalar(bytes);
            let base = Scalar::from(1_u64 << width);
            let sum = signed_digits(&expected, width).iter().rev().fold(Scalar::ZERO, |sum, digit| {
                let magnitude = Scalar::from(u64::from(digit.unsigned_abs()));
                sum * base + if *digit < 0 { -magnitude } else { magnitude }
            });
            prop_assert_eq!(sum, expected);
        }
    }
}
