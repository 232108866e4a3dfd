//! Each decoder and encoder alone: `cargo bench -p omnifn-bench --bench codecs`, with a part of a name to run those alone.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use omnifn_bench::codecs;

fn each(criterion: &mut Criterion) {
    for codec in codecs::all() {
        criterion.bench_function(&format!("decode {}", codec.name), |bencher| {
            bencher.iter_batched(|| codec.message(), |message| black_box(codec.decode(message)), BatchSize::SmallInput);
        });
        criterion.bench_function(&format!("decode and encode {}", codec.name), |bencher| {
            bencher.iter_batched(|| codec.message(), |message| black_box(codec.answer(message)), BatchSize::SmallInput);
        });
    }
}

criterion_group!(benches, each);
criterion_main!(benches);
