//! The `usher` program; what it does is in the library, so that tests can reach it.

fn main() -> std::process::ExitCode {
    usher::commands::run()
}
