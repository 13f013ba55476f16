//! copydesk
fn main() {}
