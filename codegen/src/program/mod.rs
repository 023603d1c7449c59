//! The program `cargo codegen`.

mod check;
mod command_line;
mod generate;
mod published;
mod spec_dir;
mod terminal;

pub use command_line::main;
