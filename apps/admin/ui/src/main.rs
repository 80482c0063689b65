//! Starts the page. Its work is in the library, which also compiles natively, for its tests.

#[cfg(target_arch = "wasm32")]
fn main() {
    dioxus::launch(wayfare_admin_ui::App);
}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    eprintln!(
        "wayfare-admin-ui: this is a page for the admin window; build it with \
         `cargo run -p wayfare-admin-bundle`, then run the shell in apps/admin/shell"
    );
    std::process::ExitCode::FAILURE
}
