//! Random plans that a correct client survives.

use std::num::NonZeroU64;

use crate::faults::plan::{Cut, CutHow, CutOf, Effect, Fault, FaultPlan, FixedReply, RetryAfter, SlowBody};
use crate::random::Random;

impl FaultPlan {
    /// Random passing faults: latency, slow bodies, refusals with `Retry-After`, 500 and 502 to 504, and connections that end within a
    /// response.
    ///
    /// Of requests in a row at most every second one fails, so a client that tries twice gets exact answers. Waits are at most a second, other
    /// delays a few milliseconds. The faults are [`optional`](Fault::optional).
    pub fn random(seed: u64, faults: usize) -> Self {
        let mut random = Random::new(seed);
        let mut request = 0;
        let mut fault = || {
            request += 2 + random.below(3);
            let effects = vec![passing(&mut random)];
            Fault { nth: at_least_one(request - 1), optional: true, effects, ..Fault::default() }
        };
        Self { seed, faults: (0..faults).map(|_| fault()).collect() }
    }
}

fn at_least_one(number: u64) -> NonZeroU64 {
    NonZeroU64::new(number).unwrap_or(NonZeroU64::MIN)
}

fn passing(random: &mut Random) -> Effect {
    match random.below(6) {
        0 => Effect::LatencyMs(random.below(10)),
        1 => Effect::SlowBody(SlowBody {
            piece: at_least_one(1 + random.below(400)),
            pause_ms: 1,
            times: Some(at_least_one(1 + random.below(5))),
        }),
        2 => Effect::Reply(FixedReply {
            retry_after: Some(RetryAfter::Text(random.below(2).to_string())),
            limit_headers: random.below(2) == 0,
            charged: random.below(4) == 0,
            ..FixedReply::of(429)
        }),
        3 => Effect::Reply(FixedReply::of(*random.pick(&[500, 502, 503, 504]).unwrap_or(&500))),
        number => {
            let how = if random.below(2) == 0 { CutHow::Reset } else { CutHow::Close };
            let of = if number == 4 { CutOf::Response } else { CutOf::Body };
            // Within the head, and mostly within the body.
            Effect::Cut(Cut { at: random.below(200), of, how })
        }
    }
}

impl FixedReply {
    /// A status without a body.
    fn of(status: u16) -> Self {
        Self {
            status,
            retry_after: None,
            charged: false,
            limit_headers: false,
            headers: Default::default(),
            json: None,
            text: None,
        }
    }
}
