//! Reproducible numbers that look random.

/// SplitMix64.
pub struct Random(pub u64);

impl Random {
    pub fn below<N: TryInto<u64> + TryFrom<u64>>(&mut self, limit: N) -> N {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let limit = limit.try_into().ok().expect("a limit that is not negative");
        N::try_from((bits ^ (bits >> 31)) % limit).ok().expect("a number below the limit")
    }

    pub fn pick<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())].clone()
    }
}
