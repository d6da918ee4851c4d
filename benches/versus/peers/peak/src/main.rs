//! The ceiling as a peer: `peak:FLOPS` is fused multiply-adds in registers on every thread, and nothing else.

use common::protocol::{Repetition, serve};

fn main() -> std::io::Result<()> {
    serve(|case| repetition(case.strip_prefix("peak:")?.parse().ok()?), |_| None)
}

/// A repetition that does `flops` floating-point operations on each thread, where the processor's widest registers are
/// known here.
#[cfg(target_arch = "x86_64")]
fn repetition(flops: usize) -> Option<Repetition> {
    let burn: fn(usize) -> f32 = if is_x86_feature_detected!("avx512f") {
        // SAFETY: the processor has the feature, as asked above.
        |flops| unsafe { x86::avx512(flops) }
    } else if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        // SAFETY: as above.
        |flops| unsafe { x86::avx2(flops) }
    } else {
        return None;
    };
    Some(Box::new(move || common::protocol::time(|| rayon::broadcast(|_| burn(flops)))))
}

#[cfg(not(target_arch = "x86_64"))]
fn repetition(_flops: usize) -> Option<Repetition> {
    None
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        _mm256_add_ps, _mm256_cvtss_f32, _mm256_fmadd_ps, _mm256_set1_ps, _mm512_add_ps, _mm512_cvtss_f32,
        _mm512_fmadd_ps, _mm512_set1_ps,
    };
    use std::hint::black_box;

    /// Sums that do not wait for each other: a fused multiply-add takes four cycles, and two start in each.
    const CHAINS: usize = 12;

    macro_rules! burn {
        ($name:ident, $features:literal, $lanes:literal, $splat:ident, $multiply_add:ident, $add:ident, $first:ident) => {
            #[target_feature(enable = $features)]
            pub fn $name(flops: usize) -> f32 {
                let mut sums = [$splat(1.0); CHAINS];
                let (factor, term) = ($splat(black_box(0.999_999)), $splat(black_box(1e-6)));
                for _ in 0..flops / (2 * $lanes * CHAINS) {
                    for sum in &mut sums {
                        *sum = $multiply_add(*sum, factor, term);
                    }
                }
                $first(sums.into_iter().fold($splat(0.0), |a, b| $add(a, b)))
            }
        };
    }

    burn!(avx512, "avx512f", 16, _mm512_set1_ps, _mm512_fmadd_ps, _mm512_add_ps, _mm512_cvtss_f32);
    burn!(avx2, "avx2,fma", 8, _mm256_set1_ps, _mm256_fmadd_ps, _mm256_add_ps, _mm256_cvtss_f32);
}
