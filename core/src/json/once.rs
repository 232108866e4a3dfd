//! Names that must not come twice.

/// Puts a value into its place; `None` where there is one already.
///
/// ```
/// let mut place = None;
/// assert_eq!([1, 2].map(|value| omnifn_core::json::once(&mut place, value)), [Some(()), None]);
/// ```
pub fn once<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.replace(value).is_none().then_some(())
}

/// Which of the names of an object were there so far, where a place cannot say it: `null` leaves it as it was.
///
/// ```
/// let (mut seen, mut place) = (omnifn_core::json::Seen::default(), None);
/// assert_eq!([None, Some(1)].map(|value| seen.once(0, &mut place, value)), [Some(()), None]);
/// ```
#[derive(Debug, Default)]
pub struct Seen(u32);

impl Seen {
    /// Puts the value of the `key`-th name, of 32 at most, into its place; `None` where that name was there already.
    #[inline]
    pub fn once<T>(&mut self, key: u8, place: &mut T, value: T) -> Option<()> {
        let bit = 1_u32.checked_shl(u32::from(key))?;
        let is_first = self.0 & bit == 0;
        self.0 |= bit;
        *place = value;
        is_first.then_some(())
    }
}
