//! The shop's one program; what it does stands in `ecommerce::cli`.

fn main() -> std::process::ExitCode {
    ecommerce::cli::run()
}
