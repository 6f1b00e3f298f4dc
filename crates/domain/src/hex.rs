//! Bytes in hexadecimal digits.

/// Returns the bytes as lower-case digits, two for each byte.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
