// Starts the page's wasm. A script of its own: the window allows none inside the page.
import start from "./wayfare-admin.js";
start({ module_or_path: new URL("./wayfare-admin_bg.wasm", import.meta.url) });
