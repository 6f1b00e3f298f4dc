//! Divides the program in release builds with the feature `split`: sets `cfg(divided)`, and keeps
//! the relocations, the references between its pieces of code by which it is divided.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let is_release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    if is_release && std::env::var_os("CARGO_FEATURE_SPLIT").is_some() {
        println!("cargo:rustc-cfg=divided");
        println!("cargo:rustc-link-arg-bins=--emit-relocs");
    }
}
