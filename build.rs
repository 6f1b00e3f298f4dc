//! With the feature `split`, keeps the relocations in the program by which it is divided in two:
//! the references between its pieces of code.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var_os("CARGO_FEATURE_SPLIT").is_some() {
        println!("cargo:rustc-link-arg-bins=--emit-relocs");
    }
}
