//! The program `desk`.

fn main() -> std::process::ExitCode {
    salesdesk::cli::main()
}
