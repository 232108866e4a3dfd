use std::time::Duration;

/// The limits of an app: sizes, concurrency, and time.
///
/// ```
/// use std::time::Duration;
/// use omnifn_core::Limits;
///
/// let limits = Limits::default();
/// // The last 150 ms of three seconds are kept for the response, and half a second of a minute.
/// assert_eq!(limits.time(Duration::from_secs(3)), Duration::from_millis(2850));
/// assert_eq!(limits.time(Duration::from_secs(60)), Duration::from_millis(59_500));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The largest request body that an extractor reads, in bytes. The default is the provider's limit
    /// ([`Adapter::body_limit`](crate::Adapter::body_limit)).
    pub body: Option<usize>,
    /// The number of invocations that run at once. There is no limit by default.
    pub concurrency: Option<usize>,
    /// The time before the platform's deadline at which a function is cancelled. The default is a twentieth of the available time, and half a second
    /// at most.
    pub deadline_margin: Option<Duration>,
}

/// The margin is one part in this many of the available time.
const PART: u32 = 20;
const MARGIN: Duration = Duration::from_millis(500);

impl Limits {
    /// The largest request body if neither the app nor the provider sets a limit, in bytes.
    pub const BODY: usize = 32 * 1024 * 1024;

    /// Returns how long before the deadline a function is cancelled that has this much time.
    pub fn margin(&self, remaining: Duration) -> Duration {
        self.deadline_margin.unwrap_or_else(|| MARGIN.min(remaining / PART))
    }

    /// Returns how long a function may take that has this much time until the platform's deadline.
    pub fn time(&self, remaining: Duration) -> Duration {
        remaining.saturating_sub(self.margin(remaining))
    }
}
