//! The intervals of timeseries as types. A query at an interval that the report does not have does not compile.

use crate::facts::report::Report;

/// An interval of timeseries. The unit structs that [`intervals!`](crate::intervals) makes implement it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an interval of timeseries",
    label = "not an interval",
    note = "intervals are the unit structs in the generated client's module `interval`; pass a name known only at run time to `interval_named`"
)]
pub trait Interval: Copy {
    /// Its name on the wire; none for [`Auto`], whose name the format knows.
    const NAME: Option<&'static str>;
}

/// The interval that the server chooses by the length of the range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Auto;

impl Interval for Auto {
    const NAME: Option<&'static str> = None;
}

/// Reports that have the interval `I`.
#[diagnostic::on_unimplemented(
    message = "the report `{Self}` does not have the interval `{I}`",
    label = "`{I}` is not among this report's intervals",
    note = "`find_report(name)?.intervals` lists the intervals of a report; `interval::Auto` lets the server choose"
)]
pub trait HasInterval<I: Interval>: Report {}

impl<R: Report> HasInterval<Auto> for R {}

/// Makes the intervals of a format as unit structs: `intervals! { /** 5 minutes. */ Minutes5 = "5m", /** 1 day. */ Day = "1d" }`.
#[doc(hidden)]
#[macro_export]
macro_rules! intervals {
    ($( $( #[$meta:meta] )* $name:ident = $wire:literal ),* $(,)?) => { $(
        $( #[$meta] )*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct $name;
        impl $crate::machinery::Interval for $name {
            const NAME: ::core::option::Option<&'static str> = ::core::option::Option::Some($wire);
        }
    )* };
}

/// Lists the intervals of a report: `has_intervals! { MemberBalance: Hour, Day }`. They are those of the calling crate's module
/// `api::interval`.
#[doc(hidden)]
#[macro_export]
#[allow(clippy::crate_in_macro_def, reason = "the intervals are the calling crate's")]
macro_rules! has_intervals {
    ($report:ty : $( $interval:ident ),* $(,)?) => { $(
        impl $crate::machinery::HasInterval<crate::api::interval::$interval> for $report {}
    )* };
}
