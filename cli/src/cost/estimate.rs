use serde::Serialize;

use super::{Money, Prices, Source, Workload};
use crate::{
    cloud::Cloud,
    model::{App, Class, Function},
    plan::{self, google::cpus},
    support::{limits, rules::shared_memory},
};

/// What a month costs.
#[derive(Debug, Clone, Serialize)]
pub struct Estimate {
    /// Each function on each cloud.
    pub lines: Vec<Line>,
    /// Each cloud.
    pub totals: Vec<Total>,
    /// When the prices were read.
    pub prices_date: String,
    /// In which money.
    pub currency: String,
    /// Where the prices are from.
    pub sources: Vec<Source>,
}

/// A function on a cloud.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    /// The function.
    pub function: String,
    /// The cloud.
    pub cloud: &'static str,
    /// How many calls there are.
    pub calls: u64,
    /// How many of them share an instance.
    pub concurrency: u32,
    /// The memory that is billed, in MiB.
    pub memory: u32,
    /// The CPUs that are billed, where they are billed by themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpus: Option<u32>,
    /// The time that is billed, in seconds.
    pub billed_seconds: f64,
    /// What the time costs.
    pub compute: Money,
    /// What the calls cost.
    pub requests: Money,
    /// Both.
    pub total: Money,
    /// What rounding makes of it, that which adds most first.
    pub rounding: Vec<Rounding>,
    #[serde(skip)]
    used: Used,
}

/// How a cloud rounds up.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rounding {
    /// The rule.
    pub rule: &'static str,
    /// By how much it makes the bill of time larger.
    pub factor: f64,
}

/// A cloud's sum.
#[derive(Debug, Clone, Serialize)]
pub struct Total {
    /// The cloud.
    pub cloud: &'static str,
    /// All functions together.
    pub total: Money,
    /// What of that is free each month, where that is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub free: Option<Money>,
    /// What is to be paid.
    pub to_pay: Money,
}

/// What is used of what has a price: memory and CPUs, each times microseconds.
#[derive(Debug, Clone, Copy, Default)]
struct Used {
    memory: u128,
    cpu: u128,
}

/// MiB and microseconds in a GiB for a second.
const GIB_SECOND: u128 = 1024 * SECOND;
const SECOND: u128 = 1_000_000;
const MILLION: u128 = 1_000_000;

/// What a month of these functions costs on each of these clouds; `free` takes off what is free in an account each month.
pub fn estimate(app: &App, workloads: &[Workload], clouds: &[Cloud], prices: &Prices, free: bool) -> Estimate {
    let mut lines = Vec::with_capacity(workloads.len() * clouds.len());
    for (function, workload) in app.functions.iter().zip(workloads) {
        for cloud in clouds {
            lines.push(match cloud {
                Cloud::Aws => aws(app, function, workload, prices),
                Cloud::Gcp => gcp(app, function, workload, prices),
                Cloud::Azure => azure(app, function, workload, prices),
            });
        }
    }
    let totals = clouds.iter().map(|cloud| total(app, *cloud, &lines, prices, free)).collect();
    let sources = clouds.iter().map(|cloud| source(app, *cloud, prices)).collect();
    Estimate { lines, totals, prices_date: prices.date.clone(), currency: prices.currency.clone(), sources }
}

/// Lambda: each call alone, to the millisecond.
fn aws(app: &App, function: &Function, workload: &Workload, prices: &Prices) -> Line {
    let memory = shared_memory(app, function).unwrap_or(limits::AWS_MEMORY_MIN.value).max(limits::AWS_MEMORY_MIN.value);
    let micros = workload.billed(|took| up(took, 1_000));
    let used = Used { memory: times(memory, micros), cpu: 0 };
    let rounding =
        vec![Rounding { rule: "each call is rounded up to 1 ms", factor: factor(micros, workload.billed(exactly)) }];
    let compute = aws_price(app, prices).times(used.memory, GIB_SECOND);
    let requests = prices.aws.million_requests.times(workload.calls.into(), MILLION);
    Line { memory, concurrency: 1, ..line(function, Cloud::Aws, workload, micros, used, compute, requests, rounding) }
}

fn aws_price(app: &App, prices: &Prices) -> Money {
    match app.aws.architecture.as_deref() {
        Some("arm64") => prices.aws.gb_second.arm64,
        _ => prices.aws.gb_second.x86_64,
    }
}

/// Cloud Run, billed by request: an instance's time while it has any, in steps of 100 ms.
fn gcp(app: &App, function: &Function, workload: &Workload, prices: &Prices) -> Line {
    let memory = plan::google::memory(shared_memory(app, function));
    let cpus = cpus(memory);
    let most = function.options.concurrency.unwrap_or(limits::GCP_CONCURRENCY_DEFAULT.value);
    let concurrency = workload.concurrency.min(most).max(1);
    let shared = |micros: u128| micros.div_ceil(concurrency.into());
    let (billed, raw) = (workload.billed(|took| up(took, 100_000)), workload.billed(exactly));
    let micros = shared(billed);
    let used = Used { memory: times(memory, micros), cpu: times(cpus, micros) };
    let rounding = vec![
        Rounding { rule: "an instance's time is rounded up to 100 ms", factor: factor(billed, raw) },
        Rounding { rule: "so much memory needs more than one CPU", factor: f64::from(cpus) },
    ];
    let compute = prices.gcp.vcpu_second.times(used.cpu, SECOND) + prices.gcp.gib_second.times(used.memory, GIB_SECOND);
    let requests = prices.gcp.million_requests.times(workload.calls.into(), MILLION);
    let line = line(function, Cloud::Gcp, workload, micros, used, compute, requests, rounding);
    Line { memory, concurrency, cpus: Some(cpus), ..line }
}

/// Flex Consumption on demand: an instance's time while it has anything to do, a second at least, then in steps of 100 ms.
fn azure(app: &App, function: &Function, workload: &Workload, prices: &Prices) -> Line {
    let memory = plan::azure::memory(shared_memory(app, function));
    let usual = if matches!(function.trigger.class(), Class::Http | Class::Invoke) {
        limits::AZURE_CONCURRENCY.value
    } else {
        u32::MAX
    };
    let concurrency = workload.concurrency.min(function.options.concurrency.unwrap_or(usual)).max(1);
    let shared = |micros: u128| micros.div_ceil(concurrency.into());
    let at_least = workload.billed(|took| took.max(1_000_000));
    let billed = workload.billed(|took| up(took.max(1_000_000), 100_000));
    let micros = shared(billed);
    let used = Used { memory: times(memory, micros), cpu: 0 };
    let wanted = function.deploy.memory.unwrap_or(memory);
    let rounding = vec![
        Rounding { rule: "an instance's time is 1000 ms at least", factor: factor(at_least, workload.billed(exactly)) },
        Rounding { rule: "an instance's time is rounded up to 100 ms", factor: factor(billed, at_least) },
        Rounding {
            rule: "instances have one of three sizes, and hold all functions of an app",
            factor: factor(memory.into(), wanted.into()),
        },
    ];
    let compute = prices.azure.gb_second.times(used.memory, GIB_SECOND);
    let requests = prices.azure.million_requests.times(workload.calls.into(), MILLION);
    Line { memory, concurrency, ..line(function, Cloud::Azure, workload, micros, used, compute, requests, rounding) }
}

#[allow(clippy::too_many_arguments, reason = "each is a part of the line that is made")]
fn line(
    function: &Function,
    cloud: Cloud,
    workload: &Workload,
    micros: u128,
    used: Used,
    compute: Money,
    requests: Money,
    mut rounding: Vec<Rounding>,
) -> Line {
    rounding.retain(|rounding| rounding.factor > 1.0);
    rounding.sort_by(|a, b| b.factor.total_cmp(&a.factor));
    Line {
        function: function.name.clone(),
        cloud: cloud.name(),
        calls: workload.calls,
        concurrency: 1,
        memory: 0,
        cpus: None,
        billed_seconds: micros as f64 / 1e6,
        compute,
        requests,
        total: compute + requests,
        rounding,
        used,
    }
}

fn total(app: &App, cloud: Cloud, lines: &[Line], prices: &Prices, free: bool) -> Total {
    let own = || lines.iter().filter(|line| line.cloud == cloud.name());
    let total: Money = own().map(|line| line.total).sum();
    let memory = own().map(|line| line.used.memory).fold(0, u128::saturating_add);
    let cpu = own().map(|line| line.used.cpu).fold(0, u128::saturating_add);
    let calls: u128 = own().map(|line| u128::from(line.calls)).sum();
    let of_time = |price: Money, seconds: u64| price.times(memory.min(u128::from(seconds) * GIB_SECOND), GIB_SECOND);
    let of_calls = |price: Money, requests: u64| price.times(calls.min(requests.into()), MILLION);
    let saved = match cloud {
        Cloud::Aws => {
            let free = prices.aws.free;
            of_time(aws_price(app, prices), free.gb_seconds) + of_calls(prices.aws.million_requests, free.requests)
        }
        Cloud::Gcp => {
            let free = prices.gcp.free;
            let of_cpu = prices.gcp.vcpu_second.times(cpu.min(u128::from(free.vcpu_seconds) * SECOND), SECOND);
            of_cpu
                + of_time(prices.gcp.gib_second, free.gib_seconds)
                + of_calls(prices.gcp.million_requests, free.requests)
        }
        Cloud::Azure => {
            let free = prices.azure.free;
            of_time(prices.azure.gb_second, free.gb_seconds) + of_calls(prices.azure.million_requests, free.requests)
        }
    };
    // Each line is rounded by itself: what is free is never more than all of them.
    let saved = free.then_some(saved.min(total));
    Total { cloud: cloud.name(), total, free: saved, to_pay: total - saved.unwrap_or_default() }
}

fn source(app: &App, cloud: Cloud, prices: &Prices) -> Source {
    let (region, source, configured) = match cloud {
        Cloud::Aws => (&prices.aws.region, &prices.aws.source, &app.aws.region),
        Cloud::Gcp => (&prices.gcp.region, &prices.gcp.source, &app.gcp.region),
        Cloud::Azure => (&prices.azure.region, &prices.azure.source, &app.azure.region),
    };
    // `us-central1 (tier 1)`
    let name = region.split(' ').next().unwrap_or_default();
    let instead_of = configured.clone().filter(|configured| configured != name);
    Source { cloud: cloud.name(), region: region.clone(), source: source.clone(), instead_of }
}

fn times(many: u32, micros: u128) -> u128 {
    micros.saturating_mul(many.into())
}

const fn up(micros: u64, step: u64) -> u64 {
    micros.div_ceil(step).saturating_mul(step)
}

const fn exactly(micros: u64) -> u64 {
    micros
}

/// How many times as much, to a hundredth.
fn factor(of: u128, by: u128) -> f64 {
    (of as f64 / (by.max(1)) as f64 * 100.0).round() / 100.0
}
