// Counts lines, words and bytes of standard input, in Rust:
//
//     rustc --target=wasm32-wasip1 -O examples/c/words.rs && vspc words.wasm <README.md
use std::io::Read;

fn main() {
    let mut text = Vec::new();
    std::io::stdin().read_to_end(&mut text).unwrap();
    let lines = text.iter().filter(|b| **b == b'\n').count();
    let words = text.split(|b| b.is_ascii_whitespace()).filter(|w| !w.is_empty()).count();
    println!("{} {} {}", lines, words, text.len());
}
