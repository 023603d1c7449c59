//! The program `cargo codegen`.

mod check;
mod command_line;
mod comparison;
mod drift;
mod explain;
mod files;
mod generate;
mod import;
mod lockstep;
mod pages;
mod site;
mod spec_dir;
mod terminal;

pub use command_line::main;
