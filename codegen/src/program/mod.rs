//! The program `cargo codegen`.

mod changelog;
mod check;
mod command_line;
mod comparison;
mod diff;
mod drift;
mod explain;
mod files;
mod generate;
mod git;
mod import;
mod lockstep;
mod pages;
mod settle;
mod sides;
mod site;
mod spec_dir;
mod terminal;

pub use command_line::main;
