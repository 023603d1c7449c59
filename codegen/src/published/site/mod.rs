//! Fetches the pages that a spec names from their site, politely: one request at a time with a delay between them, conditional where the
//! page was seen before, within robots.txt, and never on another host. Behind the feature `net`, which no build script enables.

mod cache;
mod client;
mod pages;
mod robots;
mod sources;

pub use client::Options;
pub use pages::{Fetched, Site, Trouble};
pub use sources::{Source, sources};
