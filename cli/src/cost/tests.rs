use serde_json::json;

use super::*;
use crate::{
    cloud::Cloud,
    model::{App, CloudSettings, Function, FunctionNote},
    overlay::Overlay,
};

fn function(memory: u32, options: serde_json::Value) -> Function {
    let deploy = if memory == 0 { json!({}) } else { json!({ "memory": memory }) };
    let note = json!({"v": 1, "name": "f", "trigger": {"kind": "http", "routes": [{"methods": ["GET"], "path": "/"}]},
        "options": options, "deploy": deploy, "module": "m", "file": "src/main.rs", "line": 1});
    serde_json::from_value::<FunctionNote>(note).unwrap().into()
}

fn app(memory: u32) -> App {
    Overlay::default().app("app", vec![function(memory, json!({}))], None).unwrap()
}

fn workload(calls: &str, millis: &str, concurrency: u32) -> Workload {
    let Calls(calls) = calls.parse().unwrap();
    Workload { durations: vec![(millis.parse().unwrap(), 1)], calls, concurrency }
}

fn estimated(app: &App, cloud: Cloud, workload: Workload, free: bool) -> Estimate {
    let workloads = vec![workload; app.functions.len()];
    estimate(app, &workloads, &[cloud], &Prices::read(None).unwrap(), free)
}

/// Millionths of the currency.
fn micros(money: Money) -> u64 {
    (serde_json::to_value(money).unwrap().as_f64().unwrap() * 1e6).round() as u64
}

#[test]
fn each_cloud_by_its_own_rules_computed_by_hand() {
    use Cloud::{Aws, Azure, Gcp};
    // Cloud, memory, calls, milliseconds, at once; what the time costs and what the calls cost, in millionths.
    let cases: [(Cloud, u32, &str, &str, u32, u64, u64); 16] = [
        // 512/1024 GiB × 0.12 s × 1 M = 60 000 GiB-s × 0.0000166667
        (Aws, 512, "1M", "120", 1, 1_000_002, 200_000),
        // An instance has one request at a time, whatever is wanted.
        (Aws, 512, "1M", "120", 50, 1_000_002, 200_000),
        // 0.4 ms is 1 ms: 0.125 × 0.001 × 1 M = 125
        (Aws, 128, "1M", "0.4", 1, 2_083, 200_000),
        (Aws, 128, "1M", "1.0001", 1, 4_167, 200_000),
        (Aws, 0, "1M", "1", 1, 2_083, 200_000),
        // 1 CPU, 0.5 GiB: (0.000024 + 0.5 × 0.0000025) × 0.4 s × 10 M / 20 = 200 000 s
        (Gcp, 512, "10M", "400", 20, 5_050_000, 4_000_000),
        (Gcp, 512, "10M", "400", 1, 101_000_000, 4_000_000),
        // 12 ms are 100 ms: 100 000 s
        (Gcp, 512, "1M", "12", 1, 2_525_000, 400_000),
        // 80 at once, by default: 0.1 × 8 M / 80 = 10 000 s
        (Gcp, 512, "8M", "100", 1000, 252_500, 3_200_000),
        // 5 GiB need 2 CPUs: (0.000048 + 5 × 0.0000025) × 1000 s
        (Gcp, 5120, "1k", "1000", 1, 60_500, 400),
        // 32 GiB need 8: (0.000192 + 32 × 0.0000025) × 1000 s
        (Gcp, 32_768, "1k", "1000", 1, 272_000, 400),
        // Microsoft's own example: an instance of 2 GB is active for an hour: 7200 GB-s × 0.000026
        (Azure, 2048, "3600", "1000", 1, 187_200, 1_440),
        // 12 ms are a second.
        (Azure, 2048, "3600", "12", 1, 187_200, 1_440),
        // 1001 ms are 1100: 0.5 GB × 1.1 s × 1 M = 550 000
        (Azure, 300, "1M", "1001", 1, 14_300_000, 400_000),
        (Azure, 4096, "1M", "1000", 10, 10_400_000, 400_000),
        // 16 requests at once, by default: 2 GB × 1 s × 16 M / 16
        (Azure, 0, "16M", "1", 1000, 52_000_000, 6_400_000),
    ];
    for (cloud, memory, calls, millis, concurrency, compute, requests) in cases {
        let estimate = estimated(&app(memory), cloud, workload(calls, millis, concurrency), false);
        let line = &estimate.lines[0];
        let what = format!("{cloud:?}, {memory} MiB, {calls} × {millis} ms, {concurrency} at once");
        assert_eq!((micros(line.compute), micros(line.requests)), (compute, requests), "{what}");
        assert_eq!(micros(line.total), compute + requests, "{what}");
    }
}

#[test]
fn arm_has_a_price_of_its_own() {
    let arm = CloudSettings { architecture: Some("arm64".to_owned()), ..CloudSettings::default() };
    let app = App { aws: arm, ..app(512) };
    let estimate = estimated(&app, Cloud::Aws, workload("1M", "120", 1), false);
    assert_eq!(micros(estimate.lines[0].compute), 800_004);
}

/// AWS's own example: 3 million calls of 120 ms with 1536 MB cost 2.73 dollars.
#[test]
fn what_is_free_is_taken_off_once_for_all_functions() {
    let estimate = estimated(&app(1536), Cloud::Aws, workload("3M", "120", 1), true);
    let total = &estimate.totals[0];
    assert_eq!(total.to_pay.to_string(), "2.73");
    assert_eq!(micros(total.to_pay) + micros(total.free.unwrap()), micros(total.total));

    let functions = vec![function(1536, json!({})), function(1536, json!({}))];
    let two = Overlay::default().app("app", functions, None).unwrap();
    let estimate = estimated(&two, Cloud::Aws, workload("1500k", "120", 1), true);
    assert_eq!(estimate.totals[0].to_pay.to_string(), "2.73");

    for cloud in Cloud::ALL {
        let little = estimated(&app(512), cloud, workload("10", "1", 1), true);
        assert_eq!(micros(little.totals[0].to_pay), 0, "{cloud:?}");
        let much = estimated(&app(512), cloud, workload("900M", "1000", 1), true);
        assert!(much.totals[0].to_pay > Money::default() && much.totals[0].to_pay < much.totals[0].total, "{cloud:?}");
    }
}

#[test]
fn the_rule_that_adds_most_stands_first() {
    let first = |cloud, memory, millis: &str| {
        let estimate = estimated(&app(memory), cloud, workload("1M", millis, 1), false);
        estimate.lines[0].rounding.first().map(|rounding| (rounding.rule, rounding.factor))
    };
    assert_eq!(first(Cloud::Aws, 128, "0.25"), Some(("each call is rounded up to 1 ms", 4.0)));
    assert_eq!(first(Cloud::Aws, 128, "7"), None);
    assert_eq!(first(Cloud::Gcp, 512, "40"), Some(("an instance's time is rounded up to 100 ms", 2.5)));
    assert_eq!(first(Cloud::Gcp, 6000, "90"), Some(("so much memory needs more than one CPU", 2.0)));
    assert_eq!(first(Cloud::Azure, 512, "10"), Some(("an instance's time is 1000 ms at least", 100.0)));
    assert_eq!(first(Cloud::Azure, 512, "1010"), Some(("an instance's time is rounded up to 100 ms", 1.09)));
    assert_eq!(
        first(Cloud::Azure, 600, "1000"),
        Some(("instances have one of three sizes, and hold all functions of an app", 3.41))
    );
}

#[test]
fn what_is_declared_bounds_what_is_at_once() {
    let app = Overlay::default().app("app", vec![function(512, json!({"concurrency": 4}))], None).unwrap();
    for (cloud, at_once) in [(Cloud::Aws, 1), (Cloud::Gcp, 4), (Cloud::Azure, 4)] {
        assert_eq!(estimated(&app, cloud, workload("1M", "100", 50), false).lines[0].concurrency, at_once);
    }
}

/// Each recorded call is rounded by itself; a mean would be billed less.
#[test]
fn recorded_calls_are_rounded_each() {
    let durations = vec![(Micros(10_000), 1), (Micros(190_000), 1)];
    let workload = Workload { durations, calls: 2_000_000, concurrency: 1 };
    let estimate = estimated(&app(512), Cloud::Gcp, workload, false);
    // 100 ms and 200 ms: 300 000 s
    assert_eq!(micros(estimate.lines[0].compute), 7_575_000);
}

/// Whatever is counted, there is a sum and no panic: also where a library is given more than the command takes.
#[test]
fn nothing_overflows() {
    let most = Workload { durations: vec![(Micros(u64::MAX), u64::MAX); 3], calls: u64::MAX, concurrency: 1 };
    for cloud in Cloud::ALL {
        for free in [false, true] {
            let functions = vec![function(u32::MAX, json!({})); 3];
            let app = Overlay::default().app("app", functions, None);
            let Ok(app) = app else { panic!("{:?}", app.map(|_| ())) };
            let estimate = estimated(&app, cloud, most.clone(), free);
            let total = estimate.totals[0].total;
            assert!(total > Money::default() && total >= estimate.totals[0].to_pay, "{cloud:?}");
            assert!(serde_json::to_string(&estimate).is_ok() && !total.to_string().is_empty());
        }
        let large = estimated(&app(4096), cloud, workload("1000000M", "86400000", 1), false);
        // A trillion calls of a day: 4 GiB × 86 400 s × 10^12, by the GiB-second.
        assert!(large.totals[0].total.to_string().len() > 12, "{cloud:?}: {}", large.totals[0].total);
    }
}

#[test]
fn a_region_without_prices_is_told() {
    let mut app = app(256);
    app.aws.region = Some("eu-central-1".to_owned());
    app.gcp.region = Some("us-central1".to_owned());
    let prices = Prices::read(None).unwrap();
    let estimate = estimate(&app, &[workload("1", "1", 1)], &Cloud::ALL, &prices, false);
    let told: Vec<_> = estimate.sources.iter().map(|source| source.instead_of.as_deref()).collect();
    assert_eq!(told, [Some("eu-central-1"), None, None]);
}
