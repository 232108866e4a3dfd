use std::time::Duration;

/// What an app allows: how much, how many at once, how long.
///
/// ```
/// use std::time::Duration;
/// use omnifn_core::Limits;
///
/// let limits = Limits::default();
/// // Of three seconds, the last 150 ms are kept for the answer; of a minute, half a second.
/// assert_eq!(limits.time(Duration::from_secs(3)), Duration::from_millis(2850));
/// assert_eq!(limits.time(Duration::from_secs(60)), Duration::from_millis(59_500));
/// ```
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The largest request body that an extractor reads, in bytes: unless set, what the provider takes
    /// ([`Adapter::body_limit`](crate::Adapter::body_limit)).
    pub body: Option<usize>,
    /// How many invocations run at once; any number unless set.
    pub concurrency: Option<usize>,
    /// How long before the platform's deadline a function is cancelled: a twentieth of the time that there is, and half a second
    /// at most, unless set.
    pub deadline_margin: Option<Duration>,
}

/// Of the time that there is.
const PART: u32 = 20;
const MARGIN: Duration = Duration::from_millis(500);

impl Limits {
    /// The largest request body where neither the app nor the provider says another, in bytes.
    pub const BODY: usize = 32 * 1024 * 1024;

    /// How long before the deadline a function is cancelled that has so much time.
    pub fn margin(&self, remaining: Duration) -> Duration {
        self.deadline_margin.unwrap_or_else(|| MARGIN.min(remaining / PART))
    }

    /// How long a function may take that has so much time until the platform's deadline.
    pub fn time(&self, remaining: Duration) -> Duration {
        remaining.saturating_sub(self.margin(remaining))
    }
}
