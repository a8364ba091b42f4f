//! The kernel of the gates against figures that were computed elsewhere, and the properties it must have.

use proptest::prelude::*;
use serde_json::Value;
use wavegate::gates::kernel::{
    ALPHA_FAIL, ALPHA_PASS, Buckets, Sample, Standardised, Stratum, loss_rate_below, of_attempt,
    quantile_bounds,
};

fn vectors() -> Value {
    serde_json::from_str(include_str!("gate-vectors.json")).unwrap()
}

/// Equal to the six digits that the figures have.
fn same(found: f64, case: &Value, key: &str) {
    if let Some(wanted) = case[key].as_f64() {
        assert!(
            (found - wanted).abs() <= 1.5e-6,
            "{key}: {found}, wanted {wanted}: {case}"
        );
    }
}

fn check(case: &Value, sample: &Sample, m: f64) {
    same(sample.below(m), case, "pass");
    same(sample.above(m), case, "fail");
    same(sample.upper(ALPHA_PASS), case, "U");
    same(sample.lower(ALPHA_FAIL), case, "L");
    let verdict = if sample.above(m) >= -ALPHA_FAIL.ln() {
        "fail"
    } else if sample.below(m) >= -ALPHA_PASS.ln() {
        "pass"
    } else {
        "inconclusive"
    };
    assert_eq!(case["verdict"], verdict, "{case}");
}

#[test]
fn pairs_and_blocks_agree_with_the_vectors() {
    let vectors = vectors();
    let cases = vectors["kernel"]["paired_success"]["cases"]
        .as_array()
        .unwrap();
    assert_eq!(cases.len(), 12);
    for case in cases {
        let of = |key: &str| case[key].as_u64().unwrap();
        check(case, &Sample::pairs(of("b"), of("z"), of("c")), 0.01);
    }
    let cases = vectors["kernel"]["block_means"]["cases"]
        .as_array()
        .unwrap();
    assert_eq!(cases.len(), 2);
    for case in cases {
        let cells = case["cells"].as_array().unwrap();
        let cells = cells
            .iter()
            .map(|cell| (cell[0].as_f64().unwrap(), cell[1].as_u64().unwrap()));
        check(case, &Sample::new(-1.0, 1.0, cells), 0.01);
    }
}

#[test]
fn wins_agree_with_the_vectors() {
    let vectors = vectors();
    let cases = vectors["kernel"]["latency_wins"]["cases"]
        .as_array()
        .unwrap();
    assert_eq!(cases.len(), 3);
    for case in cases {
        let (wins, n) = (case["wins"].as_u64().unwrap(), case["n"].as_u64().unwrap());
        let sample = Sample::new(0.0, 1.0, [(1.0, wins), (0.0, n - wins)]);
        // Here more is better: evidence above passes, below fails.
        same(sample.above(0.5), case, "pass");
        same(sample.below(0.5), case, "fail");
        same(sample.lower(ALPHA_PASS), case, "L");
        same(sample.upper(ALPHA_FAIL), case, "U");
    }
}

#[test]
fn clean_events_rule_out_a_loss_rate() {
    let vectors = vectors();
    let case = &vectors["parity"][0];
    same(
        loss_rate_below(case["n"].as_u64().unwrap(), ALPHA_PASS),
        case,
        "loss_rate_below",
    );
    assert_eq!(loss_rate_below(0, ALPHA_PASS), 1.0);
}

#[test]
fn attempts_share_their_alpha() {
    let sum: f64 = (1..100_000).map(|r| of_attempt(0.05, r)).sum();
    assert_eq!(of_attempt(0.05, 1), 0.05);
    assert!(sum < 0.075 && sum > 0.0749, "{sum}");
}

#[test]
fn nothing_and_very_much_stay_finite() {
    let nothing = Sample::split(0.1, 0, 0, 0);
    assert_eq!((nothing.below(0.01), nothing.above(0.01)), (0.0, 0.0));
    assert_eq!(
        (nothing.upper(0.05), nothing.lower(0.01)),
        (10.0, -1.0 / 0.9)
    );
    let much = Sample::split(0.5, 10_000_000, 1_000_000_000, 10_000_000);
    assert!(much.below(0.01).is_finite() && much.above(0.01).is_finite());
    let (lower, upper) = (much.lower(0.01), much.upper(0.05));
    assert!(
        lower < 0.0 && 0.0 < upper && upper - lower < 1e-3,
        "{lower} {upper}"
    );
    let most = Sample::pairs(u64::MAX, u64::MAX, u64::MAX);
    assert!(!most.below(0.01).is_nan() && !most.upper(0.05).is_nan());
}

#[test]
fn one_stratum_has_the_exact_bounds_of_a_poisson_count() {
    let of = |failed, ended| {
        Standardised::of([Stratum {
            share: 1.0,
            ended,
            failed,
        }])
    };
    // Garwood's interval of 10 of 1,000, 95 % two-sided: 4.795 to 18.390.
    let ten = of(10, 1000);
    assert!((ten.lower(0.025) - 0.004_795_4).abs() < 1e-6);
    assert!((ten.upper(0.025) - 0.018_390_4).abs() < 1e-6);
    assert_eq!(of(0, 50).lower(0.025), 0.0);
    // -ln(0.025) of 50.
    assert!((of(0, 50).upper(0.025) - 3.688_879 / 50.0).abs() < 1e-6);
    assert_eq!((of(0, 0).lower(0.025), of(0, 0).upper(0.025)), (0.0, 1.0));
    assert_eq!(of(50, 50).upper(0.025), 1.0);
    let many = of(1_000_000, 2_000_000);
    assert!((many.lower(0.025) - 0.499).abs() < 1e-3 && (many.upper(0.025) - 0.501).abs() < 1e-3);
}

/// Strata of every size, weighed to another mix: the bound is wrong as seldom as it says.
#[test]
fn standardised_bounds_hold_the_rate_of_another_mix() {
    const ALPHA: f64 = 0.025;
    const RUNS: u32 = 4000;
    let mut random = fastrand::Rng::with_seed(7);
    // Calls and rate before, share now.
    for strata in [
        vec![(9_800_u64, 0.001, 0.5), (200, 0.1, 0.5)],
        vec![(50, 0.1, 0.1); 10],
        vec![(1_000, 0.02, 0.01), (30, 0.02, 0.99)],
        vec![(5_000, 0.5, 0.02), (5_000, 0.0, 0.98)],
    ] {
        let truth: f64 = strata.iter().map(|(_, rate, share)| rate * share).sum();
        let (mut low, mut high) = (0, 0);
        for _ in 0..RUNS {
            let measured = Standardised::of(strata.iter().map(|(ended, rate, share)| Stratum {
                share: *share,
                ended: *ended,
                failed: (0..*ended).filter(|_| random.f64() < *rate).count() as u64,
            }));
            low += u32::from(measured.lower(ALPHA) > truth);
            high += u32::from(measured.upper(ALPHA) < truth);
        }
        // Four standard deviations above what is allowed.
        let most = f64::from(RUNS) * ALPHA + 4.0 * (f64::from(RUNS) * ALPHA).sqrt();
        assert!(
            f64::from(low.max(high)) <= most,
            "{low} {high} of {RUNS}: {strata:?}"
        );
    }
}

#[test]
fn edges_and_buckets_agree() {
    for bucket in 1..479 {
        let edge = Buckets::edge(bucket);
        assert_eq!(Buckets::of(edge * 0.999_999), bucket);
        assert_eq!(Buckets::of(edge * 1.000_001), bucket + 1);
    }
    assert_eq!(Buckets::of(f64::NAN), 0);
    assert_eq!(Buckets::of(-5.0), 0);
    assert_eq!(Buckets::of(f64::INFINITY), 479);
}

#[test]
fn quantile_bounds_close_in() {
    let mut buckets = Buckets::default();
    assert_eq!(quantile_bounds(&buckets, 0.95, 0.05), (0.0, f64::INFINITY));
    // 1..=1000 ms, 20 times each.
    for ms in 1..=1000 {
        buckets.add(Buckets::of(f64::from(ms)), 20);
    }
    let (low, high) = quantile_bounds(&buckets, 0.95, 0.05);
    assert!(
        low < 950.0 && 950.0 <= high && high / low < 1.15,
        "{low} {high}"
    );
    let known = buckets.quantile(0.95).unwrap();
    assert!((low..=high).contains(&known), "{low} {known} {high}");
}

proptest! {
    #[test]
    fn evidence_is_monotone_in_the_margin(b in 0u64..300, z in 0u64..5000, c in 0u64..300, m in -0.5f64..0.5, more in 0.0f64..0.4) {
        let sample = Sample::pairs(b, z, c);
        prop_assert!(sample.below(m) <= sample.below(m + more) + 1e-9);
        prop_assert!(sample.above(m) >= sample.above(m + more) - 1e-9);
    }

    #[test]
    fn an_agreeing_event_never_lowers_its_side(share in 0.02f64..0.98, b in 0u64..300, z in 0u64..5000, c in 0u64..300, m in 0.0f64..0.1) {
        let before = Sample::split(share, b, z, c);
        let worse = Sample::split(share, b + 1, z, c);
        let better = Sample::split(share, b, z, c + 1);
        prop_assert!(worse.above(m) >= before.above(m) - 1e-9);
        prop_assert!(better.below(m) >= before.below(m) - 1e-9);
        // A success says "below" whenever the margin is not negative.
        prop_assert!(Sample::split(share, b, z + 1, c).below(m) >= before.below(m) - 1e-9);
    }

    #[test]
    fn the_two_sides_mirror_each_other(b in 0u64..300, z in 0u64..5000, c in 0u64..300, m in -0.5f64..0.5) {
        let (one, other) = (Sample::pairs(b, z, c), Sample::pairs(c, z, b));
        prop_assert!((one.below(m) - other.above(-m)).abs() < 1e-9);
        prop_assert!((one.upper(0.05) + other.lower(0.05)).abs() < 1e-9);
    }

    #[test]
    fn bounds_agree_with_the_verdict(share in 0.02f64..0.98, b in 0u64..300, z in 0u64..20_000, c in 0u64..300, m in 0.0f64..0.2) {
        let sample = Sample::split(share, b, z, c);
        let (upper, lower) = (sample.upper(ALPHA_PASS), sample.lower(ALPHA_FAIL));
        prop_assert!(lower <= upper);
        if (upper - m).abs() > 1e-9 {
            prop_assert_eq!(upper < m, sample.below(m) >= -ALPHA_PASS.ln());
        }
        if (lower - m).abs() > 1e-9 {
            prop_assert_eq!(lower > m, sample.above(m) >= -ALPHA_FAIL.ln());
        }
    }

    #[test]
    fn merged_buckets_are_the_buckets_of_all(a in proptest::collection::vec(0.1f64..1e6, 0..200), b in proptest::collection::vec(0.1f64..1e6, 0..200)) {
        let of = |values: &[f64]| {
            let mut buckets = Buckets::default();
            for ms in values {
                buckets.add(Buckets::of(*ms), 1);
            }
            buckets
        };
        let mut merged = of(&a);
        merged.merge(&of(&b));
        let all: Vec<f64> = a.iter().chain(&b).copied().collect();
        prop_assert_eq!(&merged, &of(&all));
        let (low, high) = quantile_bounds(&merged, 0.9, 0.05);
        if let Some(q) = merged.quantile(0.9) {
            prop_assert!(low <= q && q <= high);
        }
    }
}
