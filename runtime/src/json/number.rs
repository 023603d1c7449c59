//! The value of a series: whole where it was sent as a whole number, so that counts print as counts. Sums of them are exact or none.

use std::fmt;

use serde::{Serialize, Serializer};

use super::{context::DecodeContext, exact, mismatch::Mismatch, value::Value, value_ref::ValueRef};

/// A number as it was sent: whole, or with a fraction.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Number {
    /// Sent as a whole number.
    Integer(i64),
    /// Sent with a fraction or an exponent.
    Float(f64),
}

impl Number {
    /// The number as floating point. Whole numbers of more than 15 digits are rounded.
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Integer(whole) => whole as f64,
            Self::Float(number) => number,
        }
    }

    /// The whole number; none if it has a fraction.
    pub fn as_i64(self) -> Option<i64> {
        match self {
            Self::Integer(whole) => Some(whole),
            Self::Float(number) => exact::whole(number),
        }
    }
}

/// As in JSON.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(whole) => whole.fmt(f),
            Self::Float(number) => write!(f, "{number:?}"),
        }
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value_ref().serialize(serializer)
    }
}

impl Value for Number {
    fn read(json: &str, context: &mut DecodeContext) -> Result<Self, Mismatch> {
        // An integer cannot hold a negative zero.
        if json != "-0" && json.bytes().skip(usize::from(json.starts_with('-'))).all(|byte| byte.is_ascii_digit()) {
            // As floating point, a whole number that does not fit would be rounded silently.
            return json.parse().map(Self::Integer).map_err(|_| Mismatch::new("a number of at most 64 bits", json));
        }
        f64::read(json, context).map(Self::Float)
    }

    fn made_up() -> Self {
        Self::Integer(1)
    }

    fn value_ref(&self) -> ValueRef<'_> {
        match self {
            Self::Integer(whole) => ValueRef::Integer(*whole),
            Self::Float(number) => ValueRef::Number(*number),
        }
    }
}

/// A sum of numbers as they are written in decimal: `digits` times a power of ten. Floating point would round at each step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct ExactSum {
    digits: i128,
    exponent: i32,
    /// Whether a number was sent with a fraction or an exponent.
    float: bool,
}

impl ExactSum {
    /// The number in its shortest text; none if it is not finite.
    fn of(number: Number) -> Option<Self> {
        let number = match number {
            Number::Integer(whole) => return Some(Self { digits: whole.into(), exponent: 0, float: false }.trimmed()),
            Number::Float(number) => format!("{number:e}"),
        };
        let (mantissa, exponent) = number.split_once('e')?;
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let exponent = exponent.parse::<i32>().ok()?.checked_sub(i32::try_from(fraction.len()).ok()?)?;
        Some(Self { digits: format!("{whole}{fraction}").parse().ok()?, exponent, float: true }.trimmed())
    }

    /// Without trailing zeros, so that each value is written in one way.
    fn trimmed(mut self) -> Self {
        while self.digits != 0 && self.digits % 10 == 0 {
            (self.digits, self.exponent) = (self.digits / 10, self.exponent.saturating_add(1));
        }
        if self.digits == 0 { Self { exponent: 0, ..self } } else { self }
    }

    /// The digits for a smaller exponent; none if they are too many.
    fn digits_at(self, exponent: i32) -> Option<i128> {
        let power = if self.digits == 0 { 0 } else { u32::try_from(self.exponent.checked_sub(exponent)?).ok()? };
        self.digits.checked_mul(10_i128.checked_pow(power)?)
    }

    /// The sum with another number; none if it has more digits than there is room for.
    pub(crate) fn plus(self, number: Number) -> Option<Self> {
        let other = Self::of(number)?;
        let exponent = match (self.digits, other.digits) {
            (0, _) => other.exponent,
            (_, 0) => self.exponent,
            _ => self.exponent.min(other.exponent),
        };
        let digits = self.digits_at(exponent)?.checked_add(other.digits_at(exponent)?)?;
        Some(Self { digits, exponent, float: self.float || other.float }.trimmed())
    }

    /// The sum as a number: whole if all numbers were; none if no number is exactly this sum.
    pub(crate) fn number(self) -> Option<Number> {
        let whole = || Some(Number::Integer(i64::try_from(self.digits_at(0)?).ok()?));
        let float = || {
            let float = Number::Float(format!("{}e{}", self.digits, self.exponent).parse().ok()?);
            Self::of(float).filter(|same| (same.digits, same.exponent) == (self.digits, self.exponent)).map(|_| float)
        };
        if self.float { float().or_else(whole) } else { whole() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The sum of numbers, if it is exact.
    fn sum(numbers: impl IntoIterator<Item = Number>) -> Option<Number> {
        let sum = numbers.into_iter().try_fold(ExactSum::default(), |sum, number| sum.plus(number));
        sum.and_then(ExactSum::number)
    }

    #[test]
    fn sums_are_exact_or_none() {
        use Number::{Float, Integer};
        assert_eq!(sum([Float(0.1); 34]), Some(Float(3.4)));
        assert_eq!(sum([Integer(1), Integer(2)]), Some(Integer(3)));
        assert_eq!(sum([Float(0.5), Float(0.5), Integer(1)]), Some(Float(2.0)));
        assert_eq!(sum([Float(0.1), Float(-0.1)]), Some(Float(0.0)));
        assert_eq!(sum([Float(1e308), Float(1e300)]), Some(Float(1.00000001e308)));
        // What is too long for floating point may still be whole.
        assert_eq!(sum([Float(9_007_199_254_740_992.0), Float(1.0)]), Some(Integer(9_007_199_254_740_993)));
        // The order does not matter.
        assert_eq!(sum([Integer(i64::MAX), Integer(1), Integer(-1)]), Some(Integer(i64::MAX)));
        assert_eq!(sum([Integer(9_007_199_254_740_993), Float(0.5)]), None);
        assert_eq!(sum([Integer(i64::MAX), Integer(1)]), None);
        assert_eq!(sum([Float(1e308), Float(1e308)]), None);
        assert_eq!(sum([Float(1e300), Float(1.0)]), None);
        assert_eq!(sum([Float(f64::INFINITY)]), None);
    }

    /// Adds decimal text into columns, one for each power of ten from -400 to 399, without carrying.
    fn add(text: &str, factor: i64, columns: &mut [i64; 800]) {
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let (sign, digits) = mantissa.strip_prefix('-').map_or((factor, mantissa), |digits| (-factor, digits));
        let point = digits.find('.').unwrap_or(digits.len());
        let first = 400 + exponent.parse::<isize>().unwrap() + isize::try_from(point).unwrap();
        for (place, digit) in (1..).zip(digits.bytes().filter(u8::is_ascii_digit)) {
            columns[usize::try_from(first - place).unwrap()] += sign * i64::from(digit - b'0');
        }
    }

    fn is_zero(columns: &[i64; 800]) -> bool {
        let mut carry = 0;
        let zero = columns.iter().all(|column| {
            let total = column + carry;
            carry = total.div_euclid(10);
            total.rem_euclid(10) == 0
        });
        zero && carry == 0
    }

    fn number() -> impl Strategy<Value = Number> {
        let decimal = (any::<i64>(), 0_u32..19, 0_usize..12).prop_map(|(digits, cut, places)| {
            let text = format!("{}e-{places}", digits / 10_i64.pow(cut));
            Number::Float(text.parse().unwrap())
        });
        prop_oneof![3 => decimal, 2 => (-1000_i64..1000).prop_map(Number::Integer), 1 => any::<i64>().prop_map(Number::Integer)]
    }

    proptest! {
        #[test]
        fn sums_of_decimals_are_those_of_their_texts(numbers in prop::collection::vec(number(), 1..40)) {
            let mut columns = [0; 800];
            numbers.iter().for_each(|number| add(&number.to_string(), 1, &mut columns));
            if let Some(sum) = sum(numbers.iter().copied()) {
                add(&sum.to_string(), -1, &mut columns);
                prop_assert!(is_zero(&columns), "{sum} of {numbers:?}");
            }
        }

        #[test]
        fn sums_of_short_decimals_are_never_given_up(digits in prop::collection::vec((-1_000_000_i64..1_000_000, 0_usize..6), 1..40)) {
            let numbers = digits.iter().map(|(digits, places)| Number::Float(format!("{digits}e-{places}").parse().unwrap()));
            prop_assert!(sum(numbers).is_some());
        }
    }
}
