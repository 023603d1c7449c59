//! A digest of texts, for names and comparisons.

/// A 64-bit FNV-1a digest. It tells texts apart by mistake, not by malice.
pub(crate) fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
