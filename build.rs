//! Builds again when a migration is added: they are compiled into the binary. Says how the program is linked.

use std::env;

#[allow(clippy::print_stdout)] // how a build script speaks to cargo
fn main() {
    println!("cargo::rerun-if-changed=migrations");
    println!("cargo::rerun-if-changed=build.rs");
    let target = |what: &str| env::var(format!("CARGO_CFG_TARGET_{what}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" {
        // Where the program's own addresses stand, packed: 2.6 MB of tables, which each server would read at its start and hold from then
        // on, become 50 kB. glibc reads them so from 2.36 on: Debian 12 has it, and Ubuntu 24.04.
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}
