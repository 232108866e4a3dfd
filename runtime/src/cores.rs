//! How many cores there are for this process.

#[cfg(target_os = "linux")]
use crate::env;

/// The cores that the process may run on, and no more than its cgroups let it use.
///
/// `std` counts the same. But there, looking for the place where cgroups are mounted is larger than a server's reading of requests; here
/// they are where they always are.
#[cfg(target_os = "linux")]
pub(crate) fn cores() -> usize {
    let cores = rustix::thread::sched_getaffinity(None).map_or(1, |set| set.count().max(1) as usize);
    quota(&read).map_or(cores, |quota| quota.clamp(1, cores))
}

/// The text of a file; nothing where there is none.
#[cfg(target_os = "linux")]
#[inline(never)]
fn read(path: &str) -> String {
    env::file(path).unwrap_or_default()
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// The least of the quotas of the cgroups that the process is in, in whole cores.
#[cfg(target_os = "linux")]
fn quota(read: &dyn Fn(&str) -> String) -> Option<usize> {
    let mut least = None;
    for group in read("/proc/self/cgroup").as_bytes().split(|byte| *byte == b'\n') {
        // A number, the controllers, the path.
        let Some(path) = group.iter().position(|byte| *byte == b'/') else { continue };
        let (kind, path) = group.split_at(path);
        let root = match kind {
            b"0::" => "/sys/fs/cgroup",
            _ if kind.split(|byte| b":,".contains(byte)).any(|controller| controller == b"cpu") => "/sys/fs/cgroup/cpu",
            _ => continue,
        };
        let mut folder = root.to_owned();
        folder.push_str(&String::from_utf8_lossy(path));
        // Each group is within those above it. One that a container does not see is left out.
        while folder.len() >= root.len() {
            let mut text = String::new();
            // The second version has the first of these files, the first version the others.
            for name in ["/cpu.max", "/cpu.cfs_quota_us", "/cpu.cfs_period_us"] {
                let length = folder.len();
                folder.push_str(name);
                text.push_str(&read(&folder));
                folder.truncate(length);
            }
            if let Some(here) = whole_cores(&text) {
                least = Some(least.map_or(here, |least: usize| least.min(here)));
            }
            folder.truncate(folder.bytes().rposition(|byte| byte == b'/').unwrap_or(0));
        }
    }
    least
}

/// A quota divided by the period behind it; nothing where it is `max` or -1.
#[cfg(target_os = "linux")]
fn whole_cores(text: &str) -> Option<usize> {
    let (mut quota, mut period) = (0, 0_usize);
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' => period = period.checked_mul(10)?.checked_add(usize::from(byte - b'0'))?,
            // The line's own end is behind the second number.
            b' ' | b'\n' if quota == 0 => quota = std::mem::take(&mut period),
            b'\n' => {}
            _ => return None,
        }
    }
    quota.checked_div(period)
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    #[test]
    fn they_are_as_many_as_std_counts() {
        assert_eq!(Some(cores()), std::thread::available_parallelism().ok().map(std::num::NonZero::get));
    }

    fn of(files: &[(&str, &str)]) -> Option<usize> {
        quota(&|path| {
            files.iter().find(|(known, _)| *known == path).map(|(_, text)| (*text).to_owned()).unwrap_or_default()
        })
    }

    #[test]
    fn the_least_quota_of_all_groups_counts() {
        let group = ("/proc/self/cgroup", "0::/a/b\n");
        assert_eq!(of(&[group]), None);
        assert_eq!(of(&[group, ("/sys/fs/cgroup/a/b/cpu.max", "max 100000\n")]), None);
        assert_eq!(of(&[group, ("/sys/fs/cgroup/a/b/cpu.max", "250000 100000\n")]), Some(2));
        assert_eq!(of(&[group, ("/sys/fs/cgroup/a/b/cpu.max", "50000 100000\n")]), Some(0));
        let above = ("/sys/fs/cgroup/a/cpu.max", "400000 100000\n");
        assert_eq!(of(&[group, above]), Some(4));
        assert_eq!(of(&[group, ("/sys/fs/cgroup/a/b/cpu.max", "800000 100000\n"), above]), Some(4));
        assert_eq!(of(&[("/proc/self/cgroup", "0::/\n"), ("/sys/fs/cgroup/cpu.max", "300000 100000\n")]), Some(3));
    }

    #[test]
    fn the_first_version_of_cgroups_has_two_files() {
        let group = ("/proc/self/cgroup", "9:cpuset:/\n3:cpu,cpuacct:/docker/a\n0::/\n");
        let period = ("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
        assert_eq!(of(&[group, ("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n"), period]), None);
        assert_eq!(of(&[group, ("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "200000\n"), period]), Some(2));
        assert_eq!(of(&[group, ("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "200000\n")]), None);
    }
}
