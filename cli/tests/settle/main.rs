//! `placewise settle` and `placewise drift --live` against servers that differ from the spec in known ways, and on recordings.

mod drift;
mod live;
mod recording;
mod support;
