//! Builds again when a migration is added: they are compiled into the binary.

#[allow(clippy::print_stdout)] // how a build script speaks to cargo
fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
