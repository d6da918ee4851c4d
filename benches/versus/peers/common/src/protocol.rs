//! What the driver says on standard input and hears on standard output.

use std::io::{BufRead, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// Values under the name by which peers are compared.
pub type Named = (&'static str, Vec<f32>);

/// One repetition; it returns how long its timed part took.
pub type Repetition = Box<dyn FnMut() -> Duration>;

/// How long `work` takes; dropping its result is not counted.
pub fn time<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    let result = work();
    let duration = start.elapsed();
    std::hint::black_box(result);
    duration
}

/// Answers line by line:
///
/// - `run CASE SECONDS REPETITIONS` repeats a case for that long and at least so often: `OK COUNT q0 … q100`, quantiles
///   in nanoseconds, or `NONE` for a case that this peer does not have;
/// - `check CASE FOLDER` writes what the case gives, as plain f32 files: `OK` or `NONE`.
pub fn serve(
    mut prepare: impl FnMut(&str) -> Option<Repetition>,
    mut check: impl FnMut(&str) -> Option<Vec<Named>>,
) -> std::io::Result<()> {
    let mut current: Option<(String, Repetition)> = None;
    println!("READY");
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let answer = match line.split_whitespace().collect::<Vec<_>>()[..] {
            ["run", case, seconds, repetitions] => {
                if current.as_ref().is_none_or(|(name, _)| name != case) {
                    drop(current.take()); // the last case's memory goes before the next one's comes
                    current = prepare(case).map(|repetition| (case.to_owned(), repetition));
                }
                match (&mut current, seconds.parse(), repetitions.parse()) {
                    (Some((_, repetition)), Ok(seconds), Ok(repetitions)) => repeat(repetition, seconds, repetitions),
                    (None, ..) => "NONE".to_owned(),
                    _ => "ERR these are not numbers".to_owned(),
                }
            }
            ["check", case, folder] => match check(case) {
                Some(results) => {
                    write(Path::new(folder), case, &results)?;
                    "OK".to_owned()
                }
                None => "NONE".to_owned(),
            },
            _ => "ERR unknown request".to_owned(),
        };
        println!("{answer}");
        std::io::stdout().flush()?;
    }
    Ok(())
}

/// Warms up, then repeats until `seconds` have passed, at least `repetitions` times unless that takes four times as long.
fn repeat(repetition: &mut Repetition, seconds: f64, repetitions: usize) -> String {
    let start = Instant::now();
    let mut warm = 0;
    while warm < 2 || start.elapsed().as_secs_f64() < 0.15 * seconds {
        repetition();
        warm += 1;
    }
    let start = Instant::now();
    let mut nanoseconds = Vec::new();
    loop {
        nanoseconds.push(repetition().as_nanos());
        let passed = start.elapsed().as_secs_f64();
        if passed > seconds && (nanoseconds.len() >= repetitions || passed > 4.0 * seconds) {
            break;
        }
    }
    nanoseconds.sort_unstable();
    let quantiles = (0..=100).map(|percent| nanoseconds[(nanoseconds.len() - 1) * percent / 100].to_string());
    format!("OK {} {}", nanoseconds.len(), quantiles.collect::<Vec<_>>().join(" "))
}

fn write(folder: &Path, case: &str, results: &[Named]) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    for (name, values) in results {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        std::fs::write(folder.join(format!("{}.{name}.f32", case.replace([':', ','], "_").replace('/', "th"))), bytes)?;
    }
    Ok(())
}
