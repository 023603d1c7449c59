//! The program `cargo codegen`: checks a spec, generates from it, and compares it with published pages.

#[cfg(feature = "comfort")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    placewise_codegen::program::main()
}
