//! Signature of a request: HMAC-SHA256 (RFC 2104) over the time, a dot and the body.

use sha2::{Digest as _, Sha256};

use crate::domain::hex::hex;

/// Block size of SHA-256, in bytes.
const BLOCK: usize = 64;

/// Returns the value of the signature header.
pub(super) fn signature(secret: &str, timestamp: i64, body: &[u8]) -> String {
    let timestamp = timestamp.to_string();
    let parts = [timestamp.as_bytes(), b".", body];
    format!("sha256={}", hex(&hmac(secret.as_bytes(), &parts)))
}

/// Returns the HMAC-SHA256 of the parts together.
fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut block = [0; BLOCK];
    if key.len() > BLOCK {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let mut inner = Sha256::new();
    inner.update(block.map(|byte| byte ^ 0x36));
    for part in parts {
        inner.update(part);
    }
    let mut outer = Sha256::new();
    outer.update(block.map(|byte| byte ^ 0x5c));
    outer.update(inner.finalize());
    outer.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_rfc_4231_have_their_codes() {
        let code = |key: &[u8], text: &[u8]| hex(&hmac(key, &[text]));
        assert_eq!(
            code(&[0x0b; 20], b"Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        );
        assert_eq!(
            code(b"Jefe", b"what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            code(
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First"
            ),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }

    #[test]
    fn time_and_body_are_signed_together() {
        let signed = signature("secret", 1_700_000_000, b"{}");
        let whole = hex(&hmac(b"secret", &[b"1700000000.{}"]));
        assert_eq!(signed, format!("sha256={whole}"));
    }
}
