//! Time: timestamps as an API writes them, moments and ranges, periods of the calendar, and the clock.

pub(crate) mod clock;
pub(crate) mod iso;
pub(crate) mod moment;
pub(crate) mod period;
pub(crate) mod range;
pub(crate) mod timestamp;
