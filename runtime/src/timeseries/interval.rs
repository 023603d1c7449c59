//! The intervals of timeseries as types, and which report offers which. In come the names that generated code lists; out comes a compile
//! error where a report is asked for an interval that it does not have.

use crate::Report;

/// An interval of timeseries. Implemented by the unit structs that [`intervals!`](crate::intervals) makes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an interval of timeseries",
    label = "not an interval",
    note = "intervals are the unit structs in the generated client's module `interval`; a name learnt at run time goes to `interval_named`"
)]
pub trait Interval: Copy {
    /// Its name on the wire; none for [`Auto`], whose word the format knows.
    const NAME: Option<&'static str>;
}

/// The interval that the server chooses by the length of the range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Auto;

impl Interval for Auto {
    const NAME: Option<&'static str> = None;
}

/// Reports that offer the interval `I`.
#[diagnostic::on_unimplemented(
    message = "the report `{Self}` does not offer the interval `{I}`",
    label = "`{I}` is not among this report's intervals",
    note = "`<Report>::INFO.intervals` lists what the report offers; `interval::Auto` lets the server choose"
)]
pub trait HasInterval<I: Interval>: Report {}

impl<R: Report> HasInterval<Auto> for R {}

/// Makes the intervals of a format as unit structs: `intervals! { /** 5 minutes. */ Minutes5 = "5m", /** 1 day. */ Day = "1d" }`.
#[macro_export]
macro_rules! intervals {
    ($( $( #[$meta:meta] )* $name:ident = $wire:literal ),* $(,)?) => { $(
        $( #[$meta] )*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct $name;
        impl $crate::Interval for $name {
            const NAME: ::core::option::Option<&'static str> = ::core::option::Option::Some($wire);
        }
    )* };
}

/// Says which intervals a report offers: `offers! { MemberBalance: Hour, Day }`. The intervals are those of the calling crate's module
/// `api::interval`.
#[macro_export]
#[allow(clippy::crate_in_macro_def, reason = "the intervals are the calling crate's")]
macro_rules! offers {
    ($report:ty : $( $interval:ident ),* $(,)?) => { $(
        impl $crate::HasInterval<crate::api::interval::$interval> for $report {}
    )* };
}
