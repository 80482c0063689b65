//! Generates the Kotlin and Swift sources from the built library. `README.md` has the commands.

fn main() {
    uniffi::uniffi_bindgen_main();
}
